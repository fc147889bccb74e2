"""Names and addresses of people, taken out of a text before it is published.

The encoder learned them from news (CLUENER). On customers' talk it is right about full names of
which it is sure, and about little else: a pet name of a clerk, a district that has no signal and
the name of a shop look the same to it. So what it finds is masked only where something else says
that a person is meant:

- a name after "我叫", "姓名", "联系人" and the like, or as the signature of a text; elsewhere a
  full name (two to four characters, no "小…", no title) of which it is very sure. Who is named once
  is masked throughout the text;
- an address after "地址", "家住", "送到" and the like, or with the number of a house, floor or room
  behind it; never the name of a shop, a station or a hospital.

What is missed stays readable: whoever has to be certain masks before sending.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from heedful.common.contracts import Replacement
from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.nlp.encoder.focus import Place
from heedful.nlp.encoder.reading import NameSpan, Reading
from heedful.nlp.encoder.tasks import NAME_KINDS
from heedful.nlp.text import Text

NAME: Final = "<name>"
ADDRESS: Final = "<address>"

_NAMED: Final = 0.5
_SIGNED: Final = 0.6
# On 6,047 reviews a brand comes up to 0.95.
_SURE: Final = 0.96
_LOCATED: Final = 0.5
_LOOK_BACK: Final = 10
_LEAST_ADDRESS: Final = 2

_SURNAMED = re.compile(r"(?:我|本人|户主|免贵)?姓\s?$")
_INTRODUCED = re.compile(
    r"(?:我叫|我是|本人|姓名|名字|称呼|联系人|收件人|收货人|户主|机主|署名|签名)[:是为叫\s]{0,3}$"
)
_SHAPE = re.compile(r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?")
_FAMILIAR = re.compile(
    r"^[小老阿大]|(?:先生|女士|小姐|师傅|大爷|大妈|阿姨|叔|伯|哥|姐|弟|妹|老师|医生|经理|总|店长|同志)$"
)
_ENDS = re.compile(r"[\s。.,!]*\Z|\s*\n")
_BEGINS = re.compile(r"(?:\A|[。.!?\n)\]」』\"'~,:])\s*\Z")
_AT_HOME = re.compile(
    r"(?:地址|住址|家住|我住|我们住|现住|家在|送到|送往|寄到|寄往|收货|门牌|户籍)[:是在为到于\s]{0,3}$"
)
_COUNT = r"(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4})"
_UNIT = rf"{_COUNT}(?:-{_COUNT})?(?:号楼|号院|号|栋|幢|单元|室|弄|楼|层|户|座)"
# "A tower's 6th floor" is where something is, not where somebody lives.
_DETAIL = re.compile(rf"(?:(?:(?!的)[\u4e00-\u9fff]){{0,6}}?{_UNIT})+")
_BUSINESS = re.compile(
    r"店|营业厅|站|超市|餐厅|小馆|饭馆|酒店|宾馆|医院|学校|大学|银行|商场|广场|公司|机场|景区|高速"
)
_AFTER_BUSINESS: Final = 4


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as it may be published, and where that differs from what came, in order."""

    text: str
    replacements: tuple[Replacement, ...] = ()


def mask(text: Text, reading: Reading | None) -> Masked:
    """The text with `<name>` and `<address>` for whom they name.

    Cut to the length that the contract allows, where placeholders make it longer.
    """
    if reading is None or not reading.names:
        return Masked(text.original)
    places = sorted({*_places(text, reading.names)})
    parts: list[str] = []
    found: list[Replacement] = []
    done = at = 0
    for (start, end), placeholder in places:
        quoted = text.span(start, end)
        if quoted.start < done:
            continue
        kept = text.original[done : quoted.start]
        parts += (kept, placeholder)
        at += len(kept)
        done, until = quoted.end, at + len(placeholder)
        if until <= MAX_TEXT_CHARS:
            found.append(
                Replacement(
                    type=placeholder.strip("<>"),
                    start=quoted.start,
                    end=quoted.end,
                    at=at,
                    until=until,
                )
            )
        at = until
    return Masked("".join((*parts, text.original[done:]))[:MAX_TEXT_CHARS], tuple(found))


def _places(text: Text, found: tuple[NameSpan, ...]) -> Iterator[tuple[Place, str]]:
    names = set()
    for one in found:
        if NAME_KINDS[one.kind] == "name":
            if _names_somebody(text.normal, one):
                names.add(text.normal[slice(*one.place)])
                yield one.place, NAME
        elif (address := _address(text.normal, one)) is not None:
            yield address, ADDRESS
    repeated = "|".join(re.escape(name) for name in sorted(names) if len(name) > 1)
    if repeated:
        for again in re.finditer(repeated, text.normal):
            yield again.span(), NAME


def _names_somebody(normal: str, found: NameSpan) -> bool:
    start, end = found.place
    words, before = normal[start:end], normal[max(0, start - _LOOK_BACK) : start]
    if _SURNAMED.search(before):
        return found.confidence >= _NAMED
    if not _SHAPE.fullmatch(words) or _FAMILIAR.search(words):
        return False
    if _INTRODUCED.search(before):
        return found.confidence >= _NAMED
    if _ENDS.match(normal, end) and _BEGINS.search(before if start else ""):
        return found.confidence >= _SIGNED
    return found.confidence >= _SURE


def _address(normal: str, found: NameSpan) -> Place | None:
    """The place of an address with its house and room; None where it is nobody's."""
    start, end = found.place
    if found.confidence < _LOCATED or end - start < _LEAST_ADDRESS:
        return None
    detail = _DETAIL.match(normal, end)
    told = _AT_HOME.search(normal[max(0, start - _LOOK_BACK) : start])
    if not detail and not told:
        return None
    last = detail.end() if detail else end
    if _BUSINESS.search(normal, start, last + _AFTER_BUSINESS):
        return None
    return start, last
