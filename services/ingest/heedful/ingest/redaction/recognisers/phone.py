"""Telephone numbers in digits. Hotlines (400, 800, 95…, 12345) are no person's."""

import re

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign, value
from heedful.ingest.redaction.recognisers.naming import is_called_otherwise

_AREA = r"(?:10|2[0-57-9]|[3-9][0-9]{2})"

_PREFIX = re.compile(r"(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86)[ -]{0,2}|0)$")
_PREFIX_LENGTH = 8
# A digit or a plus, or a code of digits and letters such as a parcel's.
_OTHER_NUMBER = re.compile(r"[0-9+]$|[0-9][A-Za-z]{1,4}$")
_OTHER_LENGTH = 5


def _mobile(found: Match) -> Place | None:
    """With the country's code or the 0 of a trunk call before it, and no other digit or code."""
    start, end = found.span()
    prefix = _PREFIX.search(found.string, max(0, start - _PREFIX_LENGTH), start)
    first = prefix.start() if prefix else start
    if _OTHER_NUMBER.search(found.string, max(0, first - _OTHER_LENGTH), first):
        return None
    return first, end


MOBILE = Recogniser(
    Kind.PHONE,
    re.compile(
        r"1(?!-8(?:00|33|44|55|66|77|88)-)"
        r"(?:[ -]?[3-9](?:[ -]?[0-9]){9}|[3-9][0-9](?:(?:[.·/]| - ?| {2})[0-9]{4}){2})(?![0-9])"
    ),
    _mobile,
    needs=Sign.NUMBER,
)
"""Mainland China: 1, a digit from 3 to 9, nine more (MIIT numbering plan of 2017, network numbers
13 to 19). A run of exactly eleven digits; a word may touch it."""

_E164_LEAST, _E164_MOST = 9, 15


def _abroad(found: Match) -> Place | None:
    digits = sum(map(str.isdecimal, found[0]))
    return found.span() if _E164_LEAST <= digits <= _E164_MOST else None


INTERNATIONAL = Recogniser(
    Kind.PHONE,
    re.compile(
        r"(?:\+(?<![0-9+].)|00(?<![0-9]..)(?=(?:1|33|44|49|6[0156]|7|81|82|85[23]|886)[ .-]))"
        r"(?!86)[1-9]"
        r"(?:[ .-]?\(?[0-9]\)?){7,16}(?![0-9])"
    ),
    _abroad,
    needs=Sign.NUMBER,
)
"""ITU-T E.164: a plus and at most 15 digits; after 00 only countries that are often called."""

_DATE = re.compile(r"20[0-3][0-9][01][0-9][0-3][0-9]$")


_TOUCHING = re.compile(r"[A-Za-z.-]$")


def _landline(found: Match) -> Place | None:
    text, (start, end) = found.string, found.span()
    if found["gap"].startswith(")"):
        return (start - 1, end) if text[max(0, start - 1) : start] == "(" else None
    if found["gap"]:
        return None if _DATE.search(found["own"]) else (start, end)
    if _TOUCHING.search(text, max(0, start - 1), start) or is_called_otherwise(text, start):
        return None
    return start, end


LANDLINE = Recogniser(
    Kind.PHONE,
    re.compile(
        rf"0(?<![0-9].){_AREA}(?P<gap>\) ?|[ -]|)(?P<own>[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}})(?![0-9])"
    ),
    _landline,
    needs=Sign.NUMBER,
)
"""Mainland China: area code, 7 or 8 digits that begin with 2 to 8 and are no date. With nothing
between them it must not be called a number of something else."""

LOCAL = Recogniser(
    Kind.PHONE,
    re.compile(
        r"(?:电话|座机|固话|宅电|传真|tel|Tel|TEL|fax|Fax)(?:号码?)?(?:是|为|打|:|,| ){0,3}"
        r"(?P<value>(?![48]00)[2-8][0-9]{2,3}[ -]?[0-9]{4})(?![0-9]|[ -][0-9]|元|块)"
    ),
    value,
    needs=Sign.NUMBER,
)
"""A landline without its area code, right after the word for it."""

_NOT_FREE = r"(?!8(?:00|33|44|55|66|77|88)|900)"
_US = rf"{_NOT_FREE}[2-9][0-9]{{2}}[ .-]?[2-9][0-9]{{2}}[ .-]?[0-9]{{4}}"
_UK = r"0(?:7[0-9]{3}|20|1[0-9]{2,3})(?:[ -]?[0-9]){6,8}"

NORTH_AMERICAN = Recogniser(
    Kind.PHONE,
    re.compile(rf"\({_NOT_FREE}[2-9][0-9]{{2}}\) ?[2-9][0-9]{{2}}-[0-9]{{4}}(?![0-9])"),
    needs=Sign.NUMBER,
)
"""NANP (https://www.nanpa.com): the area code in parentheses says that it is one."""

ENGLISH_CUE = Recogniser(
    Kind.PHONE,
    re.compile(
        r"[CDFMPRTWcdfmprtw](?<!\w.)(?i:(?<=p)hone|(?<=c)(?:ell|all|ontact)"
        r"|(?<=m)(?:obile|y number)|(?<=t)(?:ext|el|elephone)|(?<=r)(?:each|ing)|(?<=f)ax"
        r"|(?<=w)hatsapp|(?<=d)ial)\b[^0-9<.!?\n]{0,24}[. ]?"
        rf"(?P<value>(?:\+?1[ .-])?(?:{_US}|{_UK}))(?![0-9]|-[0-9])"
    ),
    value,
    needs=Sign.NUMBER | Sign.WORD,
)
"""NANP and United Kingdom (Ofcom's national telephone numbering plan), after a word for it."""

RECOGNISERS = (INTERNATIONAL, NORTH_AMERICAN, MOBILE, LANDLINE, LOCAL, ENGLISH_CUE)
