"""Groups of texts that are like nothing that was said before, from their embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.emerging.naming import names
from heedful.journey.insights.facts import Floats, Ints, Vectors

MOST: Final = 4000
"""Vectors of each period that are compared; of more, a sample. Every pair is a product of 512."""
_ROUNDS = 5
_RARER = 0.1
"""Of earlier texts at most so many, for the share of recent ones, are like a group that is new."""
_SEED = 20240229
_LIKENESS: Final = 0.45
"""Of pairs of reviews that lie so near, 89 % are of one category; 7 % of all pairs of one category
do (encoder-2.1: docs/model-card.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """
    Attributes:
        name: the terms that tell it from everything else.
        members: places among the recent texts, the most typical first.
        likeness: mean cosine of its members to their centre.
    """

    name: str
    members: Ints
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class Novel:
    """
    Attributes:
        far: share of recent texts that are further from all earlier ones than `expected` of the
            earlier ones are from each other; where nothing is new, it is about `expected`.
        compared: how many recent texts were looked at.
    """

    clusters: list[Cluster]
    far: float
    expected: float
    compared: int


def novel(
    earlier: Vectors,
    recent: Vectors,
    earlier_texts: Sequence[str],
    recent_texts: Sequence[str],
    *,
    likeness: float = _LIKENESS,
    least: int = 5,
    expected: float = 0.02,
) -> Novel:
    """New groups among recent texts.

    What all texts have in common is taken out first. A recent text is new when its nearest earlier
    one is further away than the nearest other one is for all but `expected` of the earlier texts.
    New texts are gathered around whichever has the most others within `likeness` (a cosine), and
    then around the centres of these groups (spherical k-means: Dhillon and Modha, Machine Learning
    42, 2001). What is left of an old subject is not new: texts like a group are ten times rarer
    before.

    Args:
        earlier, recent: texts x dimensions.
        least: texts that a group has at least.
    """
    before, now = sample(len(earlier)), sample(len(recent))
    if len(before) < 2 or not len(now):
        return Novel([], 0.0, expected, len(now))
    middle = earlier[before].mean(axis=0)
    known, new = _unit(earlier[before] - middle), _unit(recent[now] - middle)
    limit = np.quantile(_nearest(known, known, themselves=True), expected)
    far = np.flatnonzero(_nearest(new, known) < limit)
    groups = [
        (members, centre)
        for members, centre in _groups(new[far], likeness, least)
        if _share(known, centre, likeness) <= _RARER * _share(new, centre, likeness)
    ]
    texts = [[recent_texts[now[far[i]]] for i in members] for members, _ in groups]
    named = names(texts, [earlier_texts[i] for i in before])
    return Novel(
        clusters=[
            Cluster(
                name,
                now[far[members]].astype(np.int32),
                float((new[far[members]] @ centre).mean()),
            )
            for name, (members, centre) in zip(named, groups, strict=True)
        ],
        far=len(far) / len(now),
        expected=expected,
        compared=len(now),
    )


def sample(count: int) -> Ints:
    """The places of at most `MOST` of so many, the same for a count."""
    if count <= MOST:
        return np.arange(count, dtype=np.int32)
    drawn = np.random.default_rng(_SEED).choice(count, MOST, replace=False)
    return np.sort(drawn).astype(np.int32)


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Vectors = (vectors / np.where(length > 0, length, 1)).astype(np.float32)
    return found


def _nearest(vectors: Vectors, to: Vectors, *, themselves: bool = False) -> Floats:
    """The cosine of each to the nearest of the others."""
    found = np.empty(len(vectors))
    for start in range(0, len(vectors), 1000):
        cosines = vectors[start : start + 1000] @ to.T
        if themselves:
            rows = np.arange(len(cosines))
            cosines[rows, start + rows] = -1.0
        found[start : start + 1000] = cosines.max(axis=1)
    return found


def _share(vectors: Vectors, centre: Vectors, likeness: float) -> float:
    return float((vectors @ centre >= likeness).mean())


def _groups(vectors: Vectors, likeness: float, least: int) -> list[tuple[Ints, Vectors]]:
    """Members of each group, the most typical first, and its centre; the largest group first."""
    centres = _leaders(vectors, likeness, least)
    if not len(centres):
        return []
    of = np.full(len(vectors), -1)
    for _ in range(_ROUNDS):
        cosines = vectors @ centres.T
        nearest = np.where(cosines.max(axis=1) >= likeness, cosines.argmax(axis=1), -1)
        if (nearest == of).all():
            break
        of = nearest
        belongs = (of[:, None] == np.arange(len(centres))).astype(np.float32)
        gathered = belongs.any(axis=0)[:, None]
        centres = np.where(gathered, _unit(belongs.T @ vectors), centres)
    found = []
    for group in range(len(centres)):
        members = np.flatnonzero(of == group)
        if len(members) >= least:
            order = np.argsort(-(vectors[members] @ centres[group]), kind="stable")
            found.append((members[order].astype(np.int32), centres[group]))
    return sorted(found, key=lambda group: -len(group[0]))


def _leaders(vectors: Vectors, likeness: float, least: int) -> Vectors:
    """One after the other the text with the most others near it that no group has yet."""
    near = (vectors @ vectors.T) >= likeness
    free = np.ones(len(vectors), dtype=bool)
    centres = []
    while free.any():
        counts = np.where(free, near[:, free].sum(axis=1), 0)
        leader = int(counts.argmax())
        if counts[leader] < least:
            break
        members = near[leader] & free
        centres.append(vectors[members].sum(axis=0))
        free &= ~members
    return _unit(np.array(centres)) if centres else vectors[:0]
