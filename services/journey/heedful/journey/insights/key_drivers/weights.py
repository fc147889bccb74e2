"""How much of R² is owed to each of several predictors that go together."""

from collections.abc import Callable
from functools import cache
from math import factorial
from typing import Final

import numpy as np

from heedful.journey.insights.facts import Floats

MOST_EXACT: Final = 15
"""Shapley needs a model for each subset of predictors: 32,768 of 15."""
_NOTHING_LEFT: Final = 1e-9
"""Share of a predictor's variance below which the others say all that it says."""


def method(predictors: int) -> str:
    return "shapley" if predictors <= MOST_EXACT else "johnson"


def weights(covariance: Floats) -> Floats:
    """By predictor its part of R²; together they are R².

    Args:
        covariance: of the predictors and then the score, one more than predictors each way.
    """
    make: Callable[[Floats], Floats] = (
        shapley if method(len(covariance) - 1) == "shapley" else johnson
    )
    return make(covariance)


def shapley(covariance: Floats) -> Floats:
    """The mean gain of R² over all orders in which predictors may enter (Lindeman, Merenda and
    Gold 1980, "LMG"; Lipovetsky and Conklin, Appl. Stoch. Models Bus. Ind. 17, 2001)."""
    found: Floats = _shapley_matrix(len(covariance) - 1) @ explained(covariance)
    return found


def explained(covariance: Floats) -> Floats:
    """R² of each subset of the predictors, the subset by the bits of its index.

    Predictors are swept in one after the other (Schur complements), for all subsets at once.
    """
    total = covariance[-1, -1]
    predictors = len(covariance) - 1
    if total <= 0:
        return np.zeros(2**predictors)
    left = covariance[None]
    for predictor in range(predictors):
        rest = left[:, 1:, 1:]
        pivot = left[:, 0, 0]
        sound = pivot > _NOTHING_LEFT * covariance[predictor, predictor]
        scale = np.where(sound, 1 / np.where(sound, pivot, 1.0), 0.0)
        column = left[:, 1:, 0]
        swept = rest - column[:, :, None] * (column * scale[:, None])[:, None, :]
        left = np.concatenate([rest, swept])
    found: Floats = 1 - left[:, 0, 0] / total
    return found


@cache
def _shapley_matrix(predictors: int) -> Floats:
    """Predictors x subsets: what the R² of each subset counts for."""
    subsets = np.arange(2**predictors)
    bits = (subsets[None, :] >> np.arange(predictors)[:, None]) & 1
    size = bits.sum(axis=0)
    # Of a subset of s others, the weight of the gain that a predictor brings to it.
    gain = np.array(
        [factorial(s) * factorial(predictors - s - 1) for s in range(predictors)], dtype=np.float64
    ) / factorial(predictors)
    inside = gain[np.maximum(size - 1, 0)]
    outside = gain[np.minimum(size, predictors - 1)]
    found: Floats = np.where(bits == 1, inside, -outside)
    return found


def johnson(covariance: Floats) -> Floats:
    """Relative weights (J. W. Johnson, Multivariate Behavioral Research 35, 2000): R² is shared
    among the nearest orthogonal variables, and theirs among the predictors."""
    spread = np.sqrt(np.diag(covariance))
    sound = np.where(spread > 0, spread, np.inf)
    correlation = covariance / np.outer(sound, sound)
    values, vectors = np.linalg.eigh(correlation[:-1, :-1])
    root = np.sqrt(np.maximum(values, 0.0))
    inverse = np.where(values > _NOTHING_LEFT, 1 / np.where(root > 0, root, 1.0), 0.0)
    loadings = (vectors * root) @ vectors.T
    slopes = (vectors * inverse) @ vectors.T @ correlation[:-1, -1]
    found: Floats = loadings**2 @ slopes**2
    return found
