"""Two rankings become one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

K: Final = 60
"""Cormack, Clarke & Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank
learning methods" (2009)."""

Key = tuple[str, str]
"""Source and id of a feedback."""


@dataclass(frozen=True, slots=True)
class Fused:
    """`ranks`: from 1, of each part that found it."""

    key: Key
    score: float
    ranks: Mapping[str, int]

    @property
    def order(self) -> tuple[float, Key]:
        """The best first."""
        return -self.score, self.key


def fuse(rankings: Mapping[str, Sequence[Key]]) -> list[Fused]:
    """By reciprocal rank fusion: the score is the sum of 1 / (60 + rank) over the parts.

    Args:
        rankings: the best first, by the name of their part.
    """
    ranks: dict[Key, dict[str, int]] = {}
    for part, ranking in rankings.items():
        for rank, key in enumerate(ranking, 1):
            ranks.setdefault(key, {})[part] = rank
    found = [
        Fused(key, sum(1 / (K + rank) for rank in own.values()), own) for key, own in ranks.items()
    ]
    return sorted(found, key=lambda one: one.order)
