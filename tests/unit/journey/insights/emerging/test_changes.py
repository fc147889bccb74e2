"""Change points: a published one, planted ones, and none."""

from itertools import combinations, pairwise

import numpy as np
from scipy.special import xlogy
from scipy.stats import binomtest

from heedful.journey.insights.emerging.changes import change_p, changes
from heedful.journey.insights.facts import Floats

COAL_MINES = (
    "4540143406334026335453144155342522342132211113001011003103220111010100021000110233112111"
    "12420014000100000100101"
)
"""British coal mine disasters by year from 1851 to 1961 (Jarrett, Biometrika 66, 1979)."""


def test_as_published() -> None:
    """Carlin, Gelfand and Smith (Appl. Stat. 41, 1992): the rate falls after 1891, year 41."""
    counts = np.array([float(count) for count in COAL_MINES])
    years = np.ones(len(counts))
    found = changes(counts, years)
    assert 1851 + found[0].week in range(1888, 1894)
    assert change_p(counts[None], years)[0] == 1 / 10000


def weekly(seed: int, *levels: tuple[int, float]) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    rate = np.concatenate([np.full(weeks, level) for weeks, level in levels])
    totals = generator.integers(300, 500, len(rate)).astype(float)
    return generator.poisson(totals * rate).astype(float), totals


def test_planted_changes_are_found_where_they_are() -> None:
    counts, totals = weekly(1, (30, 0.05), (20, 0.12), (25, 0.04))
    first, second = changes(counts, totals)
    assert abs(first.week - 30) <= 1
    assert abs(second.week - 50) <= 1
    assert (first.since, first.until) == (0, second.week)
    assert (second.since, second.until) == (first.week, 75)


def test_it_is_the_partition_of_least_cost() -> None:
    """Against all partitions of 10 weeks with stretches of two weeks and more."""
    for seed in range(20):
        counts, totals = weekly(seed, (5, 0.02), (5, 0.08))
        expected = totals * counts.sum() / totals.sum()
        residuals = (counts - expected) / np.sqrt(expected)
        dispersion = max(float(np.mean(np.diff(residuals) ** 2) / 2), 1.0)

        def cost(
            cuts: tuple[int, ...],
            counts: Floats = counts,
            totals: Floats = totals,
            dispersion: float = dispersion,
        ) -> float:
            bounds = [0, *cuts, 10]
            fit = sum(
                float(xlogy(counts[a:b].sum(), counts[a:b].sum() / totals[a:b].sum()))
                for a, b in pairwise(bounds)
            )
            return float(-2 * fit + 3 * np.log(10) * dispersion * len(cuts))

        allowed = [
            cuts
            for size in range(5)
            for cuts in combinations(range(1, 10), size)
            if min(np.diff([0, *cuts, 10])) >= 2
        ]
        assert tuple(c.week for c in changes(counts, totals)) == min(allowed, key=cost)


def test_totals_that_grow_are_no_change() -> None:
    totals = np.linspace(100, 1000, 60).round()
    assert changes(np.round(0.05 * totals), totals) == []


def test_too_few_weeks_or_counts() -> None:
    assert np.isnan(change_p(np.ones((1, 3)), np.ones(3))[0])
    assert np.isnan(change_p(np.zeros((1, 20)), np.ones(20))[0])
    assert changes(np.zeros(20), np.ones(20)) == []


def test_with_nothing_planted_few_change() -> None:
    """150 topics of overdispersed counts without a change, among totals that grow."""
    generator = np.random.default_rng(5)
    totals = np.linspace(50, 600, 40).round()
    counts = generator.poisson(totals * 0.05 * generator.gamma(5, 0.2, (150, 40))).astype(float)
    false = int((change_p(counts, totals) <= 0.05).sum())
    assert binomtest(false, 150, 0.05, alternative="greater").pvalue > 0.01
