"""Ranks by frequency and Kendall's tau against scipy's and a published example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from heedful.journey.insights.facts import Ints
from heedful.journey.insights.hidden_needs.ranks import against, ranked


def spoken(counts: list[int]) -> tuple[Ints, Ints]:
    """So many mentions of each topic, each by somebody else."""
    topic = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    return topic, np.arange(len(topic), dtype=np.int32)


def test_the_most_frequent_is_first() -> None:
    found = ranked(*spoken([50, 200, 50, 1]), 4)
    assert found.rank.tolist() == [2.5, 1, 2.5, 4]
    assert found.estimate(1).low == found.estimate(1).high == 1
    assert found.estimate(0).low == 2


@settings(max_examples=15)
@given(st.permutations([10, 40, 90, 160, 250, 360]))
def test_tau_is_kendalls(counts: list[int]) -> None:
    found = against(ranked(*spoken(counts), 6), [0, 1, 2, 3, 4, 5])
    expected = kendalltau(range(6), [-c for c in counts])
    assert found.tau is not None
    assert found.tau.value == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_draws_of_tau_allow_for_ties() -> None:
    # Each topic by two customers: many draws tie.
    found = ranked(*spoken([2, 2, 2, 2]), 4)
    belief = against(found, [0, 1, 2, 3])
    assert belief.tau is None
    assert belief.p is None


def test_belief_is_ranked_among_itself() -> None:
    found = against(ranked(*spoken([300, 10, 200, 100]), 4), [3, 0])
    assert found.believed == {3: 1, 0: 2}
    assert (found.rank[3].value, found.rank[0].value) == (2, 1)
    assert found.tau is not None
    assert found.tau.value == -1


def test_customers_who_repeat_themselves_make_ranks_unsure() -> None:
    topic = np.repeat(np.arange(2), [60, 40]).astype(np.int32)
    each = np.arange(100, dtype=np.int32)
    two = np.concatenate([np.zeros(60), np.ones(40)]).astype(np.int32)
    assert ranked(topic, each, 2).estimate(0).high < 2
    assert ranked(topic, two, 2).estimate(0).high == 2
