"""Resident identity numbers of mainland China."""

import datetime
import re

from heedful.ingest.redaction import checks
from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign

_PROVINCES = frozenset(
    (*range(11, 16), 21, 22, 23, *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
) | {71, 81, 82, 83}
"""GB/T 2260, the first two digits; 81, 82 and 83 are of residence permits for people of Hong Kong,
Macau and Taiwan."""

_FOREIGNER = "9"
_EARLIEST, _LATEST = 1800, 2100
_OLD, _NEW = 15, 18
_SEPARATORS = re.compile(r"[ -]")


def is_resident_id(characters: str) -> bool:
    """18 bare characters: region, date and check character are right.

    GB 11643-1999; of a foreigner's permanent residence card, which has the same form since 2023,
    the region stands in places 2 and 3.
    """
    return _plausible(characters) and checks.resident_id(characters)


def _plausible(characters: str) -> bool:
    start = 1 if characters.startswith(_FOREIGNER) else 0
    if int(characters[start : start + 2]) not in _PROVINCES:
        return False
    born = characters[6:14] if len(characters) == _NEW else "19" + characters[6:12]
    year, month, day = int(born[:4]), int(born[4:6]), int(born[6:])
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return _EARLIEST <= year <= _LATEST


def _checked(found: Match) -> Place | None:
    return found.span() if is_resident_id(_bare(found[0])) else None


def _announced(found: Match) -> Place | None:
    bare = _bare(found["value"])
    return found.span("value") if len(bare) in (_OLD, _NEW) and _plausible(bare) else None


def _bare(written: str) -> str:
    return _SEPARATORS.sub("", written).upper()


# Only digits end a number: letters may touch it. One blank or hyphen may part digits. The look back
# stands behind the first character, because a class of characters is searched for many times
# faster than a look back.
BY_CHECK = Recogniser(
    Kind.ID_CARD,
    re.compile(r"[1-9](?<![0-9].)(?:[ -]?[0-9]){16}[ -]?(?:[Xx]|[0-9](?![0-9]))"),
    _checked,
    needs=Sign.NUMBER | Sign.LONG,
)
"""Needs no cue: a random number of 18 digits passes once in several thousand."""

BY_CUE = Recogniser(
    Kind.ID_CARD,
    re.compile(
        r"(?:身份证|身份證|证件|身份号|identity card|Identity card|ID card|id card|ID n|ID No)"
        r"[^0-9<。!?\n]{0,12}(?P<value>[1-9](?:[ -]?[0-9]){13,16}(?:[ -]?[0-9Xx])?)(?![0-9])"
    ),
    _announced,
    needs=Sign.NUMBER | Sign.LONG,
)
"""The 15 digits of before 1999, and 18 with one mistyped: region and date must still be right."""

RECOGNISERS = (BY_CHECK, BY_CUE)
