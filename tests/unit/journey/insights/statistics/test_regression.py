"""Least squares with errors over customers, against statsmodels."""

import numpy as np
import pytest
import scipy.sparse as sp
import statsmodels.api as sm
from scipy.stats import binomtest
from scipy.stats import t as student

from heedful.journey.insights.statistics.moments import covariance, moments
from heedful.journey.insights.statistics.regression import fitted
from heedful.journey.insights.statistics.resampling import dealt


def test_slopes_and_errors_are_those_of_statsmodels() -> None:
    generator = np.random.default_rng(1)
    cluster = np.repeat(np.arange(60), generator.integers(1, 6, 60)).astype(np.int32)
    columns = (generator.random((len(cluster), 3)) < 0.4).astype(float)
    score = columns @ [0.3, 0.0, -0.2] + generator.normal(size=60)[cluster] * 0.5
    score += generator.normal(size=len(cluster))
    expected = sm.OLS(score, sm.add_constant(columns)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True
    )
    found = fitted(sp.csr_array(columns), score, cluster)
    assert found.slopes == pytest.approx(expected.params[1:])
    assert found.freedom == 59
    bearers = [len(np.unique(cluster[columns[:, column] != 0])) for column in range(3)]
    for column in range(3):
        estimate, p = found.slope(column)
        error = by_bearers(expected.bse[column + 1], bearers[column])
        low, high = student.interval(0.95, bearers[column] - 1, found.slopes[column], error)
        assert (estimate.low, estimate.high) == pytest.approx((low, high))
        t = abs(found.slopes[column]) / error
        assert p == pytest.approx(2 * student.sf(t, bearers[column] - 1))
    sum_, p = found.sum_of(np.array([1.0, 0.0, 1.0]))
    tested, fewest = expected.t_test([0, 1, 0, 1]), min(bearers[0], bearers[2])
    assert sum_.value == pytest.approx(tested.effect[0])
    t = abs(sum_.value) / by_bearers(np.asarray(tested.sd).item(), fewest)
    assert p == pytest.approx(2 * student.sf(t, fewest - 1))


def by_bearers(error: float, bearers: int) -> float:
    """With the correction for few clusters by who bears a column, in place of that by all 60."""
    return float(error * np.sqrt(bearers / (bearers - 1) * 59 / 60))


def test_a_slope_that_few_bear_is_found_no_oftener_than_it_may() -> None:
    """Eight of 400 customers bear it; by Student's t of 399 one in nine such slopes is found."""
    hits = 0
    for seed in range(400):
        generator = np.random.default_rng(seed)
        columns = np.zeros((400, 1))
        columns[:8] = 1.0
        found = fitted(
            sp.csr_array(columns), generator.normal(size=400), np.arange(400, dtype=np.int32)
        )
        hits += found.slope(0)[1] <= 0.05
    assert binomtest(hits, 400, 0.05, "greater").pvalue > 0.01


def test_moments_of_blocks_are_those_of_all() -> None:
    generator = np.random.default_rng(2)
    values = generator.random((500, 3)) * (generator.random((500, 3)) < 0.5)
    block, blocks = dealt(generator.integers(0, 90, 500).astype(np.int32))
    found = moments(sp.csr_array(values), block, blocks)
    assert covariance(found.total()) == pytest.approx(np.cov(values.T, bias=True))
    twice = np.zeros(blocks)
    twice[3] = 2.0
    chosen = values[block == 3]
    assert covariance(found.totals(twice[None]))[0] == pytest.approx(np.cov(chosen.T, bias=True))
