"""Mantel-Haenszel sums against statsmodels, and against one table by hand."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from heedful.journey.insights.statistics.mantel_haenszel import Tables, compared, ratio


def tables(*strata: tuple[int, int, int, int]) -> Tables:
    a, n1, b, n0 = (np.array(column, dtype=float) for column in zip(*strata, strict=True))
    return Tables(a, n1, b, n0)


def test_one_stratum_is_the_plain_risk_ratio() -> None:
    """Physicians' health study: heart attacks 104 of 11 037 with aspirin, 189 of 11 034 without;
    the published risk ratio is 0.55 (0.43 to 0.70)."""
    found = compared(tables((104, 11037, 189, 11034)))
    assert float(found.ratio) == pytest.approx(0.5501, abs=1e-4)
    error = sqrt(1 / 104 - 1 / 11037 + 1 / 189 - 1 / 11034)
    assert float(found.log_error) == pytest.approx(error, abs=1e-12)
    told = ratio(float(found.ratio), float(found.log_error))
    assert told is not None
    assert (told.low, told.high) == pytest.approx((0.434, 0.698), abs=1e-3)
    assert told.low == pytest.approx(exp(log(told.value) - 1.959964 * error), abs=1e-6)
    assert float(found.difference) == pytest.approx(104 / 11037 - 189 / 11034, abs=1e-12)
    plain = sqrt(104 * 10933 / 11037**3 + 189 * 10845 / 11034**3)
    assert float(found.error) == pytest.approx(plain, abs=1e-12)


COUNTS = st.tuples(st.integers(0, 20), st.integers(1, 20), st.integers(0, 20), st.integers(1, 20))


@given(st.lists(COUNTS, min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_ratio_and_test_are_those_of_statsmodels(strata: list[tuple[int, int, int, int]]) -> None:
    """(cases, others) of the exposed and of the rest, in each stratum."""
    cells = [np.array([[a, c], [b, d]], dtype=float) for a, c, b, d in strata]
    table = StratifiedTable(cells)
    found = compared(tables(*((a, a + c, b, b + d) for a, c, b, d in strata)))
    if table.riskratio_pooled > 0 and np.isfinite(table.riskratio_pooled):
        assert float(found.ratio) == pytest.approx(float(table.riskratio_pooled))
    theirs = table.test_null_odds(correction=False)
    if np.isfinite(theirs.pvalue) and np.isfinite(float(found.p)):
        assert float(found.p) == pytest.approx(float(theirs.pvalue), rel=1e-6, abs=1e-12)


def test_a_stratum_with_one_group_only_says_nothing() -> None:
    alone = compared(tables((30, 100, 10, 100)))
    more = compared(tables((30, 100, 10, 100), (5, 5, 0, 0), (0, 0, 9, 9)))
    for name in ("ratio", "log_error", "p", "difference", "error", "exposed", "expected"):
        assert float(getattr(more, name)) == pytest.approx(float(getattr(alone, name)))


def test_confounding_by_stratum_is_taken_out() -> None:
    """Within each stratum the risk is the same; crudely the exposed look three times as bad."""
    found = compared(tables((45, 90, 5, 10), (1, 10, 9, 90)))
    assert float(found.ratio) == pytest.approx(1.0)
    assert float(found.difference) == pytest.approx(0.0)
    assert float(found.p) == pytest.approx(1.0)


def test_many_tables_at_once_are_each_by_themselves() -> None:
    rng = np.random.default_rng(3)
    n1, n0 = rng.integers(1, 30, (2, 4, 5)), rng.integers(1, 30, (2, 4, 5))
    a, b = rng.binomial(n1, 0.3), rng.binomial(n0, 0.2)
    every = compared(Tables(*(one.astype(float) for one in (a, n1, b, n0))))
    for i in range(2):
        for j in range(4):
            one = compared(Tables(*(part[i, j].astype(float) for part in (a, n1, b, n0))))
            assert every.ratio[i, j] == pytest.approx(float(one.ratio))
            assert every.error[i, j] == pytest.approx(float(one.error))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Twenty small strata with a true ratio of 2 and a true difference that varies little."""
    rng = np.random.default_rng(11)
    base = rng.uniform(0.1, 0.3, 20)
    n = np.full((2000, 20), 12.0)
    a, b = rng.binomial(12, 2 * base, (2000, 20)), rng.binomial(12, base, (2000, 20))
    found = compared(Tables(a.astype(float), n, b.astype(float), n))
    covered = np.abs(np.log(found.ratio / 2)) <= 1.96 * found.log_error
    assert 0.935 <= covered.mean() <= 0.965
    near = np.abs(found.difference - base.mean()) <= 1.96 * found.error
    assert 0.935 <= near.mean() <= 0.97


def test_no_interval_without_cases_in_both_groups() -> None:
    found = compared(tables((5, 10, 0, 10)))
    assert ratio(float(found.ratio), float(found.log_error)) is None
