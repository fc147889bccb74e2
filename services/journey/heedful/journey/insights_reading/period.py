"""How much a period holds, and how it is cut so that no part is large. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import Floats

DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_TO_1970: Final = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open, in UTC."""

    since: datetime
    until: datetime

    @property
    def days(self) -> tuple[float, float]:
        """Its ends in days since 1970."""
        return (self.since - _EPOCH) / DAY, (self.until - _EPOCH) / DAY

    def begun_earlier(self, lengths: float) -> "Period":
        """With so many lengths of it before it, as far as the calendar goes."""
        before = min((self.until - self.since) * lengths, self.since - _FIRST)
        return Period(self.since - before, self.until)


@dataclass(frozen=True, slots=True)
class Count:
    """How many events there are in the hour that begins then."""

    hour: datetime
    events: int


class TooMany(Exception):  # an answer is made of it
    """More events than are read at once.

    Attributes:
        since: from when on the period holds few enough; None: not even its last hour does.
    """

    def __init__(self, events: int, limit: int, since: datetime | None) -> None:
        super().__init__(f"{events} events, {limit} are read at once")
        self.events = events
        self.limit = limit
        self.since = since


def slices(period: Period, counts: Sequence[Count], at_once: int) -> Iterator[Period]:
    """Hours in their order, together as long as they hold at most `at_once` events; one with more
    stands alone."""
    since, held = period.since, 0
    for count in counts:
        if held and held + count.events > at_once:
            cut = max(period.since, count.hour)
            yield Period(since, cut)
            since, held = cut, 0
        held += count.events
    if held:
        yield Period(since, period.until)


def check(period: Period, counts: Sequence[Count], limit: int, lookback: float = 0.0) -> None:
    """See that there are not too many.

    Args:
        counts: of the period and of what is read before it.
        lookback: how much that is, in lengths of the period.

    Raises:
        TooMany: with a period that begins later, if one would do.
    """
    total = sum(count.events for count in counts)
    if total <= limit:
        return
    since, held = None, 0
    for count in reversed(counts):
        held += count.events
        if held > limit:
            break
        since = max(period.begun_earlier(lookback).since, count.hour)
    if since is None:
        raise TooMany(total, limit, None)
    # What is read begins there; the period itself is the later part of it.
    raise TooMany(total, limit, period.until - (period.until - since) / (1 + lookback))


def days_of(microseconds: npt.NDArray[np.int64]) -> Floats:
    """PostgreSQL's form of a time, microseconds since 2000, in days since 1970."""
    found: Floats = (microseconds + _TO_1970) / (DAY // timedelta(microseconds=1))
    return found
