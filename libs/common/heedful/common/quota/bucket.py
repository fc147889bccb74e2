"""A token bucket as a pure state machine: no clock, no storage.

A bucket holds up to `burst` tokens and gains `per_second` of them, so that in any t seconds it
grants at most `burst + per_second * t`.
"""

import math
from dataclasses import dataclass

# A wait that was told in seconds comes back as the same number of tokens only up to rounding.
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second for ever, and so many at once. Both are above zero."""

    per_second: float
    burst: int

    @property
    def window_seconds(self) -> float:
        """How long an empty bucket takes to be full."""
        return self.burst / self.per_second


@dataclass(frozen=True, slots=True)
class Grant:
    """What a bucket gave.

    Attributes:
        tokens: zero, or at least what was needed.
        left: tokens that stay in the bucket.
        wait_seconds: after how long the same need could be met; 0 when it was.
    """

    tokens: int
    left: float
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens at a moment, in seconds of any one clock."""

    tokens: float
    at: float

    @classmethod
    def full(cls, rate: Rate, now: float) -> "Bucket":
        return cls(float(rate.burst), now)

    def tokens_at(self, rate: Rate, now: float) -> float:
        """How many there are at another moment; an earlier one adds nothing."""
        gone = max(0.0, now - self.at)
        return min(float(rate.burst), self.tokens + gone * rate.per_second)

    def refilled(self, rate: Rate, now: float) -> "Bucket":
        """The same bucket at another moment.

        One that is earlier by more than it takes to fill the bucket is a clock that was set back:
        time goes on from there, instead of standing still.
        """
        set_back = self.at - now > rate.window_seconds
        return Bucket(self.tokens_at(rate, now), now if set_back else max(self.at, now))

    def take(self, rate: Rate, needed: int, wanted: int, now: float) -> tuple["Bucket", Grant]:
        """Take `wanted` tokens, or as many as there are, but none unless there are `needed`.

        Args:
            needed: at least 1 and at most `wanted`.
        """
        filled = self.refilled(rate, now)
        there = math.floor(filled.tokens + _EPSILON)
        if there < needed:
            wait = (needed - filled.tokens) / rate.per_second
            return filled, Grant(0, filled.tokens, wait)
        given = min(wanted, there)
        left = max(0.0, filled.tokens - given)
        return Bucket(left, filled.at), Grant(given, left)
