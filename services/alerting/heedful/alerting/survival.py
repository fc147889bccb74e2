"""How long it takes until an improvement lands, the open cases counted as well. Pure.

The mean over what has landed flatters: it leaves out whatever takes longest. Kaplan and Meier
(1958) use an open case for what it says, that it took at least so long. The variance is
Greenwood's; the interval of the median is Brookmeyer and Crowley's (1982) on the scale
log(-log S), which keeps its level in small samples (Borgan and Liestøl, 1990).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)
_HALF: Final = 0.5
_ROUNDING: Final = 1e-9
"""9/10 of 7/9 of 5/7 is a half, but not in floating point."""


@dataclass(frozen=True, slots=True)
class Lasted:
    """Cases that lasted equally long: `landed` of them, or open (`censored`) at that age."""

    hours: float
    landed: int
    censored: int


@dataclass(frozen=True, slots=True)
class Median:
    """Hours until half have landed, with its 95 % interval; None: not reached (yet).

    Attributes:
        n: cases that it is of.
        landed: how many of them have landed.
    """

    hours: float | None
    low: float | None
    high: float | None
    n: int
    landed: int


def median(cases: Iterable[Lasted]) -> Median:
    """Kaplan and Meier's median over cases, in any order.

    A case that is open at the moment when another lands was at risk in that moment.
    """
    groups = _grouped(cases)
    n = at_risk = sum(landed + censored for landed, censored in groups.values())
    all_landed = sum(landed for landed, _ in groups.values())
    alive, spread = 1.0, 0.0
    reached: float | None = None
    low: float | None = None
    high: float | None = None
    for hours in sorted(groups):
        landed, censored = groups[hours]
        if landed:
            alive *= 1 - landed / at_risk
            # Greenwood's sum has no value once everybody at risk has landed.
            spread = spread + landed / (at_risk * (at_risk - landed)) if alive else math.inf
            distance = _distance(alive, spread)
            if reached is None and alive <= _HALF + _ROUNDING:
                reached = hours
            if low is None and distance <= _Z:
                low = hours
            if high is None and distance < -_Z:
                high = hours
        at_risk -= landed + censored
    return Median(reached, low, high, n, all_landed)


def _grouped(cases: Iterable[Lasted]) -> dict[float, tuple[int, int]]:
    groups: dict[float, tuple[int, int]] = {}
    for one in cases:
        landed, censored = groups.get(one.hours, (0, 0))
        groups[one.hours] = (landed + one.landed, censored + one.censored)
    return groups


def _distance(alive: float, spread: float) -> float:
    """How many standard errors S lies above a half, on the scale of log(-log S)."""
    if alive <= 0:
        return -math.inf
    log = math.log(alive)
    error = math.sqrt(spread) / abs(log)
    return (math.log(-math.log(_HALF)) - math.log(-log)) / error
