"""Shifted beta-geometric against Fader and Hardie (2007)."""

import numpy as np
import pytest

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.statistics.shifted_beta_geometric import (
    ShiftedBetaGeometric,
    fitted,
)

HIGH_END = [86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]
REGULAR = [63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]
"""Percent of two groups of customers who survive one to seven years (table 1)."""


def counts(survival: list[float]) -> tuple[Floats, Floats, Floats]:
    """Of 1,000 customers: those who left in each year, and those still there after the last."""
    left = -np.diff([1000.0, *(10 * one for one in survival)])
    years = np.arange(1.0, len(survival) + 1)
    return (
        np.append(years, years[-1]),
        np.append(np.ones(len(years)), 0.0),
        np.append(left, 10 * survival[-1]),
    )


@pytest.mark.parametrize(
    ("survival", "alpha", "beta", "twelfth"),
    [(HIGH_END, 0.668, 3.806, 39.4), (REGULAR, 0.704, 1.182, 17.3)],
)
def test_parameters_as_published(
    survival: list[float], alpha: float, beta: float, twelfth: float
) -> None:
    years, left, customers = counts(survival)
    found = fitted(years, left == 1, customers)
    assert (found.alpha, found.beta) == pytest.approx((alpha, beta), abs=1.5e-3)
    # What is projected for the twelfth year lies near what came: figure 6 of the paper.
    assert 100 * float(found.survival(np.array(12.0))) == pytest.approx(twelfth, abs=3.0)


def test_survival_is_the_product_of_retention() -> None:
    model = ShiftedBetaGeometric(0.668, 3.806, 0.0, True)
    kept = [(3.806 + t) / (0.668 + 3.806 + t) for t in range(5)]
    assert model.survival(np.arange(6.0)) == pytest.approx([1, *np.cumprod(kept)])


def test_periods_ahead_are_sums_of_conditional_survival() -> None:
    model = ShiftedBetaGeometric(1.5, 30.0, 0.0, True)
    for kept in (0, 4, 40):
        ahead = model.survival(kept + np.arange(1.0, 13.0)).sum() / model.survival(np.array(kept))
        assert float(model.periods(np.array(kept), 12)) == pytest.approx(float(ahead))
    assert (np.diff(model.periods(np.arange(20.0), 12)) > 0).all()


def test_planted_parameters_are_found() -> None:
    rng = np.random.default_rng(2)
    churn = rng.beta(1.5, 12.0, 30_000)
    ends = rng.geometric(churn).astype(float)
    left = ends <= 24
    found = fitted(np.where(left, ends, 24.0), left)
    assert (found.alpha, found.beta) == pytest.approx((1.5, 12.0), rel=0.06)
