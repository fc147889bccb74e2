"""Weights against what can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.statistics.raking import effective, raked, shift, weighted_mean


def test_one_variable_by_hand() -> None:
    """Three of four who answer are young, and half of all customers: 0.5 / 0.75 and 0.5 / 0.25."""
    weights = raked([np.array([0, 0, 0, 1])], [np.array([0.5, 0.5])])
    assert weights is not None
    assert weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    assert effective(weights) == pytest.approx(16 / (3 * 4 / 9 + 4))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=20),
    st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
    st.floats(0.1, 0.9),
)
def test_margins_fit_and_what_goes_together_stays(
    some: list[tuple[int, int]], rows: list[float], first: float
) -> None:
    """With somebody in each cell the fit is the one table with these margins and the odds ratios
    of who answered."""
    everybody = [*some, *((a, b) for a in range(3) for b in range(2))]
    one, other = (np.array(codes) for codes in zip(*everybody, strict=True))
    margins = np.array(rows) / sum(rows), np.array([first, 1 - first])
    weights = raked([one, other], list(margins))
    assert weights is not None
    table = np.zeros((3, 2))
    np.add.at(table, (one, other), weights / len(everybody))
    before = np.zeros((3, 2))
    np.add.at(before, (one, other), 1)
    assert table.sum(axis=1) == pytest.approx(margins[0])
    assert table.sum(axis=0) == pytest.approx(margins[1])
    odds, seen = (t[:, 0] / t[:, 1] for t in (table, before))
    assert odds / odds[0] == pytest.approx(seen / seen[0], rel=1e-5)


def test_margins_that_no_weights_fit() -> None:
    """All women who answered are old, and all old who answered are women: the shares differ."""
    both = np.array([0, 0, 1, 1])
    assert raked([both, both], [np.array([0.5, 0.5]), np.array([0.4, 0.6])]) is None


def test_equal_weights_change_nothing() -> None:
    values = np.array([0.2, 0.4, 0.9])
    mean, moved = weighted_mean(values, np.ones(3)), shift(values, np.ones(3))
    assert mean is not None
    assert moved is not None
    assert mean.value == pytest.approx(0.5)
    # Student's t with two degrees of freedom times the standard error of the mean.
    assert mean.high - mean.value == pytest.approx(4.302653 * values.std(ddof=1) / 3**0.5)
    assert (moved.value, moved.low, moved.high) == (0, 0, 0)
    assert weighted_mean(values[:1], np.ones(1)) is None


def test_a_shift_that_is_chance_is_seldom_called_one() -> None:
    """Scores that have nothing to do with the weights: at most one in twenty, and some."""
    random = np.random.default_rng(7)
    weights = np.where(random.random(200) < 0.3, 3.0, 0.5)
    outside = 0
    for _ in range(400):
        found = shift((random.random(200) < 0.7).astype(float), weights)
        assert found is not None
        outside += found.low > 0 or found.high < 0
    assert 8 <= outside <= 30
