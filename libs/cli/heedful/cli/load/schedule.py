"""When each request is due: decided before the first is sent, so that no answer moves it."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time in which the rate moves in a straight line.

    Attributes:
        first, last: requests a second at its begin and its end.
        counts: whether its requests are in the figures.
    """

    name: str
    seconds: float
    first: float
    last: float
    counts: bool = True

    @property
    def requests(self) -> float:
        """The area under the line."""
        return self.seconds * (self.first + self.last) / 2

    def moment(self, area: float) -> float:
        """Seconds from its begin at which so many requests are due."""
        if area == 0:
            return 0.0
        slope = (self.last - self.first) / self.seconds
        # The root of first*t + slope/2*t² = area that needs no division by the slope.
        return 2 * area / (self.first + math.sqrt(self.first**2 + 2 * slope * area))


@dataclass(frozen=True, slots=True)
class Due:
    """A request that is due `at` seconds from the begin of the run."""

    at: float
    phase: Phase


@dataclass(frozen=True, slots=True)
class Burst:
    """So many times the rate, `at` seconds after the ramp, `seconds` long."""

    times: float
    at: float
    seconds: float


def phases(rate: float, seconds: float, ramp: float, burst: Burst | None) -> list[Phase]:
    """A ramp from nothing, which does not count, and then the rate with its burst, if any.

    Raises:
        ValueError: the burst is not within the run.
    """
    found = [Phase("ramp", ramp, 0, rate, counts=False)] if ramp else []
    if burst is None:
        return [*found, Phase("steady", seconds, rate, rate)]
    rest = seconds - burst.at - burst.seconds
    if rest < 0:
        raise ValueError("the burst ends after the run")
    high = rate * burst.times
    before = Phase("before", burst.at, rate, rate)
    after = Phase("after", rest, rate, rate)
    middle = Phase("burst", burst.seconds, high, high)
    return [*found, *(one for one in (before, middle, after) if one.seconds)]


def schedule(plan: Sequence[Phase], chance: random.Random | None) -> Iterator[Due]:
    """The requests of a run in their order.

    Args:
        chance: None is even arrivals; else they know nothing of each other, a Poisson process
            (by its time change: unit exponential gaps in the area under the rate).
    """
    begin = area = 0.0
    # Even arrivals begin with one at once.
    next_ = 0.0 if chance is None else chance.expovariate(1)
    for phase in plan:
        while next_ - area < phase.requests:
            yield Due(begin + phase.moment(next_ - area), phase)
            next_ += 1 if chance is None else chance.expovariate(1)
        begin += phase.seconds
        area += phase.requests
