"""Rates of weeks against statsmodels' quasi-Poisson regression."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest, t

from heedful.journey.insights.emerging.rates import rates, ratio
from heedful.journey.insights.facts import Flags, Floats

RECENT: Flags = np.arange(30) >= 26


def drawn(seed: int, factor: float = 1.0, spread: float = 0.3) -> tuple[Floats, Floats]:
    """One topic's weekly counts, overdispersed by a gamma, and the totals."""
    generator = np.random.default_rng(seed)
    totals = generator.integers(150, 250, 30).astype(float)
    rate = 0.05 * np.where(RECENT, factor, 1.0) * generator.gamma(1 / spread, spread, 30)
    return generator.poisson(totals * rate)[None].astype(float), totals


def test_it_is_the_quasi_poisson_regression() -> None:
    counts, totals = drawn(1, 2.0)
    found = rates(counts, totals, RECENT)
    model = sm.GLM(
        counts[0],
        sm.add_constant(RECENT.astype(float)),
        family=sm.families.Poisson(),
        exposure=totals,
    ).fit(scale="X2")
    assert found.dispersion[0] == pytest.approx(model.scale)
    assert found.dispersion[0] > 1.5
    estimate = found.ratio(0)
    assert estimate is not None
    assert estimate.value == pytest.approx(np.exp(model.params[1]))
    low, high = np.exp(model.conf_int()[1])
    assert (estimate.low, estimate.high) == pytest.approx((low, high), rel=0.1)


def test_without_dispersion_it_is_the_binomial_score_test() -> None:
    counts = np.full((1, 30), 10.0)
    counts[0, RECENT] = 14.0
    found = rates(counts, np.full(30, 100.0), RECENT)
    assert found.dispersion[0] == 1.0
    part, both = 4 / 30, 260 + 56
    z = (56 - both * part) / np.sqrt(both * part * (1 - part))
    assert found.p[0] == pytest.approx(2 * t.sf(z, 28))


def test_what_is_new_has_no_ratio() -> None:
    counts = np.zeros((2, 30))
    counts[0, RECENT] = 20.0
    found = rates(counts, np.full(30, 200.0), RECENT)
    assert found.ratio(0) is None
    assert found.p[0] < 1e-6
    assert np.isnan(found.p[1])


def test_a_topic_that_ended_has_the_ratio_none() -> None:
    estimate = ratio(0, 50, 0.2, 1.0)
    assert estimate is not None
    assert (estimate.value, estimate.low) == (0, 0)
    assert 0 < estimate.high < 1


def test_with_nothing_planted_few_differ() -> None:
    """400 seeds; with counts that are overdispersed, an ordinary Poisson test calls far more."""
    false = sum(bool(rates(*drawn(seed), RECENT).p[0] <= 0.05) for seed in range(400))
    assert binomtest(false, 400, 0.05, alternative="greater").pvalue > 0.01
