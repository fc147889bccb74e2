"""What people decided of who is who, as far as it is in force. Pure."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Side = tuple[int, bool]
"""Of a decision that keeps two sides apart: its number, and whether it is the right one."""

_NONE = uuid.UUID(int=0)


class Verdict(StrEnum):
    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision in force. It may name identifiers that no event has shown yet.

    Attributes:
        number: a later decision has a higher one.
        left: identifiers; of `together` the id of one customer.
        right: the identifiers that these are together with, or kept apart from.
        two_customers: together although each of them has a customer id.
        id: what others know it by.
    """

    number: int
    verdict: Verdict
    left: frozenset[uuid.UUID]
    right: frozenset[uuid.UUID]
    two_customers: bool = False
    id: uuid.UUID = _NONE

    @property
    def pairs(self) -> list[tuple[uuid.UUID, uuid.UUID]]:
        return [(a, b) for a in sorted(self.left) for b in sorted(self.right)]


def together(decisions: Iterable[Decision]) -> list[Decision]:
    """Those that make two one, the first first."""
    found = [one for one in decisions if one.verdict is Verdict.TOGETHER]
    return sorted(found, key=lambda one: one.number)


def sides(decisions: Iterable[Decision]) -> Mapping[uuid.UUID, frozenset[Side]]:
    """On which sides of what is kept apart each identifier is; others are absent."""
    found: dict[uuid.UUID, set[Side]] = defaultdict(set)
    for one in decisions:
        if one.verdict is Verdict.APART:
            for right, members in enumerate((one.left, one.right)):
                for key in members:
                    found[key].add((one.number, bool(right)))
    return {key: frozenset(each) for key, each in found.items()}


def opposite(held: Iterable[Side]) -> frozenset[Side]:
    """Whoever is on one of these cannot be the same person."""
    return frozenset((number, not right) for number, right in held)
