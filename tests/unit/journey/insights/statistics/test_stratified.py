"""Stratified comparisons against Mantel and Haenszel's where each customer is looked at once, and
how often they find what is not there where customers are looked at often."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from heedful.journey.insights.statistics.mantel_haenszel import Tables
from heedful.journey.insights.statistics.mantel_haenszel import compared as independent
from heedful.journey.insights.statistics.stratified import compared


def test_of_looks_at_different_customers_the_difference_is_mantel_haenszels() -> None:
    rng = np.random.default_rng(1)
    stratum = rng.integers(0, 4, 800).astype(np.int32)
    exposed = rng.random(800) < 0.2 + 0.1 * stratum
    case = rng.random(800) < 0.1 + 0.1 * stratum + 0.15 * exposed
    found = compared(exposed, case, stratum, np.arange(800, dtype=np.int32))
    a, n1, b, n0 = (
        np.bincount(stratum[some], minlength=4).astype(float)
        for some in (exposed & case, exposed, ~exposed & case, ~exposed)
    )
    expected = independent(Tables(a, n1, b, n0))
    assert found.difference is not None
    assert found.difference.value == pytest.approx(float(expected.difference))
    half = found.difference.high - found.difference.value
    assert half == pytest.approx(1.96 * float(expected.error), rel=0.05)
    assert norm.isf(found.p / 2) == pytest.approx(norm.isf(float(expected.p) / 2), rel=0.06)


def test_customers_who_are_looked_at_often_are_no_more_than_they_are() -> None:
    """Each has four looks that are alike: without clusters a third of such tests would find it."""
    hits = sum(_of_nothing(seed, clustered=True) for seed in range(200))
    assert binomtest(hits, 200, 0.05, "greater").pvalue > 0.01
    assert sum(_of_nothing(seed, clustered=False) for seed in range(200)) > 40


def _of_nothing(seed: int, clustered: bool) -> bool:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(150), 4)
    exposed, case = rng.random(150)[who] < 0.3, rng.random(150)[who] < 0.3
    stratum = (np.arange(600) % 4).astype(np.int32)
    cluster = who if clustered else np.arange(600)
    return compared(exposed, case, stratum, cluster.astype(np.int32)).p <= 0.05


def test_what_goes_with_the_stratum_alone_is_no_difference() -> None:
    rng = np.random.default_rng(2)
    stratum = rng.integers(0, 2, 2000).astype(np.int32)
    exposed, case = rng.random(2000) < 0.1 + 0.7 * stratum, rng.random(2000) < 0.1 + 0.7 * stratum
    found = compared(exposed, case, stratum, np.arange(2000, dtype=np.int32))
    assert found.p > 0.05
    assert found.difference is not None
    assert found.difference.low < 0 < found.difference.high


def test_too_little_for_a_test() -> None:
    nobody = np.zeros(20, dtype=bool)
    some = np.arange(20) < 3
    numbers = np.arange(20, dtype=np.int32)
    one = np.zeros(20, dtype=np.int32)
    assert compared(nobody, some, one, numbers).difference is None
    few = compared(some, some, one, numbers)
    assert np.isnan(few.p)
    assert few.difference is not None
