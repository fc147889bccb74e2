"""Passports and permits, all by cue: without one they look like coupons and part numbers."""

import re

from heedful.ingest.redaction import checks
from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign, value

_GAP = r"[^A-Za-z0-9<。!?\n]{0,12}"

PASSPORT = Recogniser(
    Kind.PASSPORT,
    re.compile(
        rf"(?:护照|護照|passport|Passport|PASSPORT){_GAP}"
        r"(?:[Nn]umber|NUMBER|[Nn]o\.?|NO\.?|#|is|was|:| ){0,8}"
        r"(?P<value>(?:[EGDSKHegdskh][A-HJ-NP-Za-hj-np-z]?|[PMpm][EAea]|[PSDpsd]\.?|1[45])[0-9]{7,8}"
        r"|[A-Za-z]{0,2}[0-9]{7,9})(?![A-Za-z0-9])"
    ),
    value,
    needs=Sign.NUMBER,
)
"""Mainland China: E or G with 8 digits, E with a letter and 7, D, S and P (DE, SE, PE, "P.") of
officials, 14 or 15 with 7; Hong Kong K or H, Macau MA; elsewhere 7 to 9 digits with up to two
letters (National Immigration Administration; ICAO Doc 9303-4 §4.2.2)."""

_PERMIT_CUE = (
    r"(?:通行证|回乡证|台胞证|台湾证|入台证|往来证|港澳证|居住证|还乡证|return permit"
    r"|travel permit)"
)

PERMIT = Recogniser(
    Kind.PERMIT,
    re.compile(
        rf"{_PERMIT_CUE}{_GAP}"
        r"(?P<value>[CWLTHMcwlthm][A-Za-z]?[0-9]{7,10}|[0-9]{8}(?:[0-9]{2})?)(?![A-Za-z0-9])"
    ),
    value,
    needs=Sign.NUMBER,
)
"""Permits to and from Hong Kong, Macau and Taiwan: C, W, L or T with 8 digits or a letter and 7; H
or M with 8 or 10; 8 or 10 digits alone (National Immigration Administration)."""


def _checked_hong_kong_id(found: Match) -> Place | None:
    bare = (found["own"] + found["check"]).upper()
    return found.span() if checks.hong_kong_id(bare) else None


HONG_KONG_ID = Recogniser(
    Kind.PERMIT,
    re.compile(r"(?P<own>[A-Za-z](?<![A-Za-z0-9].)[A-Za-z]?[0-9]{6})\((?P<check>[0-9Aa])\)"),
    _checked_hong_kong_id,
    needs=Sign.NUMBER | Sign.LETTER,
)
"""The check digit in parentheses says what it is (Hong Kong Immigration Department)."""

TAIWAN_ID = Recogniser(
    Kind.PERMIT,
    re.compile(
        rf"(?:身份证|身分证|身分證|身份證|HKID){_GAP}"
        r"(?P<value>[A-Za-z][1289][0-9]{8}|[A-Za-z]{1,2}[0-9]{6}\(?[0-9Aa]\)?)(?![A-Za-z0-9])"
    ),
    value,
    needs=Sign.NUMBER | Sign.LETTER,
)
"""A Taiwanese or Hong Kong identity number after the words for one."""

MILITARY = Recogniser(
    Kind.PERMIT,
    re.compile(
        r"(?:证(?<=军官.|士兵.|文职.|警官.|学员.|军人.)[^0-9<。!?\n]{0,10}"
        r"|证(?<=义务兵.)[^0-9<。!?\n]{0,10}"
        r"|字(?<=[军海空南北沈兰成济广参政后装].)第?)(?P<value>[0-9]{6,8})(?![0-9])"
    ),
    lambda found: _with_prefix(found),
    needs=Sign.NUMBER | Sign.OTHER,
)
"""Military identity cards: 军字第 and 7 or 8 digits."""

_PREFIX = re.compile(r"[\u4e00-\u9fff]字第?$")


def _with_prefix(found: Match) -> Place | None:
    """With the character of the service and 号."""
    start, end = found.span("value")
    prefix = _PREFIX.search(found.string, max(0, start - 4), start)
    last = end + 1 if found.string.startswith("号", end) else end
    return (prefix.start() if prefix else start), (last if prefix else end)


RECOGNISERS = (PASSPORT, PERMIT, HONG_KONG_ID, TAIWAN_ID, MILITARY)
