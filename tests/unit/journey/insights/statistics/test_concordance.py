"""Agreement against textbook examples and brute force."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from heedful.journey.insights.statistics.concordance import concordance, distance, ranked

LISTS = st.permutations(range(4)).flatmap(
    lambda order: st.integers(1, 4).map(lambda length: list(order[:length]))
)


def test_three_executives_and_six_applicants() -> None:
    """Siegel, Nonparametric Statistics, 1956, chapter 9: W = .16."""
    found = concordance(
        np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], dtype=float)
    )
    assert found is not None
    assert found.w == pytest.approx(25.5 / 157.5)
    assert found.p > 0.5


def test_with_ties() -> None:
    """The same chapter: s = 591 and W = .828."""
    found = concordance(
        np.array(
            [
                [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
                [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
                [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
            ]
        )
    )
    assert found is not None
    assert found.w == pytest.approx(591 / 714)
    assert found.p < 0.01


@given(st.permutations(range(1, 6)))
def test_one_order_is_full_agreement(order: list[int]) -> None:
    found = concordance(np.array([order] * 3, dtype=float))
    assert found is not None
    assert found.w == pytest.approx(1)
    # Three judges agree by chance once in 120² times.
    assert found.p < 0.002


def test_the_p_value_is_that_of_all_orders() -> None:
    """Of two judges and four things all 24 orders can be looked at."""
    ranks = np.array([[1, 2, 3, 4], [2, 1, 3, 4]], dtype=float)
    sums = [((ranks[0] + order) ** 2).sum() for order in permutations([1, 2, 3, 4])]
    exact = np.mean([one >= ((ranks[0] + ranks[1]) ** 2).sum() for one in sums])
    found = concordance(ranks)
    assert found is not None
    assert found.p == pytest.approx(float(exact), abs=0.01)


def test_many_judges_are_held_against_chi_squared() -> None:
    random = np.random.default_rng(1)
    ranks = np.array([random.permutation(5) + 1.0 for _ in range(21)])
    found = concordance(ranks)
    assert found is not None
    # Kendall's W of untied ranks is Friedman's statistic over m (n - 1).
    assert found.p == pytest.approx(float(friedmanchisquare(*ranks.T).pvalue))


def test_nothing_to_agree_on() -> None:
    assert concordance(np.ones((1, 3))) is None
    assert concordance(np.ones((3, 1))) is None
    assert concordance(np.full((3, 4), 2.5)) is None


def test_what_nobody_named_shares_the_last_ranks() -> None:
    assert ranked([[2, 0], []], 4).tolist() == [[2, 3.5, 1, 3.5], [2.5, 2.5, 2.5, 2.5]]


@given(LISTS, LISTS.map(lambda one: [2 * thing for thing in one]))
def test_the_distance_is_the_mean_over_all_ways_to_go_on(one: list[int], other: list[int]) -> None:
    """Fagin, Kumar and Sivakumar 2003: with penalty 1/2 it is the mean of Kendall's distance over
    all orders that begin so."""
    things = sorted({*one, *other})

    def orders(first: list[int]) -> list[list[int]]:
        return [[*first, *rest] for rest in permutations(set(things) - set(first))]

    def swaps(a: list[int], b: list[int]) -> int:
        pairs = [(x, y) for x in things for y in things if x < y]
        return sum((a.index(x) < a.index(y)) != (b.index(x) < b.index(y)) for x, y in pairs)

    mean = np.mean([swaps(a, b) for a in orders(one) for b in orders(other)])
    k, m = len(one), len(other)
    assert distance(one, other) == pytest.approx(mean / (k * m + (k * (k - 1) + m * (m - 1)) / 4))


def test_distances_at_their_ends() -> None:
    assert distance([1, 2, 3], [1, 2, 3]) == 0
    assert distance([1, 2, 3], [4, 5, 6]) == 1
    assert distance([], [1]) is None
