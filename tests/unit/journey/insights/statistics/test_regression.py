"""Least squares with errors over customers, against statsmodels."""

import numpy as np
import pytest
import scipy.sparse as sp
import statsmodels.api as sm

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
    for column in range(3):
        estimate, p = found.slope(column)
        low, high = expected.conf_int()[column + 1]
        assert (estimate.low, estimate.high) == pytest.approx((low, high))
        assert p == pytest.approx(expected.pvalues[column + 1])
    sum_, p = found.sum_of(np.array([1.0, 0.0, 1.0]))
    tested = expected.t_test([0, 1, 0, 1])
    assert sum_.value == pytest.approx(tested.effect[0])
    assert p == pytest.approx(float(tested.pvalue))


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
