"""A month of a calendar, as its document says it: week, holidays, extra working days.

Public holidays that are announced are alerting's to know: a month of a calendar that follows them
shows the other three only, and says so.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from typing import Final

from heedful.console.upstream.calendars import Document

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


class Said(StrEnum):
    """By what a day's hours are said."""

    WEEK = "week"
    HOLIDAY = "holiday"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Day:
    """`hours`: none where it is closed; `inside`: of the month and not of a neighbour."""

    date: date
    inside: bool
    said: Said
    hours: Sequence[str]


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks begin on Monday; `before` and `after` are first days of the neighbours."""

    first: date
    weeks: Sequence[Sequence[Day]]
    before: date
    after: date


def month(document: Document, of: date) -> Month:
    """The month of a date between 1900 and 9998."""
    of = of.replace(year=min(max(of.year, 1900), MAXYEAR - 1))
    extra = {one.date: one for one in document.extra}
    holidays = frozenset(document.holidays)

    def day(at: date) -> Day:
        inside = at.month == of.month
        found = extra.get(at)
        if found is not None:
            hours = found.hours or document.week.get(found.like or "", [])
            return Day(at, inside, Said.EXTRA, tuple(hours))
        if at in holidays:
            return Day(at, inside, Said.HOLIDAY, ())
        return Day(at, inside, Said.WEEK, tuple(document.week.get(WEEKDAYS[at.weekday()], ())))

    weeks = calendar.Calendar().monthdatescalendar(of.year, of.month)
    return Month(
        of.replace(day=1),
        tuple(tuple(map(day, week)) for week in weeks),
        _first(of.year, of.month - 1),
        _first(of.year, of.month + 1),
    )


def _first(year: int, number: int) -> date:
    years, rest = divmod(number - 1, 12)
    return date(year + years, rest + 1, 1)
