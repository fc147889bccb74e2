"""Since when a topic is spoken of otherwise: change points of weekly counts."""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from heedful.journey.insights.facts import Floats

LEAST_WEEKS = 2
"""What lasts less than this is no stretch of its own."""
_FEW, _MANY = 999, 9999
_SETTLED = 20
"""As many larger ones among the few permutations, and more would not make it significant."""
_SEED = 20240229


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """`week` is the first of another rate; the stretches beside it reach to the next changes."""

    week: int
    since: int
    until: int


def change_p(counts: Floats, totals: Floats) -> Floats:
    """By topic the p-value of no change of its rate in any week.

    The likelihood ratio of the best single split is held against those of the weeks in other orders
    (a permutation test: under no change all orders are equally likely, whatever the dispersion).
    First few orders; more where these leave it open (Besag and Clifford, Biometrika 78, 1991).

    Args:
        counts: topics x weeks.
        totals: all feedback, by week.
    """
    topics, weeks = counts.shape
    if weeks < 2 * LEAST_WEEKS:
        return np.full(topics, np.nan)
    generator = np.random.default_rng(_SEED)
    orders = np.argsort(generator.random((_MANY, weeks)), axis=1)
    exposure = np.cumsum(totals[orders], axis=1)
    found = np.full(topics, np.nan)
    for topic in np.flatnonzero(counts.sum(axis=1) > 0):
        mine = counts[topic]
        seen = _best_split(np.cumsum(mine)[None], np.cumsum(totals)[None])[0]
        larger, tried = 0, 0
        for start, end in ((0, _FEW), (_FEW, _MANY)):
            if larger >= _SETTLED:
                break
            summed = np.cumsum(mine[orders[start:end]], axis=1)
            drawn = _best_split(summed, exposure[start:end])
            larger += int((drawn >= seen - 1e-9).sum())
            tried = end
        found[topic] = (1 + larger) / (1 + tried)
    return found


def _best_split(counts: Floats, totals: Floats) -> Floats:
    """Of each row of running sums, twice the log likelihood ratio of the best split."""
    one, of_one = (
        counts[:, LEAST_WEEKS - 1 : -LEAST_WEEKS],
        totals[:, LEAST_WEEKS - 1 : -LEAST_WEEKS],
    )
    everything, of_everything = counts[:, -1:], totals[:, -1:]
    split = _fit(one, of_one) + _fit(everything - one, of_everything - of_one)
    found: Floats = 2 * (split - _fit(everything, of_everything)).max(axis=1)
    return found


def _fit(counts: Floats, totals: Floats) -> Floats:
    """Poisson log likelihood of a stretch at its own rate, without what all models share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = xlogy(counts, np.where(totals > 0, counts / totals, 1.0))
    return found


def changes(counts: Floats, totals: Floats) -> list[Change]:
    """The change points of one topic: the partition of least cost (optimal partitioning: Jackson et
    al., IEEE Signal Processing Letters 12, 2005; PELT finds the same), where each change costs
    3 log(weeks) times the dispersion (the modified BIC of Zhang and Siegmund, Biometrics 63, 2007,
    without its term of lengths)."""
    weeks = len(counts)
    penalty = 3 * np.log(max(weeks, 2)) * _dispersion(counts, totals)
    summed, exposure = np.cumsum([0.0, *counts]), np.cumsum([0.0, *totals])
    best = np.full(weeks + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(weeks + 1, dtype=np.int64)
    for end in range(LEAST_WEEKS, weeks + 1):
        starts = np.arange(0, end - LEAST_WEEKS + 1)
        fits = _fit(summed[end] - summed[starts], exposure[end] - exposure[starts])
        cost = best[starts] - 2 * fits + penalty
        before[end] = starts[int(cost.argmin())]
        best[end] = cost.min()
    ends = [weeks]
    while before[ends[-1]] > 0:
        ends.append(int(before[ends[-1]]))
    bounds = [0, *reversed(ends)]
    return [
        Change(week, since, until)
        for since, week, until in zip(bounds, bounds[1:], bounds[2:], strict=False)
    ]


def _dispersion(counts: Floats, totals: Floats) -> float:
    """From differences of neighbours, which changes of level hardly touch (von Neumann 1941)."""
    there = totals > 0
    expected = totals[there] * counts.sum() / max(totals.sum(), 1.0)
    if len(expected) < 2 or not counts.sum():
        return 1.0
    residuals = (counts[there] - expected) / np.sqrt(expected)
    return max(float(np.mean(np.diff(residuals) ** 2) / 2), 1.0)
