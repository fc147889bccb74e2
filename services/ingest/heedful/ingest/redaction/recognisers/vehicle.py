"""Number plates and vehicle identification numbers."""

import re

from heedful.ingest.redaction import checks
from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign, value

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SERIAL = "A-HJ-NP-Za-hj-np-z"
_NUMERALS = "0-9零〇幺一二三四五六七八九"
_DIGIT = re.compile(f"[{_NUMERALS}]")
_ENDS = re.compile(r"元|块|台|款|公里|毫安|型|系列|股|级")
_WORD = re.compile(r"(?:[全最崭更重刷创革翻上]新|里云|为云|讯云|[太很]贵)$")
_LEAST_DIGITS = 3


def _plate(found: Match) -> Place | None:
    """Not a new model and not a price: at least three digits, and words that fit."""
    start, end = found.span()
    if len(_DIGIT.findall(found["serial"])) < _LEAST_DIGITS:
        return None
    if _ENDS.match(found.string, end) or _WORD.search(found.string, max(0, start - 2), start + 1):
        return None
    return start, end


PLATE = Recogniser(
    Kind.PLATE,
    re.compile(
        rf"[{_PROVINCES}][{_SERIAL}][ ·.-]?(?P<serial>"
        rf"[DFABCEGHJKdfabceghjk][{_SERIAL}{_NUMERALS}][{_NUMERALS}]{{4}}"
        rf"|[{_NUMERALS}]{{5}}[DFABCEGHJKdfabceghjk]"
        rf"|[{_SERIAL}{_NUMERALS}]{{4}}(?:[{_SERIAL}{_NUMERALS}]|[挂学警港澳领试超使]))"
        r"(?![A-Za-z0-9])"
    ),
    _plate,
    needs=Sign.LETTER | Sign.OTHER,
)
"""GA 36-2018 §5.9: province, office, five characters with at most two letters and without I and
O; the last may be 挂, 学, 警, 港, 澳 or 领. New energy: six, with D or F (since 2021 also A to K)
first or last."""

ARMED_POLICE = Recogniser(
    Kind.PLATE,
    re.compile(rf"WJ ?[{_PROVINCES}]?[ ·.-]?[0-9]{{4}}[0-9TDSHBXJ](?![A-Za-z0-9])"),
    needs=Sign.NUMBER | Sign.LETTER,
)
"""Plates of the armed police (GA 36 does not cover them; form of 2012)."""

PLATE_BY_CUE = Recogniser(
    Kind.PLATE,
    re.compile(
        r"[LNPVlnpv](?<!\w.)(?i:(?:(?<=l)icen[cs]e plate|(?<=n)umber plate"
        r"|(?<=p)late (?:no\.?|number)|(?<=v)ehicle reg(?:istration)?)\b"
        r"(?: is| was|:|#| ){0,3}(?P<value>(?=[A-Z -]{0,7}[0-9])[A-Z0-9][A-Z0-9 -]{3,7}[A-Z0-9])"
        r"(?![A-Z0-9]))"
    ),
    value,
    needs=Sign.NUMBER | Sign.LETTER,
)
"""Plates of other countries, only after the word for one."""


def _checked_vin(found: Match) -> Place | None:
    bare = found[0].upper()
    letters = sum(map(str.isalpha, bare))
    good = letters >= _LEAST_LETTERS and bare[-4:].isdigit() and checks.vin(bare)
    return found.span() if good else None


_LEAST_LETTERS = 3
_VIN = r"[A-HJ-NPR-Za-hj-npr-z0-9]"

VIN = Recogniser(
    Kind.VIN,
    re.compile(rf"{_VIN}(?<![A-Za-z0-9].){_VIN}{{16}}(?![A-Za-z0-9])"),
    _checked_vin,
    needs=Sign.NUMBER | Sign.LETTER,
)
"""ISO 3779: 17 characters without I, O and Q, here with the check digit of China and North America
and a serial number that ends in four digits."""

VIN_BY_CUE = Recogniser(
    Kind.VIN,
    re.compile(
        r"[车大底Vv](?i:(?:(?<=车)(?:架|辆识别|身号)|(?<=大)架|(?<=底)盘|(?<=v)(?<!\w.)IN)"
        r"[^A-Za-z0-9<。!?\n]{0,8}(?:number|no\.?|code|is|:| )*"
        rf"(?P<value>{_VIN}(?:[ -]?{_VIN}){{16}})(?![A-Za-z0-9]))"
    ),
    value,
    needs=Sign.NUMBER | Sign.LETTER,
)
"""Of countries without a check digit, or mistyped."""

RECOGNISERS = (VIN, VIN_BY_CUE, PLATE, ARMED_POLICE, PLATE_BY_CUE)
