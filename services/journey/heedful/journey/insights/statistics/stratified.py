"""Shares of two groups compared within strata, where the same customer may be looked at often.

The statistic is Mantel and Haenszel's (J. Natl. Cancer Inst. 22, 1959): cases among the exposed
less those expected, stratum by stratum. Its variance is taken over customers (Liang and Zeger,
Biometrika 73, 1986), but never below that of independent ones, and it is held against Student's t
by their number. The difference of risks is weighted as Mantel and Haenszel have it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import student_above, student_quantile

EXPECTED: Final = 5.0
"""What is expected of each of the four cells before a test is made (Cochran 1954)."""


@dataclass(frozen=True, slots=True)
class Stratified:
    """
    Attributes:
        difference: of the risks of exposed and others, with its 95 % interval; None where no
            stratum has both.
        p: two-sided; NaN where too little is expected for a test.
    """

    difference: Estimate | None
    p: float


def compared(exposed: Flags, case: Flags, stratum: Ints, cluster: Ints) -> Stratified:
    """One entry a look at a customer.

    Args:
        stratum: from 0.
        cluster: the customer, from 0.
    """
    x, y = exposed.astype(np.float64), case.astype(np.float64)
    n = np.bincount(stratum).astype(np.float64)
    n1: Floats = np.bincount(stratum, x).astype(np.float64)
    m: Floats = np.bincount(stratum, y).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, risk = np.nan_to_num(n1 / n), np.nan_to_num(m / n)
        weight = float(np.nansum(n1 * (n - n1) / n))
        alone = np.nansum(n1 * (n - n1) * m * (n - m) / (n**2 * np.maximum(n - 1, 1)))
    if weight == 0:
        return Stratified(None, np.nan)
    apart, beyond = x - share[stratum], y - risk[stratum]
    difference = float(apart @ beyond) / weight
    freedom = max(len(distinct(cluster)) - 1, 1)
    variance = max(_over_customers(apart * beyond, cluster, freedom), float(alone))
    error = _over_customers(apart * (beyond - difference * apart), cluster, freedom) ** 0.5 / weight
    sure = _least_expected(n, n1, m) >= EXPECTED and variance > 0
    z = difference * weight / variance**0.5 if sure else np.nan
    half = float(student_quantile(0.975, freedom)) * error
    low, high = max(-1.0, difference - half), min(1.0, difference + half)
    return Stratified(
        Estimate(value=difference, low=low, high=high), float(2 * student_above(abs(z), freedom))
    )


def _over_customers(residuals: Floats, cluster: Ints, freedom: int) -> float:
    sums = np.bincount(cluster, residuals)
    return float(sums @ sums) * (freedom + 1) / freedom


def _least_expected(n: Floats, n1: Floats, m: Floats) -> float:
    """The smallest of the four cells' expected counts, in strata that have both groups."""
    both = (n1 > 0) & (n1 < n)
    n, n1, m = n[both], n1[both], m[both]
    cells = (m * n1 / n, (n - m) * n1 / n, m * (n - n1) / n, (n - m) * (n - n1) / n)
    return min(float(cell.sum()) for cell in cells)
