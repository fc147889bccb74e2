"""Shapley against every order of entry, and both methods against what they must be."""

from itertools import combinations, permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.key_drivers.weights import (
    MOST_EXACT,
    explained,
    johnson,
    method,
    shapley,
    weights,
)


def drawn(seed: int, predictors: int) -> tuple[Floats, Floats]:
    """Correlated predictors and a score, and their covariance."""
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(predictors + 1, predictors + 1))
    values = generator.normal(size=(200, predictors + 1)) @ mixed
    return values, np.cov(values.T, bias=True)


def r2(values: Floats, chosen: tuple[int, ...]) -> float:
    """Of least squares, by itself."""
    score = values[:, -1] - values[:, -1].mean()
    design = np.column_stack([np.ones(len(values)), values[:, list(chosen)]])
    fit, *_ = np.linalg.lstsq(design, score, rcond=None)
    return float(1 - ((score - design @ fit) ** 2).sum() / (score**2).sum())


def test_every_subset_is_a_regression() -> None:
    values, covariance = drawn(1, 4)
    found = explained(covariance)
    for size in range(5):
        for chosen in combinations(range(4), size):
            index = sum(1 << predictor for predictor in chosen)
            assert found[index] == pytest.approx(r2(values, chosen), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_shapley_is_the_mean_over_all_orders(seed: int) -> None:
    values, covariance = drawn(seed, 5)
    gains = np.zeros(5)
    for order in permutations(range(5)):
        for place, predictor in enumerate(order):
            before, after = order[:place], order[: place + 1]
            gains[predictor] += r2(values, after) - r2(values, before)
    assert shapley(covariance) == pytest.approx(gains / factorial(5), abs=1e-9)


@given(st.integers(0, 1000), st.integers(1, 9))
def test_both_share_out_r2(seed: int, predictors: int) -> None:
    _, covariance = drawn(seed, predictors)
    whole = explained(covariance)[-1]
    for found in (shapley(covariance), johnson(covariance)):
        assert found.sum() == pytest.approx(whole, abs=1e-6)
        assert (found >= -1e-9).all()


def test_predictors_that_do_not_go_together_have_their_own() -> None:
    covariance = np.diag([1.0, 4.0, 9.0, 5.0])
    covariance[:3, 3] = covariance[3, :3] = [1.0, 2.0, 3.0]
    own = [1 / 5, 4 / (4 * 5), 9 / (9 * 5)]
    assert shapley(covariance) == pytest.approx(own)
    assert johnson(covariance) == pytest.approx(own)


def test_the_same_said_twice_is_shared_evenly() -> None:
    covariance = np.array([[1.0, 1.0, 0.6], [1.0, 1.0, 0.6], [0.6, 0.6, 1.0]])
    assert shapley(covariance) == pytest.approx([0.18, 0.18])
    assert johnson(covariance) == pytest.approx([0.18, 0.18])


def test_what_does_not_vary_explains_nothing() -> None:
    covariance = np.array([[1.0, 0.0, 0.5], [0.0, 0.0, 0.0], [0.5, 0.0, 1.0]])
    assert shapley(covariance) == pytest.approx([0.25, 0.0])
    assert johnson(covariance) == pytest.approx([0.25, 0.0])


def test_many_predictors_are_weighed_by_johnson() -> None:
    assert method(MOST_EXACT) == "shapley"
    assert method(MOST_EXACT + 1) == "johnson"
    _, covariance = drawn(4, MOST_EXACT + 1)
    assert weights(covariance) == pytest.approx(johnson(covariance))


SWISS = np.array(
    [
        [1.0, -0.686542, -0.639523, 0.401095, -0.060859, 0.353079],
        [-0.686542, 1.0, 0.698415, -0.572742, -0.114022, -0.645883],
        [-0.639523, 0.698415, 1.0, -0.153859, -0.099322, -0.663789],
        [0.401095, -0.572742, -0.153859, 1.0, 0.175496, 0.463685],
        [-0.060859, -0.114022, -0.099322, 0.175496, 1.0, 0.416556],
        [0.353079, -0.645883, -0.663789, 0.463685, 0.416556, 1.0],
    ]
)
"""Correlations of R's data set swiss: agriculture, examination, education, Catholic, infant
mortality, and fertility, which the others explain."""


def test_shapley_as_published() -> None:
    """LMG of the package relaimpo (Groemping, J. Stat. Software 17, 2006) for these data."""
    published = [0.057091, 0.171173, 0.260135, 0.105570, 0.112766]
    assert shapley(SWISS) == pytest.approx(published, abs=1e-5)
