"""What a calendar is: the hours in which work is done, in the wall time of a zone.

Stands on reference/sla.md §4.6. edges.py says which moments wall times are, arithmetic.py counts
working time.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from heedful.alerting.calendars.edges import edge

DAY_MINUTES = 24 * 60
LOOK_AHEAD = timedelta(days=400)
"""No deadline, opening or last working minute is looked for further away than this."""
# The days of a calendar that are remembered: about 200 bytes each.
_REMEMBERED_DAYS = 1000
_WEEKEND = (6, 7)


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """As `date.weekday()` has it: 0 is Monday."""
        return list(Weekday).index(self)


class Interval(NamedTuple):
    """Half-open [start, end) in minutes after midnight, by the clock on the wall."""

    start: int
    end: int


Hours = tuple[Interval, ...]
"""The working intervals of one day, in order, none overlapping another; empty: closed."""

CLOSED: Hours = ()
ALL_DAY: Hours = (Interval(0, DAY_MINUTES),)


class Span(NamedTuple):
    """Half-open [opens, closes) in UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class ExtraDay:
    """A date that has hours of its own, whatever its weekday or the public holidays say."""

    on: date
    hours: Hours


class Beyond(StrEnum):
    """What a day is in a year of which nothing was announced yet. A weekday works either way, so no
    holiday that may come makes a deadline late."""

    WEEK = "week"
    """A weekend rests. If it is made a working day later, a deadline was late by a weekend."""
    EVERY_DAY = "every_day"
    """A weekend works, too: no deadline is late, and many come early."""


class SaidBy(StrEnum):
    """By what the hours of a day are said."""

    EXTRA = "extra"
    HOLIDAYS = "holidays"
    PUBLIC = "public_holidays"
    WEEK = "week"


@dataclass(frozen=True)
class PublicHolidays:
    """What a government announced, as it was known when the calendar's version was made.

    Attributes:
        region: ISO 3166, e.g. CN.
        years: those of which it is known.
        off: days without work; weekends within a holiday are among them.
        working: days at weekends on which the hours of `hours` are worked instead (调休).
        beyond: what holds outside of `years`.
    """

    region: str
    years: frozenset[int]
    off: frozenset[date]
    working: frozenset[date]
    hours: Hours
    beyond: Beyond = Beyond.WEEK

    @property
    def known_through(self) -> int:
        """The last year before the first gap."""
        year = min(self.years)
        while year + 1 in self.years:
            year += 1
        return year

    def may_work(self, on: date) -> bool:
        """Whether this is a weekend that counts as working until more is known."""
        unknown = on.year not in self.years
        return unknown and self.beyond is Beyond.EVERY_DAY and on.isoweekday() in _WEEKEND


@dataclass(frozen=True)
class Calendar:
    """When work is done. Immutable per version.

    A day's hours are those of the first that says something about it: `extra`, `holidays`,
    `public`, `week`. What lies after midnight belongs to the date on which it lies.

    Attributes:
        zone: IANA name.
        week: the hours of each weekday, Monday first.
        holidays: dates without work.

    Raises:
        ValueError: not seven weekdays, or intervals that are empty, overlap or are out of order.
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """

    name: str
    version: int
    zone: str
    week: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    extra: tuple[ExtraDay, ...] = ()
    public: PublicHolidays | None = None

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if len(self.week) != len(Weekday):
            raise ValueError("a week has the hours of seven weekdays")
        public = () if self.public is None else (self.public.hours,)
        for hours in (*self.week, *public, *(day.hours for day in self.extra)):
            _require_order(hours)

    @property
    def ref(self) -> str:
        """What a clock stores: the version it was started under."""
        return f"{self.name}@{self.version}"

    @cached_property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def exceptions(self) -> Mapping[date, Hours]:
        """The dates on which the weekday does not decide."""
        found: dict[date, Hours] = {}
        if self.public is not None:
            found |= dict.fromkeys(self.public.off, CLOSED)
            found |= dict.fromkeys(self.public.working, self.public.hours)
        found |= dict.fromkeys(self.holidays, CLOSED)
        found |= {day.on: day.hours for day in self.extra}
        return MappingProxyType(found)

    @cached_property
    def always(self) -> bool:
        """Whether it never closes, so that working time is time."""
        return all(map(_whole_day, (*self.week, *self.exceptions.values())))

    def hours(self, on: date) -> Hours:
        """The working intervals of a date."""
        found = self.exceptions.get(on)
        if found is not None:
            return found
        own = self.week[on.weekday()]
        if self.public is not None and self.public.may_work(on):
            return _joined(own, self.public.hours)
        return own

    def said_by(self, on: date) -> SaidBy:
        """What says the hours of a date."""
        if any(day.on == on for day in self.extra):
            return SaidBy.EXTRA
        if on in self.holidays:
            return SaidBy.HOLIDAYS
        public = self.public
        if public and (on in public.off or on in public.working or public.may_work(on)):
            return SaidBy.PUBLIC
        return SaidBy.WEEK

    def spans(self, on: date) -> tuple[Span, ...]:
        """The working intervals of a date in time, in order; without those that a jump of the
        clocks left nothing of."""
        return self._remembered(on)

    @cached_property
    def _remembered(self) -> Callable[[date], tuple[Span, ...]]:
        return lru_cache(_REMEMBERED_DAYS)(self._found)

    def _found(self, on: date) -> tuple[Span, ...]:
        zone = self.timezone
        found = (Span(edge(zone, on, one.start), edge(zone, on, one.end)) for one in self.hours(on))
        return tuple(span for span in found if span.opens < span.closes)


def _require_order(hours: Hours) -> None:
    edges = list(itertools.chain.from_iterable(hours))
    ordered = all(one.start < one.end for one in hours) and edges == sorted(edges)
    if edges and not (ordered and edges[0] >= 0 and edges[-1] <= DAY_MINUTES):
        raise ValueError("intervals of a day lie in order within 0 to 24 h and do not overlap")


def _joined(one: Hours, other: Hours) -> Hours:
    """What is in either."""
    found: list[Interval] = []
    for start, end in sorted((*one, *other)):
        if found and start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, end))
        else:
            found.append(Interval(start, end))
    return tuple(found)


def _whole_day(hours: Hours) -> bool:
    reached = 0
    for one in hours:
        if one.start != reached:
            return False
        reached = one.end
    return reached == DAY_MINUTES


ALWAYS = Calendar("always", 1, "UTC", (ALL_DAY,) * len(Weekday))
"""Around the clock; every tenant has it."""
