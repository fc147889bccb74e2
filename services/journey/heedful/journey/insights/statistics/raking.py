"""Weights that make those who spoke look like all customers."""

from collections.abc import Sequence

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import student_quantile

_ROUNDS = 1000
_NEAR = 1e-9


def raked(categories: Sequence[Ints], margins: Sequence[Floats]) -> Floats | None:
    """Weights, of mean 1, under which every category has its share of the population.

    Iterative proportional fitting (Deming and Stephan, Ann. Math. Stat. 11, 1940): each variable
    in turn, until all fit. None where they do not come to fit: no weights do, which happens where
    a combination of categories is missing.

    Args:
        categories: of each variable the category of each respondent, at least 0.
        margins: of each variable the share of each category in the population, in sum 1; every
            category with a share has a respondent, and every respondent's category has a share.
    """
    cells, cell, held = np.unique(
        np.stack(categories), axis=1, return_inverse=True, return_counts=True
    )
    weights = held / held.sum()
    for _ in range(_ROUNDS):
        for codes, margin in zip(cells, margins, strict=True):
            now = np.bincount(codes, weights=weights, minlength=len(margin))
            weights = weights * (margin / np.where(now > 0, now, 1.0))[codes]
        worst = max(
            float(np.abs(np.bincount(codes, weights=weights, minlength=len(margin)) - margin).max())
            for codes, margin in zip(cells, margins, strict=True)
        )
        if worst < _NEAR:
            each: Floats = (weights / held * held.sum())[np.asarray(cell).ravel()]
            return each
    return None


def effective(weights: Floats) -> float:
    """As how many unweighted answers weighted ones are worth (Kish, Survey Sampling, 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def weighted_mean(values: Floats, weights: Floats) -> Estimate | None:
    """A weighted mean with its 95 % interval; None of fewer than two.

    The variance is the linearised one of a ratio, weights taken as given; Student's t by the
    effective sample size.
    """
    if len(values) < 2:
        return None
    share = weights / weights.sum()
    mean = float(share @ values)
    return _around(mean, share, values - mean, weights)


def shift(values: Floats, weights: Floats) -> Estimate | None:
    """By how much weighting moves the mean, with its 95 % interval; None of fewer than two.

    Where values have nothing to do with weights it is around 0: its variance is that of the same
    contrast of values that could be anybody's.
    """
    if len(values) < 2:
        return None
    contrast = weights / weights.sum() - 1 / len(values)
    centred = values - values.mean()
    return _around(float(contrast @ values), contrast, centred, weights)


def _around(value: float, contrast: Floats, residuals: Floats, weights: Floats) -> Estimate:
    freedom = max(effective(weights) - 1, 1.0)
    half = float(student_quantile(0.975, freedom) * np.sqrt((contrast**2) @ (residuals**2)))
    half *= float(np.sqrt((freedom + 1) / freedom))
    return Estimate(value=value, low=value - half, high=value + half)
