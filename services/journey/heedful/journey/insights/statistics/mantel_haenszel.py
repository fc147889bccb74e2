"""Risks of two groups compared within strata and summed over them, for many tables at once.

Ratio: Mantel and Haenszel's for cohorts (Nurminen, Biometrika 68, 1981), its variance that of
Greenland and Robins (Biometrics 41, 1985), which holds for few large strata as for many small
ones. Difference: weighted as Mantel and Haenszel have it, variance of Greenland and Robins too.
Test: Mantel and Haenszel (J. Natl. Cancer Inst. 22, 1959), without continuity correction.
"""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import normal_above
from heedful.journey.touchpoints import Z95


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Counts; the last axis is strata, the others are whatever is compared.

    Attributes:
        a, n1: cases among the exposed, and the exposed.
        b, n0: cases among the others, and the others.
    """

    a: Floats
    n1: Floats
    b: Floats
    n0: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Sums over strata, of the shape of the tables without their last axis.

    Attributes:
        exposed, others: how many there are in strata that have both.
        risk: share of cases among these exposed.
        otherwise: what it would be at the others' risks, stratum by stratum.
        ratio, log_error: Mantel-Haenszel risk ratio, standard error of its logarithm.
        difference, error: Mantel-Haenszel risk difference, its standard error.
        p: two-sided; NaN where there is nothing to test.
        expected: the smallest of the four cells' expected counts under no difference.
    """

    exposed: Floats
    others: Floats
    risk: Floats
    otherwise: Floats
    ratio: Floats
    log_error: Floats
    difference: Floats
    error: Floats
    p: Floats
    expected: Floats


def compared(tables: Tables) -> Compared:
    """All comparisons; a stratum without exposed or without others says nothing."""
    both = (tables.n1 > 0) & (tables.n0 > 0)
    a, n1 = np.where(both, tables.a, 0.0), np.where(both, tables.n1, 0.0)
    b, n0 = np.where(both, tables.b, 0.0), np.where(both, tables.n0, 0.0)
    n = np.where(both, n1 + n0, 1.0)
    m = a + b
    with np.errstate(divide="ignore", invalid="ignore"):
        up, down = (a * n0 / n).sum(-1), (b * n1 / n).sum(-1)
        spread = ((m * n1 * n0 - a * b * n) / n**2).sum(-1)
        weight = (n1 * n0 / n).sum(-1)
        by_stratum = np.where(both, a * (n1 - a) * n0**2 / (n1 * n**2), 0.0)
        by_stratum += np.where(both, b * (n0 - b) * n1**2 / (n0 * n**2), 0.0)
        variance = np.where(n > 1, m * (n - m) * n1 * n0 / (n**2 * np.maximum(n - 1, 1)), 0.0)
        expected = (m * n1 / n).sum(-1)
        surprise = (a.sum(-1) - expected) / np.sqrt(variance.sum(-1))
        exposed, others = n1.sum(-1), n0.sum(-1)
        otherwise = np.where(both, b / n0 * n1, 0.0).sum(-1) / exposed
        cells = (expected, exposed - expected, m.sum(-1) - expected)
        least = np.minimum.reduce([*cells, others - (m.sum(-1) - expected)])
        return Compared(
            exposed=exposed,
            others=others,
            risk=a.sum(-1) / exposed,
            otherwise=otherwise,
            ratio=up / down,
            log_error=np.sqrt(spread / (up * down)),
            difference=(up - down) / weight,
            error=np.sqrt(by_stratum.sum(-1)) / weight,
            p=2 * normal_above(np.abs(surprise)),
            expected=least,
        )


def ratio(value: float, log_error: float) -> Estimate | None:
    """A risk ratio with its 95 % interval; None where cases are in one group only."""
    if not (np.isfinite(value) and value > 0 and np.isfinite(log_error)):
        return None
    low, high = value * np.exp(-Z95 * log_error), value * np.exp(Z95 * log_error)
    return Estimate(value=value, low=float(low), high=float(high))
