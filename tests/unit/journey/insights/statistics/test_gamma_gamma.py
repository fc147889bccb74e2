"""Gamma-gamma against what is published of CDNOW."""

import numpy as np
import pytest

from heedful.journey.insights.statistics.gamma_gamma import GammaGamma, fitted
from tests.unit.journey.insights.statistics.cdnow import cdnow

PUBLISHED = GammaGamma(p=6.25, q=3.74, v=15.44, log_likelihood=0.0, converged=True)


def test_cdnow_as_published() -> None:
    """Fader, Hardie and Lee (2005), RFM and CLV: p, q and gamma of 946 customers who came again."""
    told = cdnow()
    again = told.x > 0
    assert again.sum() == 946
    found = fitted(told.x[again], told.zbar[again])
    assert found.converged
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)


def test_expectations_as_published() -> None:
    """The first ten customers of the sample (Fader and Hardie, The Gamma-Gamma Model, 2013)."""
    x = np.array([2.0, 1, 0, 0, 0, 7, 1, 0, 2, 0])
    zbar = np.array([22.35, 11.77, 0, 0, 0, 73.74, 11.77, 0, 25.55, 0])
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    told = PUBLISHED.expected(x, zbar)
    assert told == pytest.approx(published, abs=0.1)
    assert PUBLISHED.mean == pytest.approx(35.2, abs=0.1)


def test_planted_parameters_are_found_in_whatever_currency() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(1, 12, 20_000).astype(float)
    nu = rng.gamma(4.0, 1 / 40.0, len(x))
    zbar = rng.gamma(6.0 * x, 1 / (nu * x))
    found = fitted(x, zbar)
    assert (found.p, found.q, found.v) == pytest.approx((6.0, 4.0, 40.0), rel=0.08)
    dear = fitted(x, zbar * 1000)
    assert (dear.p, dear.q, dear.v) == pytest.approx((found.p, found.q, found.v * 1000), rel=1e-3)
    assert dear.log_likelihood == pytest.approx(
        found.log_likelihood - len(x) * np.log(1000), rel=1e-6
    )
