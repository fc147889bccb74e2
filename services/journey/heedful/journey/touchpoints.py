"""The red/green map: what share of a touchpoint's feedback is red, and how sure we are."""

from dataclasses import dataclass
from math import sqrt

from heedful.common.contracts import Colour

ENOUGH = 20
"""Feedback below this count says too little: the touchpoint stays grey."""

Z95 = 1.959963984540054
"""Standard normal quantile of two-sided 95 % intervals."""


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with its 95 % interval."""

    share: float
    low: float
    high: float


def wilson(count: float, total: float) -> Share | None:
    """The Wilson score interval (E. B. Wilson 1927); None of nothing.

    Unlike the normal interval it stays within 0 and 1 and is honest for small totals. Counts need
    not be whole: what events that depend on each other are worth.
    """
    if total == 0:
        return None
    share = count / total
    z2 = Z95 * Z95
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 / (1 + z2 / total) * sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    # At the ends the formula is exact only up to rounding.
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == total else min(1.0, centre + half)
    return Share(share, low, high)


def colour(red: float, green: float, feedback: float) -> Colour:
    """Red or green when one is surely more frequent than the other, amber when not sure."""
    reds, greens = wilson(red, feedback), wilson(green, feedback)
    if feedback < ENOUGH or reds is None or greens is None:
        return Colour.GREY
    if reds.low > greens.high:
        return Colour.RED
    if greens.low > reds.high:
        return Colour.GREEN
    return Colour.AMBER
