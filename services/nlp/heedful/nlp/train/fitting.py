"""The arithmetic of calibration: weights, temperature and thresholds from labelled predictions."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Groups = NDArray[np.str_]

_STEPS: Final = 50
_RIDGE: Final = 1e-6
_FLOOR: Final = 1e-6


def even_weights(groups: Groups, labels: Labels) -> Floats:
    """Weights with which every label of every group counts the same, their mean 1."""
    weights = np.zeros(len(labels))
    for group in np.unique(groups):
        for label in np.unique(labels):
            chosen = (groups == group) & (labels == label)
            if chosen.any():
                weights[chosen] = 1 / chosen.sum()
    even: Floats = weights * len(weights) / weights.sum()
    return even


def logistic(features: Floats, wanted: NDArray[np.bool_], weights: Floats) -> Floats:
    """The coefficients of a logistic regression without constant, by Newton's method."""
    coefficients = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-features @ coefficients))
        curvature = (features * (weights * share * (1 - share))[:, None]).T @ features
        slope = features.T @ (weights * (wanted - share))
        coefficients += np.linalg.solve(curvature + _RIDGE * np.eye(len(coefficients)), slope)
    return coefficients


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """Probabilities flattened by a temperature above 1; rows sum to 1.

    Guo et al., "On Calibration of Modern Neural Networks" (2017).
    """
    flat = np.clip(probabilities, _FLOOR, 1) ** (1 / temperature)
    result: Floats = flat / flat.sum(axis=1, keepdims=True)
    return result


def best_temperature(
    probabilities: Floats, labels: Labels, weights: Floats, candidates: Sequence[float]
) -> float:
    """The temperature under which the labels are the least surprising."""

    def surprise(temperature: float) -> float:
        chosen = tempered(probabilities, temperature)[np.arange(len(labels)), labels]
        return float(-(weights * np.log(chosen)).sum())

    return min(candidates, key=surprise)


def share_at(
    certainty: Floats, chosen: NDArray[np.bool_], weights: Floats
) -> Callable[[float], float]:
    """Of the chosen, the weighted share that is at least so certain."""
    total = float(weights[chosen].sum())

    def share(threshold: float) -> float:
        return float(weights[chosen & (certainty >= threshold)].sum()) / total

    return share
