"""Trends of shares against R's prop.trend.test, and over customers who repeat themselves."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest

from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.insights.statistics.trend import Trends, trends


def one(time: Floats, hit: Flags, cluster: Ints) -> Trends:
    series = np.zeros(len(time), dtype=np.int32)
    return trends(series, cluster, time, hit, 1, int(cluster.max()) + 1)


def test_as_published() -> None:
    """Fleiss 1981, p. 139, in R's help of prop.trend.test: chi-squared 8.2249, p = 0.004132."""
    smokers, patients = (83, 90, 129, 70), (86, 93, 136, 82)
    time = np.repeat(np.arange(4.0), patients)
    hit = np.concatenate([np.arange(n) < k for k, n in zip(smokers, patients, strict=True)])
    found = one(time, hit, np.arange(len(time), dtype=np.int32))
    spread = ((time - time.mean()) ** 2).sum()
    chi_squared = found.slope[0] ** 2 * spread / (hit.mean() * (1 - hit.mean()))
    assert chi_squared == pytest.approx(8.2249, abs=5e-5)
    # The variance over customers is larger here than the ordinary one.
    assert 0.004132 <= found.p[0] < 0.05
    fitted = sm.OLS(hit.astype(float), sm.add_constant(time)).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(len(time))}, use_t=True
    )
    assert found.slope[0] == pytest.approx(fitted.params[1])
    estimate = found.estimate(0)
    assert estimate is not None
    assert (estimate.low, estimate.high) == pytest.approx(fitted.conf_int()[1], rel=0.01)


def test_the_interval_holds_the_slope() -> None:
    held = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(150), 3).astype(np.int32)
        time = generator.random(450) * 6
        mood = generator.normal(size=150)[cluster] * 0.1
        hit = generator.random(450) < np.clip(0.3 + 0.03 * time + mood, 0, 1)
        estimate = one(time, hit, cluster).estimate(0)
        assert estimate is not None
        held += estimate.low <= 0.03 <= estimate.high
    assert binomtest(200 - held, 200, 0.05, alternative="greater").pvalue > 0.01


def test_series_do_not_mix() -> None:
    generator = np.random.default_rng(3)
    series = generator.integers(0, 3, 600).astype(np.int32)
    cluster = generator.integers(0, 200, 600).astype(np.int32)
    time, hit = generator.random(600), generator.random(600) < 0.4
    found = trends(series, cluster, time, hit, 4, 200)
    for number in range(3):
        mine = series == number
        alone = one(time[mine], hit[mine], cluster[mine])
        assert found.p[number] == pytest.approx(alone.p[0])
        assert found.half[number] == pytest.approx(alone.half[0])
    assert np.isnan(found.p[3])
    assert found.estimate(3) is None


def test_one_moment_has_no_trend() -> None:
    found = one(np.ones(50), np.arange(50) % 2 == 0, np.arange(50, dtype=np.int32))
    assert np.isnan(found.p[0])


def test_with_nothing_planted_few_trends_are_found() -> None:
    """Customers who say the same again at neighbouring times; 200 seeds."""
    false = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(80), 4).astype(np.int32)
        time = generator.random(80)[cluster] + 0.1 * generator.random(320)
        hit = generator.random(320) < generator.beta(0.5, 0.5, 80)[cluster]
        false += bool(one(time, hit, cluster).p[0] <= 0.05)
    assert binomtest(false, 200, 0.05, alternative="greater").pvalue > 0.01
