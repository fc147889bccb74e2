"""BG/NBD against what is published of CDNOW, and against customers drawn from it."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import check_grad

from heedful.journey.insights.statistics.bg_nbd import BgNbd, _Likelihood, fitted
from tests.unit.journey.insights.statistics.cdnow import cdnow

PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4, converged=True)


def test_cdnow_as_published() -> None:
    """Fader, Hardie and Lee (2005), table 2: r, alpha, a, b and the log likelihood."""
    told = cdnow()
    assert told.customers.sum() == 2357
    assert (told.customers @ told.x) == 2457
    found = fitted(told.x, told.t_x, told.T, told.customers)
    assert found.converged
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
        (PUBLISHED.r, PUBLISHED.alpha, PUBLISHED.a, PUBLISHED.b), abs=6e-4
    )
    assert found.log_likelihood == pytest.approx(PUBLISHED.log_likelihood, abs=0.05)


def test_expectation_of_a_customer_as_published() -> None:
    """Customer 1 of the sample (x = 2, t_x = 30.43, T = 38.86): 1.226 purchases in the next 39
    weeks (Fader, Hardie and Lee, Implementing the BG/NBD Model in Excel, 2005)."""
    one = np.array([2.0]), np.array([30.43]), np.array([38.86])
    assert PUBLISHED.purchases(39.0, *one)[0] == pytest.approx(1.226, abs=5e-4)


def test_who_bought_once_cannot_have_dropped_out() -> None:
    once = np.zeros(1), np.zeros(1), np.array([38.86])
    assert PUBLISHED.alive(*once)[0] == 1.0


def test_the_longer_they_stay_away_the_less_likely_they_come() -> None:
    last = np.array([38.0, 30.0, 20.0, 10.0, 1.0])
    alive = PUBLISHED.alive(np.full(5, 3.0), last, np.full(5, 38.86))
    assert (np.diff(alive) < 0).all()
    assert ((alive > 0) & (alive < 1)).all()


def test_expectations_agree_with_customers_that_are_drawn() -> None:
    model = BgNbd(r=1.5, alpha=8.0, a=0.8, b=3.0, log_likelihood=0.0, converged=True)
    rng = np.random.default_rng(5)
    x, t_x, span, later = drawn(model, rng, 80_000)
    assert later[x == 0].mean() == pytest.approx(
        float(model.purchases(20.0, *(one[x == 0][:1] for one in (x, t_x, span)))[0]), rel=0.03
    )
    expected = model.purchases(20.0, x, t_x, span)
    assert later.mean() == pytest.approx(float(expected.mean()), rel=0.02)
    top = x >= 6
    assert later[top].mean() == pytest.approx(float(expected[top].mean()), rel=0.03)
    assert x.mean() == pytest.approx(model.purchases_of_new(30.0), rel=0.02)


def test_planted_parameters_are_found() -> None:
    model = BgNbd(r=1.2, alpha=9.0, a=0.9, b=3.0, log_likelihood=0.0, converged=True)
    x, t_x, span, _ = drawn(model, np.random.default_rng(8), 10_000)
    found = fitted(x, t_x, span)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((1.2, 9.0, 0.9, 3.0), rel=0.15)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    told = cdnow()
    likelihood = _Likelihood.of(told.x, told.t_x, told.T, told.customers)
    at = np.log([0.4, 5.0, 0.7, 2.0])
    off = check_grad(
        lambda logs: likelihood.negative(logs)[0], lambda logs: likelihood.negative(logs)[1], at
    )
    assert off < 1e-5


def test_large_counts_stay_finite() -> None:
    many = np.array([400.0]), np.array([99.0]), np.array([100.0])
    assert np.isfinite(PUBLISHED.purchases(52.0, *many)).all()
    # Without heterogeneity of dropping out: the integral over time of who is still there.
    rate = (0.243 + 400) / (4.414 + 100)
    drop = 0.793 / (0.793 + 2.426 + 400)
    there = PUBLISHED.alive(*many)[0]
    rough = there * quad(lambda t: rate * np.exp(-rate * drop * t), 0, 52)[0]
    assert PUBLISHED.purchases(52.0, *many)[0] == pytest.approx(rough, rel=0.04)


def drawn(
    model: BgNbd, rng: np.random.Generator, customers: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Customers over 30 weeks and what they buy in the 20 after, by the story of the model."""
    rate = rng.gamma(model.r, 1 / model.alpha, customers)
    gone = rng.beta(model.a, model.b, customers)
    x, later, last = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    now, there = np.zeros(customers), np.ones(customers, dtype=bool)
    while there.any():
        now = now + np.where(there, rng.exponential(1 / np.maximum(rate, 1e-12)), 0.0)
        there = there & (now <= 50.0)
        first = there & (now <= 30.0)
        x += first
        last = np.where(first, now, last)
        later += there & ~first
        there = there & (rng.random(customers) >= gone)
    return x, last, np.full(customers, 30.0), later
