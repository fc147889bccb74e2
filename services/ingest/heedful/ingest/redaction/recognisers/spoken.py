"""Numbers as speech recognition writes them: 幺三九零零零零一二三四, "三个八", 嗯 between groups.

A run of numerals is cut where something stands between them. Consecutive pieces that together are
a mobile number, a resident id or a bank card are one; of a landline the word for it must stand
before. Nothing else that people count aloud has such a form.
"""

import re
from collections.abc import Callable, Iterator

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign
from heedful.ingest.redaction.recognisers.bank_card import is_bank_card
from heedful.ingest.redaction.recognisers.resident_id import is_resident_id

_VALUES = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("〇幺两洞拐勾", "012079", strict=True)),
    **{str(digit): str(digit) for digit in range(10)},
}
_WRITTEN = dict.fromkeys(range(128)) | {ord(one): one.upper() for one in "0123456789Xx"}
_NUMERALS = "零〇一幺二两三四五六七八九洞拐勾"
_ONE = rf"[{_NUMERALS}0-9]"
_COUNTED = rf"[二两三四五]个{_ONE}"
_BETWEEN = r"(?:[ ,、。.-]|嗯|呃|啊|哦|那个|然后){0,2}"

# It begins with a numeral in Chinese: plain digits are found by other rules.
_RUN = re.compile(rf"[{_NUMERALS}](?:{_BETWEEN}(?:{_COUNTED}|{_ONE}|[Xx])){{5,}}")
_LEAD = re.compile(rf"(?<![0-9])[0-9]{{1,3}}{_BETWEEN}$")
_LEAD_BACK = 8
_PIECE = re.compile(rf"(?:{_COUNTED}|{_ONE}|[Xx])+")
_TOKEN = re.compile(rf"(?P<times>[二两三四五])个(?P<digit>{_ONE})|(?P<one>{_ONE})|[Xx]")
_CUE = re.compile(r"(?:电话|座机|固话|号码|联系|手机|打|拨)[^<。!?\n]{0,8}$")
_CUE_BACK = 12
_MAX_PIECES = 24

_MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-57-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_ID_LENGTH, _CARD_LENGTHS = 18, range(15, 20)


def digits_of(words: str) -> str:
    """The digits that spoken numerals stand for; what is no numeral is left out."""
    if words.isascii():
        return words.translate(_WRITTEN)
    return "".join(map(_digits, _TOKEN.finditer(words)))


def _digits(token: Match) -> str:
    if token["times"]:
        return _VALUES[token["digit"]] * int(_VALUES[token["times"]])
    return _VALUES[token["one"]] if token["one"] else "X"


def _first(found: Match, is_one: Callable[[str], bool]) -> Place | None:
    pieces = [(one.start(), one.end(), digits_of(one[0])) for one in _pieces(found)]
    for first, (start, _, _) in enumerate(pieces):
        said = ""
        for _, end, digits in pieces[first : first + _MAX_PIECES]:
            said += digits
            if is_one(said):
                return start, end
            if len(said) >= _CARD_LENGTHS.stop:
                break
    return None


def _pieces(found: Match) -> Iterator[Match]:
    """With the digits in figures that lead: 1三九…"""
    lead = _LEAD.search(found.string, max(0, found.start() - _LEAD_BACK), found.start())
    return _PIECE.finditer(found.string, lead.start() if lead else found.start(), found.end())


def _phone(found: Match) -> Place | None:
    before = found.string[max(0, found.start() - _CUE_BACK) : found.start()]
    told = _CUE.search(before) is not None

    def is_phone(said: str) -> bool:
        return bool(_MOBILE.fullmatch(said) or (told and _LANDLINE.fullmatch(said)))

    return _first(found, is_phone)


def _id(found: Match) -> Place | None:
    return _first(found, lambda said: len(said) == _ID_LENGTH and _is_id(said))


def _is_id(said: str) -> bool:
    return said[:-1].isdigit() and is_resident_id(said)


def _card(found: Match) -> Place | None:
    return _first(found, lambda said: said.isdigit() and is_bank_card(said))


RECOGNISERS = (
    Recogniser(Kind.ID_CARD, _RUN, _id, needs=Sign.OTHER),
    Recogniser(Kind.BANK_CARD, _RUN, _card, needs=Sign.OTHER),
    Recogniser(Kind.PHONE, _RUN, _phone, needs=Sign.OTHER),
)
