"""Which days of a period are read from their packs, and how the rest is cut. Pure."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from heedful.journey.insights_reading.period import DAY, Count, Period, slices

PACKED_AT_ONCE: Final = 400_000
"""Events whose packs are read with one statement: some 25 MB."""


@dataclass(frozen=True, slots=True)
class DayPack:
    """That there is one which may be read, and of how many events."""

    day: date
    events: int

    @property
    def period(self) -> Period:
        return day_of(self.day)


@dataclass(frozen=True, slots=True)
class Rows:
    """A stretch to be read from the events themselves."""

    period: Period


@dataclass(frozen=True, slots=True)
class Packs:
    """Some to be read together, in the order of days."""

    packs: tuple[DayPack, ...]


def day_of(day: date) -> Period:
    begin = datetime.combine(day, time(), UTC)
    return Period(begin, begin + DAY)


def inside(period: Period, packs: Sequence[DayPack]) -> list[DayPack]:
    """Those whose whole day lies in a period, in the order of days."""
    found = [
        one
        for one in packs
        if period.since <= one.period.since and one.period.until <= period.until
    ]
    return sorted(found, key=lambda one: one.day)


def rest(period: Period, packs: Sequence[DayPack]) -> list[Period]:
    """What of a period the packs, in their order and inside it, leave out."""
    begins = [period.since, *(pack.period.until for pack in packs)]
    ends = [*(pack.period.since for pack in packs), period.until]
    return [Period(a, b) for a, b in zip(begins, ends, strict=True) if a < b]


def counted(packs: Sequence[DayPack], rest: Sequence[Count]) -> list[Count]:
    """By the day where it is packed, by the hour elsewhere; in their order."""
    days = [Count(one.period.since, one.events) for one in packs]
    return sorted([*days, *rest], key=lambda one: one.hour)


def stretches(
    period: Period, packs: Sequence[DayPack], counts: Sequence[Count], at_once: int
) -> Iterator[Rows | Packs]:
    """What there is, in the order of time.

    Args:
        packs: in their order and inside the period.
        counts: of the rest of it.
        at_once: so many rows are read with one statement.
    """
    hours, begin = deque(counts), period.since
    held: list[DayPack] = []
    for pack in (*packs, None):
        end = period.until if pack is None else pack.period.since
        between = []
        while hours and hours[0].hour < end:
            between.append(hours.popleft())
        if held and (
            between
            or pack is None
            or sum(one.events for one in held) + pack.events > PACKED_AT_ONCE
        ):
            yield Packs(tuple(held))
            held = []
        yield from map(Rows, slices(Period(begin, end), between, at_once))
        if pack is not None:
            held.append(pack)
            begin = pack.period.until
