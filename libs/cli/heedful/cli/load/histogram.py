"""Durations in little memory, with a known error: buckets as HdrHistogram's, linear inside each
power of two (https://hdrhistogram.github.io/HdrHistogram/)."""

import math
from collections.abc import Iterable
from typing import Final

_BITS: Final = 8
"""Buckets of one power of two: 2^(_BITS - 1)."""

RELATIVE_ERROR: Final = 2.0**-_BITS
"""A percentile is at most so far from the recorded value, as a share of it: 0.4 %."""

_UNIT: Final = 1_000_000
"""Microseconds are what is told apart at the low end: half of one is the error there."""


class Histogram:
    """Counts of durations in seconds."""

    def __init__(self, seconds: Iterable[float] = ()) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.sum = 0.0
        self.max = 0.0
        for one in seconds:
            self.record(one)

    def record(self, seconds: float) -> None:
        """Count one; what is below 0, as of clocks that disagree, counts as 0."""
        seconds = max(0.0, seconds)
        bucket = _bucket(round(seconds * _UNIT))
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.count += 1
        self.sum += seconds
        self.max = max(self.max, seconds)

    def percentile(self, percent: float) -> float:
        """The value that so many percent do not exceed, by nearest rank; nan of nothing."""
        if not self.count:
            return math.nan
        rank = max(1, math.ceil(self.count * percent / 100))
        if rank == self.count:
            return self.max
        for bucket in sorted(self._counts):
            rank -= self._counts[bucket]
            if rank <= 0:
                return min(_middle(bucket) / _UNIT, self.max)
        raise AssertionError("the counts of the buckets are fewer than the count")

    @property
    def mean(self) -> float:
        """nan of nothing."""
        return self.sum / self.count if self.count else math.nan


def _bucket(value: int) -> int:
    shift = max(0, value.bit_length() - _BITS)
    return (shift << (_BITS - 1)) + (value >> shift)


def _middle(bucket: int) -> float:
    half = 1 << (_BITS - 1)
    shift = max(0, bucket // half - 1)
    lowest = (bucket - shift * half) << shift
    return lowest + ((1 << shift) - 1) / 2
