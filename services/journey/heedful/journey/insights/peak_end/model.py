"""Whether peak and end tell the score, against the mean of all moments."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.peak_end.journeys import Journeys
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.moments import covariance, moments
from heedful.journey.insights.statistics.regression import fitted
from heedful.journey.insights.statistics.resampling import drawn, interval

_PEAK_END, _MEAN = [0, 1], [2]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """
    Attributes:
        peak, end: what the score is higher for a valence higher by 1; `p` adjusted, of each.
        r2_peak_end, r2_mean: variance of the score that each tells alone.
        advantage: of peak and end, adjusted for their being two: above 0, they tell more.
        draws: peak and end in each resample.
    """

    peak: Estimate
    end: Estimate
    p: Floats
    r2_peak_end: Estimate
    r2_mean: Estimate
    advantage: Estimate
    draws: Floats

    def holds(self, q: float) -> bool:
        """Whether either weight is significant."""
        return bool((self.p <= q).any())


def modelled(found: Journeys, block: Ints, blocks: int) -> Model | None:
    """None where the score or what was felt does not vary.

    Args:
        block: of each journey, from `resampling.dealt`.
    """
    told = np.column_stack([found.peak_valence, found.end_valence, found.mean, found.score])
    sums = moments(sp.csr_array(told), block, blocks)
    whole = covariance(sums.total())
    if (np.diag(whole) <= 0).any():
        return None
    n = len(found)
    fit = fitted(sp.csr_array(told[:, :2]), found.score, found.customer)
    draws = covariance(sums.totals(drawn(blocks)))
    r2_both, r2_alone = _explained(whole, _PEAK_END), _explained(whole, _MEAN)
    both, alone = _explained(draws, _PEAK_END), _explained(draws, _MEAN)
    (peak, peak_p), (end, end_p) = fit.slope(0), fit.slope(1)
    return Model(
        peak=peak,
        end=end,
        p=adjusted([peak_p, end_p]),
        r2_peak_end=interval(float(r2_both), both),
        r2_mean=interval(float(r2_alone), alone),
        advantage=interval(float(_advantage(r2_both, r2_alone, n)), _advantage(both, alone, n)),
        draws=_slopes(draws, _PEAK_END),
    )


def _slopes(covariances: Floats, columns: list[int]) -> Floats:
    """Of the score, the last, on these columns; of one covariance or of several."""
    inverse = np.linalg.pinv(covariances[..., columns, :][..., columns], hermitian=True)
    found: Floats = (inverse @ covariances[..., columns, 3:])[..., 0]
    return found


def _explained(covariances: Floats, columns: list[int]) -> Floats:
    """R²; NaN where the score does not vary."""
    told = (_slopes(covariances, columns) * covariances[..., columns, 3]).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = told / covariances[..., 3, 3]
    return found


def _advantage(both: Floats, alone: Floats, n: int) -> Floats:
    """Adjusted R² of the two less that of the one."""
    of_two, of_one = (n - 1) / max(n - 3, 1), (n - 1) / max(n - 2, 1)
    found: Floats = (1 - alone) * of_one - (1 - both) * of_two
    return found
