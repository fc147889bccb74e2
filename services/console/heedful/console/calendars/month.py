"""A month of a calendar in whole weeks, of the days that alerting tells."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Final

from heedful.console.upstream.calendars import Day

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks begin on Monday; a date of a neighbour has no day. `before` and `after` are first days
    of the neighbours."""

    first: date
    weeks: Sequence[Sequence[tuple[date, Day | None]]]
    before: date
    after: date


def month(days: Sequence[Day], of: date) -> Month:
    """The month of a date between 1900 and 9998."""
    of = of.replace(year=min(max(of.year, 1900), MAXYEAR - 1))
    by_date = {day.date: day for day in days}
    weeks = calendar.Calendar().monthdatescalendar(of.year, of.month)
    return Month(
        of.replace(day=1),
        tuple(tuple((at, by_date.get(at)) for at in week) for week in weeks),
        _first(of.year, of.month - 1),
        _first(of.year, of.month + 1),
    )


def _first(year: int, number: int) -> date:
    years, rest = divmod(number - 1, 12)
    return date(year + years, rest + 1, 1)
