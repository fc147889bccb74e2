"""How sure the score of a super user is: what half of their words says of the other half. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Facts, Flags, Floats
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import normal_quantile
from heedful.journey.insights.statistics.ranks import spearman

_LEAST: int = 10
"""Fewer customers tell nothing of a correlation."""


@dataclass(frozen=True, slots=True)
class Stability:
    """
    Attributes:
        reliability: the share of what varies that is no chance, 0 to 1.
        error: standard error of a score.
    """

    reliability: Estimate
    error: float


def halves(facts: Facts, of: Flags) -> tuple[Flags, Flags]:
    """Every other item of each customer, by time."""
    places = np.flatnonzero(of)
    customer = facts.customer[places]
    start = np.searchsorted(customer, customer, side="left")
    even = (np.arange(len(places)) - start) % 2 == 0
    one, other = np.zeros(len(of), dtype=np.bool_), np.zeros(len(of), dtype=np.bool_)
    one[places[even]], other[places[~even]] = True, True
    return one, other


def stability(one: Floats, other: Floats, whole: Floats) -> Stability | None:
    """Of scores from either half, and from all; None of too few.

    Spearman's correlation of the halves, stepped up to the whole length (Spearman and Brown 1910),
    with Fisher's interval; the error is the standard error of measurement of classical test theory.
    """
    if len(one) < _LEAST or one.std() == 0 or other.std() == 0:
        return None
    r = float(np.clip(spearman(one, other), -0.999999, 0.999999))
    half = normal_quantile(0.975) * 1.03 / np.sqrt(len(one) - 3)
    low, value, high = (_whole(float(np.tanh(np.arctanh(r) + d))) for d in (-half, 0.0, half))
    return Stability(
        reliability=Estimate(value=value, low=low, high=high),
        error=float(whole.std()) * float(np.sqrt(1 - value)),
    )


def _whole(r: float) -> float:
    return max(0.0, 2 * r / (1 + r))
