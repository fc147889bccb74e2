"""Weights of predictors with intervals, from resampled customers."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.key_drivers.weights import weights
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.moments import covariance, moments
from heedful.journey.insights.statistics.resampling import drawn, interval

REPEATS: Final = 200
"""Resamples; each costs up to 32,768 models."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """
    Attributes:
        share: by predictor, of R²; together 1.
        r2_adjusted: R² less what as many predictors without any effect would have explained.
    """

    share: list[Estimate]
    r2: Estimate
    r2_adjusted: float


def weighed(predictors: sp.csr_array, score: Floats, block: Ints, blocks: int) -> Weighed | None:
    """Of events x predictors; None where the score does not vary.

    Args:
        block: of each event, from `resampling.dealt`.
    """
    events, count = predictors.shape
    columns = sp.csr_array(sp.hstack([predictors, score[:, None]]))
    sums = moments(columns, block, blocks)
    whole = weights(covariance(sums.total()))
    r2 = float(whole.sum())
    if r2 <= 0:
        return None
    drawn_sums = sums.totals(drawn(blocks, REPEATS))
    draws = np.array([weights(one) for one in covariance(drawn_sums)])
    explained = draws.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = draws / explained[:, None]
    return Weighed(
        share=[interval(float(whole[i] / r2), shares[:, i]) for i in range(count)],
        r2=interval(r2, explained),
        r2_adjusted=1 - (1 - r2) * (events - 1) / max(events - count - 1, 1),
    )
