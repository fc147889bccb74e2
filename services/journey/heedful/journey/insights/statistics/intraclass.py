"""How much of what varies is due to who asked."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import fisher_above, fisher_quantile


@dataclass(frozen=True, slots=True)
class Intraclass:
    """ICC(1), the share of variance between groups; `p` of there being none."""

    icc: Estimate
    p: float


def intraclass(values: Floats, group: Ints) -> Intraclass | None:
    """The intraclass correlation of a one-way random-effects analysis of variance.

    The estimator is (MSB - MSW) / (MSB + (n0 - 1) MSW) with n0 for unequal groups; the interval is
    that of Shrout and Fleiss (Psychol. Bull. 86, 1979) with n0 in place of the common size, which
    for unequal groups is approximate. None of fewer than two groups, or where nothing varies.

    Args:
        group: of each value, from 0 on.
    """
    sizes = np.bincount(group).astype(np.float64)
    sizes = sizes[sizes > 0]
    n, groups = len(values), len(sizes)
    if groups < 2 or n <= groups:
        return None
    counts = np.bincount(group)
    means = np.bincount(group, weights=values) / np.maximum(counts, 1)
    within = float(((values - means[group]) ** 2).sum()) / (n - groups)
    spread = float((counts * (means - values.mean()) ** 2).sum()) / (groups - 1)
    if within <= 0:
        return None
    usual = (n - float((sizes**2).sum()) / n) / (groups - 1)
    ratio = spread / within
    low = ratio / fisher_quantile(0.975, groups - 1, n - groups)
    high = ratio * fisher_quantile(0.975, n - groups, groups - 1)

    def share(of: float) -> float:
        return (of - 1) / (of + usual - 1)

    return Intraclass(
        icc=Estimate(value=share(ratio), low=share(low), high=share(high)),
        p=fisher_above(ratio, groups - 1, n - groups),
    )
