"""The same numbers as scipy.stats, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from heedful.journey.insights.statistics import distributions as ours

Z = st.floats(-50, 50)
Q = st.floats(1e-6, 1 - 1e-6)
FREEDOM = st.one_of(st.integers(1, 10_000), st.floats(0.1, 1e6), st.just(float("inf")))


@given(Z, Q)
def test_normal(z: float, q: float) -> None:
    assert ours.normal_above(z) == stats.norm.sf(z)
    assert ours.normal_quantile(q) == stats.norm.ppf(q)
    assert ours.normal_density(z) == pytest.approx(stats.norm.pdf(z), rel=1e-12)


@given(Z, Q, FREEDOM)
def test_student(t: float, q: float, freedom: float) -> None:
    assert ours.student_above(t, freedom) == stats.t.sf(t, freedom)
    assert ours.student_quantile(q, freedom) == stats.t.ppf(q, freedom)


@pytest.mark.parametrize("freedom", [0, -1, float("nan")])
def test_student_without_freedom_is_nan(freedom: float) -> None:
    assert np.isnan(ours.student_above(1.0, freedom))
    assert np.isnan(ours.student_quantile(0.5, freedom))


def test_arrays_go_through_at_once() -> None:
    z = np.array([-np.inf, -1.0, 0.0, 3.0, np.inf, np.nan])
    assert np.array_equal(ours.student_above(z, 7), stats.t.sf(z, 7), equal_nan=True)
    assert np.array_equal(ours.normal_above(z), stats.norm.sf(z), equal_nan=True)


@given(st.floats(0, 200), Q, st.integers(1, 500), st.integers(1, 500))
def test_chi_squared_and_fisher(x: float, q: float, one: int, other: int) -> None:
    assert ours.chi_squared_above(x, one) == stats.chi2.sf(x, one)
    assert ours.fisher_above(x, one, other) == pytest.approx(stats.f.sf(x, one, other), rel=1e-12)
    found = ours.fisher_quantile(q, one, other)
    assert found == pytest.approx(stats.f.ppf(q, one, other), rel=1e-9)


# A half of an odd number of tosses falls between two, where rounding decides.
@given(st.sampled_from([0.005, 0.025, 0.1]), st.integers(1, 5_000))
def test_fair_coin(q: float, tosses: int) -> None:
    assert ours.fair_coin_quantile(q, tosses) == stats.binom.ppf(q, tosses, 0.5)
