"""Where in a text the strings of a triplet stand.

The triplet sets give aspect and opinion as strings. An opinion must stand in the text once; of
several mentions of its aspect the nearest counts, and where two are as near, nobody can say which
was meant.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_POLARITIES: Final = {-1: 0, 0: 1, 1: 2}

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Triplet:
    """Aspect (empty where it is not named), opinion, and -1, 0 or 1."""

    aspect: str
    opinion: str
    sentiment: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Places of aspects and of opinions with their kind (`OPINION_KINDS`), and which belong
    together as (aspect or None, opinion)."""

    aspects: tuple[Place, ...]
    opinions: tuple[tuple[Place, int], ...]
    pairs: tuple[tuple[Place | None, Place], ...]


def align(normal: str, triplets: Sequence[Triplet]) -> Alignment | None:
    """The places of all triplets of a text; None where one of them is ambiguous or missing."""
    aspects: set[Place] = set()
    opinions: dict[Place, int] = {}
    pairs: list[tuple[Place | None, Place]] = []
    for one in triplets:
        places = _all_places(normal, one.opinion)
        if len(places) != 1:
            return None
        opinion = places[0]
        kind = _POLARITIES[one.sentiment]
        if opinions.setdefault(opinion, kind) != kind:
            return None
        aspect = _nearest(_all_places(normal, one.aspect), opinion) if one.aspect else None
        if one.aspect and aspect is None:
            return None
        if aspect is not None:
            aspects.add(aspect)
        pairs.append((aspect, opinion))
    if _overlap(aspects) or _overlap(opinions):
        return None
    return Alignment(tuple(sorted(aspects)), tuple(sorted(opinions.items())), tuple(pairs))


def normal_span(offsets: Sequence[int] | None, start: int, end: int) -> Place:
    """A stretch of the original text in its normal form."""
    if offsets is None:
        return start, end
    return bisect_left(offsets, start), bisect_right(offsets, end - 1)


def _all_places(text: str, part: str) -> list[Place]:
    return list(_places(text, part)) if part else []


def _places(text: str, part: str) -> Iterator[Place]:
    start = text.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = text.find(part, start + 1)


def _nearest(places: Sequence[Place], other: Place) -> Place | None:
    """The place with the smallest gap to another; None if there is none, or two are as near."""
    ranked = sorted((max(place[0] - other[1], other[0] - place[1]), place) for place in places)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _overlap(places: "set[Place] | dict[Place, int]") -> bool:
    ordered = sorted(places)
    return any(one[1] > other[0] for one, other in pairwise(ordered))
