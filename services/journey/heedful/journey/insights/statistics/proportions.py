"""Shares and differences of shares, with intervals that hold for small numbers."""

from math import sqrt

from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import normal_above
from heedful.journey.touchpoints import wilson


def share(count: int, total: int) -> Estimate | None:
    """A share with its Wilson 95 % interval; None of nothing."""
    found = wilson(count, total)
    return None if found is None else Estimate(value=found.share, low=found.low, high=found.high)


def difference(a: int, of_a: int, b: int, of_b: int) -> Estimate | None:
    """Share of a less share of b with Newcombe's 95 % interval (Stat. Med. 17, 1998, method 10)."""
    one, other = wilson(a, of_a), wilson(b, of_b)
    if one is None or other is None:
        return None
    value = one.share - other.share
    below = sqrt((one.share - one.low) ** 2 + (other.high - other.share) ** 2)
    above = sqrt((one.high - one.share) ** 2 + (other.share - other.low) ** 2)
    return Estimate(value=value, low=value - below, high=value + above)


def two_proportions(a: int, of_a: int, b: int, of_b: int) -> float:
    """Two-sided p-value of the pooled two-proportion z-test; NaN where nothing can be tested."""
    if not of_a or not of_b or not 0 < a + b < of_a + of_b:
        return float("nan")
    pooled = (a + b) / (of_a + of_b)
    z = (a / of_a - b / of_b) / sqrt(pooled * (1 - pooled) * (1 / of_a + 1 / of_b))
    return float(2 * normal_above(abs(z)))
