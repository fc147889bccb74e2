"""Shares against published figures and statsmodels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportions_ztest

from heedful.journey.insights.statistics.proportions import difference, share, two_proportions

COUNTS = st.tuples(st.integers(1, 5000), st.floats(0, 1)).map(lambda t: (round(t[0] * t[1]), t[0]))


def test_newcombe_as_published() -> None:
    # Newcombe 1998, table II, row (a) 56/70 - 48/80, method 10.
    found = difference(56, 70, 48, 80)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_of_nothing_is_nothing() -> None:
    assert share(0, 0) is None
    assert difference(1, 2, 0, 0) is None
    assert two_proportions(0, 5, 0, 9) != two_proportions(0, 5, 0, 9)  # NaN


@given(COUNTS, COUNTS)
def test_the_p_value_is_the_pooled_one(one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, of_a), (b, of_b) = one, other
    if not 0 < a + b < of_a + of_b:
        return
    expected = proportions_ztest([a, b], [of_a, of_b])[1]
    assert two_proportions(a, of_a, b, of_b) == pytest.approx(expected, abs=1e-9)
