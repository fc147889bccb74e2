"""The numbers that customers give, and the scale they are on: 8 of 10 is not 8 of 8."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import ScoreKind
from heedful.ingest.importing.records import Broken, Cell, Unreadable


class Scale(BaseModel):
    """What the numbers of a column mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: ScoreKind
    minimum: float = Field(ge=-1000, le=1000)
    maximum: float = Field(ge=-1000, le=1000)

    def __str__(self) -> str:
        return f"{self.kind.value} {self.minimum:g}-{self.maximum:g}"


NPS: Final = Scale(kind=ScoreKind.NPS, minimum=0, maximum=10)
CSAT: Final = Scale(kind=ScoreKind.CSAT, minimum=1, maximum=5)
CES: Final = Scale(kind=ScoreKind.CES, minimum=1, maximum=7)
STARS: Final = Scale(kind=ScoreKind.STARS, minimum=1, maximum=5)
_GRADES: Final = Scale(kind=ScoreKind.OTHER, minimum=1, maximum=3)
_USUAL: Final = {"nps": NPS, "csat": CSAT, "ces": CES, "stars": STARS}

_NOTHING_WORDS: Final = """
- -- — / \\ 无 空 未评 未评分 未评价 暂无 暂无评分 不详 null none nil n/a na nan #n/a
"""
NOTHING: Final = frozenset(["", *_NOTHING_WORDS.split()])
"""What stands in a cell that says nothing."""

_WORDS: Final = {
    word: value
    for value, words in {
        5: ("非常满意", "很满意", "十分满意", "very satisfied"),
        4: ("满意", "比较满意", "satisfied"),
        3: ("一般", "中立", "基本满意", "neutral"),
        2: ("不满意", "比较不满意", "不太满意", "dissatisfied"),
        1: ("非常不满意", "很不满意", "十分不满意", "very dissatisfied"),
    }.items()
    for word in words
}
_GRADE_WORDS: Final = {"好评": 3, "中评": 2, "差评": 1, "good": 3, "bad": 1}
_DIGITS: Final = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_NUMBER: Final = re.compile(
    r"(-?\d{1,4}(?:\.\d{1,6})?)\s*(?:分|星|颗星|星级|stars?|points?|%)?(?:\s*/\s*\d{1,4}|\(.{0,20}\))?",
    re.IGNORECASE,
)
_CHINESE_STARS: Final = re.compile(r"([零一二两三四五])颗?星级?(半)?")
_DRAWN: Final = re.compile(r"([★⭐🌟]\ufe0f?){1,10}[☆✩]*")
_GIVEN: Final = re.compile(r"(nps|csat|ces|stars|other):(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")

_FIVE, _TEN, _HUNDRED = 5, 10, 100


def value_of(cell: Cell) -> float | str | None:
    """The number in a cell; None when there is none, or what is wrong with it."""
    if cell is None or isinstance(cell, bool):
        return None if cell is None else "is true or false, and no number"
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, Broken):
        return cell.reason
    if isinstance(cell, str) and (found := _NUMBER.fullmatch(cell)):
        # The usual form, without the work for all others.
        return float(found[1])
    text = unicodedata.normalize("NFKC", str(cell)).strip().casefold()
    if text in NOTHING:
        return None
    if (word := _WORDS.get(text) or _GRADE_WORDS.get(text)) is not None:
        return float(word)
    if found := _NUMBER.fullmatch(text):
        return float(found[1])
    if found := _CHINESE_STARS.fullmatch(text):
        return _DIGITS[found[1]] + (0.5 if found[2] else 0.0)
    if _DRAWN.fullmatch(text):
        return float(sum(text.count(star) for star in "★⭐🌟"))
    return "is no number, and no number of stars"


def scale_of(name: str, cells: Sequence[Cell], *, review: bool) -> tuple[Scale, float, str] | None:
    """The scale of a column, how sure that is (0 to 1), and why; None: no numbers, no scale.

    Args:
        name: what the column is called, in its plain form.
        review: whether these are reviews or posts, whose five are stars.
    """
    words = {unicodedata.normalize("NFKC", str(cell)).strip().casefold() for cell in cells}
    if words & _GRADE_WORDS.keys():
        return _GRADES, 0.9, "好评, 中评 and 差评 are 3, 2 and 1"
    numbers = [value for value in map(value_of, cells) if isinstance(value, float)]
    if not numbers:
        return None
    if words & _WORDS.keys():
        return CSAT, 0.9, "the words of satisfaction are 5 to 1"
    low, high = min(numbers), max(numbers)
    if low >= 0 and high <= _TEN and _about(name, "nps", "推荐", "recommend"):
        return NPS, 0.95, "called after NPS, values from 0 to 10"
    if high > _FIVE and low > 0 and high <= CES.maximum and _about(name, "ces", "费力", "effort"):
        return CES, 0.9, "called after effort, values from 1 to 7"
    return _by_range(low, high, numbers, STARS if review else CSAT)


def given_scale(text: str) -> Scale:
    """A scale as the user writes it: nps, csat, ces, stars, or kind:minimum-maximum.

    Raises:
        Unreadable: not of that form.
    """
    if text in _USUAL:
        return _USUAL[text]
    found = _GIVEN.fullmatch(text.strip().casefold())
    if found is None or not float(found[2]) < float(found[3]) <= 1000 or float(found[2]) < -1000:
        raise Unreadable(
            "a scale is nps, csat, ces, stars or kind:minimum-maximum such as other:0-100"
        )
    return Scale(kind=ScoreKind(found[1]), minimum=float(found[2]), maximum=float(found[3]))


def _by_range(
    low: float, high: float, numbers: Sequence[float], five: Scale
) -> tuple[Scale, float, str] | None:
    said = f"values from {low:g} to {high:g}"
    if low >= 1 and high <= _FIVE:
        return five, 0.85 if high == _FIVE else 0.75, said
    if low >= 0 and high <= _FIVE:
        return five.model_copy(update={"minimum": 0.0}), 0.5, f"{said}; is 0 no score at all?"
    if low >= 0 and high == 50 and all(number % _FIVE == 0 for number in numbers):
        return Scale(kind=ScoreKind.OTHER, minimum=10, maximum=50), 0.6, f"{said} in steps of 5"
    for most in (_TEN, _HUNDRED):
        if low >= 0 and high <= most:
            return Scale(kind=ScoreKind.OTHER, minimum=0, maximum=most), 0.6, said
    return None


def _about(name: str, *words: str) -> bool:
    return any(word in name for word in words)
