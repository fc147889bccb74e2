"""Whether shares rise or fall with time, for many series at once."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.clustered import EXPECTED
from heedful.journey.insights.statistics.distributions import student_above, student_quantile


@dataclass(frozen=True, slots=True, eq=False)
class Trends:
    """By series: change of the share per unit of time with its 95 % interval, and the two-sided
    p-value of none (NaN: no test was possible)."""

    slope: Floats
    half: Floats
    p: Floats

    def estimate(self, series: int) -> Estimate | None:
        value, half = float(self.slope[series]), float(self.half[series])
        if not np.isfinite(value + half):
            return None
        return Estimate(value=value, low=value - half, high=value + half)


def trends(
    series: Ints, cluster: Ints, time: Floats, hit: Flags, count: int, clusters: int
) -> Trends:
    """Cochran and Armitage's test for a trend in proportions (Armitage, Biometrics 11, 1955), with
    the variance of the score over customers and never less than the ordinary one; held against
    Student's t by the number of customers. The slope is that of least squares.

    Args:
        series, cluster, time, hit: of each event.
        count: of series.
    """

    def by_series(weights: Floats | None = None) -> Floats:
        found: Floats = np.bincount(series, weights=weights, minlength=count).astype(np.float64)
        return found

    def tabled(values: Floats) -> sp.csr_array:
        return sp.csr_array((values, (series, cluster)), shape=(count, clusters))

    n, hits = by_series(), by_series(hit.astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        share, middle = hits / n, by_series(time) / n
        away = time - middle[series]
        spread = by_series(away**2)
        null = hit - share[series]
        score = by_series(null * away)
        slope = score / spread
        m = _by_row(tabled(np.ones(len(series))) != 0)
        small = m / (m - 1)
        ordinary = share * (1 - share) * spread
        under_null = np.fmax(small * _by_row(tabled(null * away).power(2)), ordinary)
        residual = (null - slope[series] * away) * away
        around = np.fmax(small * _by_row(tabled(residual).power(2)), ordinary)
        tested = (n * np.minimum(share, 1 - share) >= EXPECTED) & (spread > 0) & (m > 1)
        z = np.abs(score) / np.sqrt(under_null)
        p = np.where(tested, 2 * student_above(z, m - 1), np.nan)
        half = student_quantile(0.975, m - 1) * np.sqrt(around) / spread
    return Trends(slope, np.where(tested, half, np.nan), p)


def _by_row(matrix: sp.csr_array) -> Floats:
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
