"""How right the labels are, from what people said of them. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

ABSENT: Final = "none"
_Z: Final = 1.959963984540054  # 95 %, both sides


@dataclass(frozen=True, slots=True)
class Judged:
    """So many times nlp said `was` and people said `value`; None is an absent label."""

    label: str
    was: str | None
    value: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval."""

    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rates:
    """By label and value; what was never seen has none."""

    precision: Mapping[tuple[str, str], Share]
    recall: Mapping[tuple[str, str], Share]


def wilson(hits: int, of: int) -> Share:
    """`hits` of `of`, which is not 0, with Wilson's score interval.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927): right also for few items and for shares near 0 and 1.
    """
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return Share(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def rates(judged: Iterable[Judged]) -> Rates:
    """Precision and recall of each value of each label."""
    right: Counter[tuple[str, str]] = Counter()
    said: Counter[tuple[str, str]] = Counter()
    meant: Counter[tuple[str, str]] = Counter()
    for one in judged:
        was, value = one.was or ABSENT, one.value or ABSENT
        said[one.label, was] += one.count
        meant[one.label, value] += one.count
        if was == value:
            right[one.label, was] += one.count
    return Rates(
        precision={key: wilson(right[key], of) for key, of in said.items() if of},
        recall={key: wilson(right[key], of) for key, of in meant.items() if of},
    )
