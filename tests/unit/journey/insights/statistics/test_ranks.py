"""Ranks as scipy.stats has them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.statistics.ranks import mean_ranks, spearman

# Few values, so that many are tied.
TIED = arrays(np.float64, array_shapes(min_dims=1, max_dims=2), elements=st.integers(-3, 3))


@given(TIED)
def test_ties_share_their_mean_rank(values: Floats) -> None:
    assert np.array_equal(mean_ranks(values), stats.rankdata(values, axis=-1))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=40))
def test_spearman(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, dtype=np.float64).T
    if one.std() > 0 and other.std() > 0:
        assert spearman(one, other) == pytest.approx(stats.spearmanr(one, other)[0], abs=1e-12)
