"""Which chart shows which insight. A new insight is a line here; without one it is a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """`INTERVALS`: a dot with its interval for every row. `BARS`: how much. `LINES`: over time.
    `MATRIX`: one against another, in quadrants. `CURVE`: moments of a journey."""

    INTERVALS = "intervals"
    BARS = "bars"
    LINES = "lines"
    MATRIX = "matrix"
    CURVE = "curve"


@dataclass(frozen=True, slots=True)
class Shown:
    """How an insight is drawn, by keys of its columns.

    Attributes:
        labels: what names a row, in order.
        values: what is drawn of it; the first says what was found.
        reference: where nothing would be: 1 of a ratio, 0 of a difference.
        log: ratios: twice and half are equally far from 1.
        only: rows that are drawn: a column, and what stands in it.
        found: rows that are a finding: a column, and what may stand in it; without, every row
            that is not grey.
        tested: a column that a finding has a number in: rows that only describe have none.
        defaults: parameters that make a better picture than the insight's own.
    """

    kind: Kind
    labels: tuple[str, ...]
    values: tuple[str, ...]
    reference: float | None = None
    log: bool = False
    only: tuple[str, tuple[str | None, ...]] | None = None
    found: tuple[str, tuple[str | bool, ...]] | None = None
    tested: str | None = None
    defaults: Mapping[str, str] | None = None


KINDS: Final[Mapping[str, Shown]] = {
    "touchpoint-map": Shown(
        Kind.INTERVALS, ("touchpoint",), ("red", "green"), found=("colour", ("red",))
    ),
    "patterns": Shown(Kind.INTERVALS, ("first", "then", "outcome"), ("lift",), 1.0, log=True),
    "satisfied-but-leaving": Shown(
        Kind.INTERVALS, ("sign",), ("precision", "base"), only=("moment", (None,))
    ),
    "churn-drivers": Shown(Kind.INTERVALS, ("driver",), ("hazard_ratio",), 1.0, log=True),
    "customer-value": Shown(Kind.INTERVALS, ("topic", "setting"), ("value_at_risk",), 0.0),
    "hidden-needs": Shown(
        Kind.INTERVALS, ("topic",), ("service", "surveys"), found=("verdict", ("hidden",))
    ),
    "key-drivers": Shown(Kind.INTERVALS, ("topic",), ("effect",), 0.0),
    "peak-end": Shown(Kind.CURVE, ("touchpoint", "topic"), ("effect", "valence", "peaks", "ends")),
    "super-users": Shown(Kind.BARS, ("customer",), ("score",)),
    "coverage": Shown(Kind.INTERVALS, ("about", "name"), ("speak",), tested="p"),
    "score-begging": Shown(Kind.INTERVALS, ("name",), ("ceiling", "mismatch")),
    "alignment": Shown(Kind.INTERVALS, ("quarter", "role"), ("distance",)),
    "priorities": Shown(
        Kind.MATRIX, ("topic",), ("value", "ability"), found=("quadrant", ("do_now",))
    ),
    "emerging": Shown(
        Kind.INTERVALS, ("topic",), ("ratio",), 1.0, log=True, found=("trend", ("up",))
    ),
    "perception": Shown(
        Kind.LINES,
        ("label", "touchpoint", "segment"),
        ("share",),
        found=("trend", ("up", "down")),
        defaults={"by": "all"},
    ),
    "employee-voice": Shown(Kind.INTERVALS, ("topic",), ("employees", "customers")),
}
