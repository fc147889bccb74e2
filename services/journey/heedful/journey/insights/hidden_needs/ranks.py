"""How often topics are spoken of, against what was believed to come first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.ranks import mean_ranks
from heedful.journey.insights.statistics.resampling import dealt, drawn, interval


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Topics by how often they are spoken of; the most frequent has rank 1, equal ones the mean.

    Attributes:
        rank: by topic.
        draws: the same in samples drawn again over customers, repeats x topics.
    """

    rank: Floats
    draws: Floats

    def estimate(self, topic: int) -> Estimate:
        return interval(float(self.rank[topic]), self.draws[:, topic])


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Attributes:
    tau: Kendall's tau-b between belief and frequency, 1 where they agree, -1 where one is the
        other turned over; None of fewer than two topics.
    p: of no association.
    believed, rank: by topic that was believed in and is known: its place among these.
    """

    tau: Estimate | None
    p: float | None
    believed: dict[int, int]
    rank: dict[int, Estimate]


def ranked(topic: Ints, speaker: Ints, topics: int) -> Ranked:
    """From one entry for each mention: of which topic and by whom."""
    block, blocks = dealt(speaker)
    cell = block.astype(np.int64) * topics + topic
    counts = np.bincount(cell, minlength=blocks * topics).reshape(blocks, topics).astype(np.float64)
    return Ranked(_ranks(counts.sum(axis=0)[None, :])[0], _ranks(drawn(blocks) @ counts))


def against(found: Ranked, belief: Sequence[int]) -> Belief:
    """`belief`: topics, what was thought to come first standing first."""
    chosen = np.array(belief, dtype=np.int64)
    places = np.arange(1, len(chosen) + 1, dtype=np.float64)
    rank = _ranks(-found.rank[chosen][None, :])[0]
    draws = _ranks(-found.draws[:, chosen])
    tau, p = None, None
    if len(chosen) > 1:
        # A second of import that is due only where somebody says what they believe.
        from scipy.stats import kendalltau

        value, p = map(float, kendalltau(places, rank))
        tau = None if np.isnan(value) else interval(value, _taus(places, draws))
    return Belief(
        tau=tau,
        p=None if tau is None else p,
        believed={int(t): place + 1 for place, t in enumerate(chosen)},
        rank={int(t): interval(float(rank[i]), draws[:, i]) for i, t in enumerate(chosen)},
    )


def _ranks(counts: Floats) -> Floats:
    return mean_ranks(-counts)


def _taus(places: Floats, draws: Floats) -> Floats:
    """Kendall's tau-b of each row of ranks with `places`, which has no ties (Kendall 1945)."""
    first, second = np.triu_indices(len(places), 1)
    agree = np.sign(draws[:, first] - draws[:, second]) * np.sign(places[first] - places[second])
    untied = (agree != 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = agree.sum(axis=1) / np.sqrt(untied * float(len(first)))
    return found
