"""One text with its labels, whichever set it is of."""

from dataclasses import dataclass, field
from typing import Final

from heedful.nlp.train.alignment import Alignment, Triplet

UNLABELLED: Final = -1
"""A flag that nothing is said of."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in a dialogue, in normal form."""

    customer: bool
    normal: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text in normal form with the labels that its set gives; None where it gives none.

    `group` is the category, or the set where there are none. `stances` are by query of a closed
    set of aspects; `opinions` and `names` hold places in `normal`. `satisfaction` is from -2 to 2.
    `flags` are 1, 0 or `UNLABELLED`.
    """

    set: str
    group: str
    normal: str
    turns: tuple[Turn, ...] = ()
    sentiment: int | None = None
    emotion: int | None = None
    car: tuple[int, ...] | None = None
    restaurant: tuple[int, ...] | None = None
    opinions: Alignment | None = None
    triplets: tuple[Triplet, ...] | None = None
    names: tuple[tuple[int, int, int], ...] | None = None
    satisfaction: float | None = None
    intent: int | None = None
    need: int | None = None
    flags: tuple[int, ...] | None = None


@dataclass(slots=True)
class Report:
    """How a set was read: texts kept, and what was left out for which reason."""

    kept: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
