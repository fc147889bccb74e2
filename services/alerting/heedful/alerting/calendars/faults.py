"""What is wrong with a calendar beyond its single fields: where, what, and how to mend it. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from heedful.alerting.calendars.announced import Announced
from heedful.alerting.calendars.document import CalendarDocument, kept
from heedful.alerting.calendars.model import LOOK_AHEAD, Calendar, Weekday

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
# Two clocks of a year may be put forward within the look-ahead; no zone does so by more.
_PUT_FORWARD = timedelta(hours=3)
_DRAFT = ("draft", 1)


@dataclass(frozen=True)
class Fault:
    """One thing to mend.

    Attributes:
        at: path of the field, joined by dots; indexes count from 0.
        message: what is wrong there and how to mend it.
    """

    at: str
    message: str


def faults(document: CalendarDocument, known: Announced | None) -> list[Fault]:
    """All that is wrong; empty: a version can be made of it.

    Args:
        known: of the region of its public holidays; None when it has none.
    """
    found = [*_twice(document), *_closed_models(document), *_own_years(document)]
    if not any(document.week.day(weekday) for weekday in Weekday):
        return [*found, Fault("week", "no weekday has hours; give at least one an interval")]
    if not found:
        found = list(_closure(kept(document, known).calendar(*_DRAFT)))
    return found


def least_worked(calendar: Calendar) -> timedelta:
    """Working time that every 400 days have at least: a longer target could not be met."""
    if calendar.always:
        return LOOK_AHEAD
    # A day less on either side, where 400 days begin and end within one.
    days = LOOK_AHEAD // _DAY - 1
    minutes = list(_minutes_by_day(calendar, _from(calendar) - LOOK_AHEAD, days))
    window = least = sum(minutes[:days])
    for gone, come in zip(minutes, minutes[days:], strict=False):
        window += come - gone
        least = min(least, window)
    return max(timedelta(), timedelta(minutes=least) - _PUT_FORWARD)


def refused_target(calendar: Calendar, target: timedelta) -> str | None:
    """Why a target cannot be given with this calendar, for whoever configures it; None: it can."""
    least = least_worked(calendar)
    if target <= least:
        return None
    hours = least // timedelta(hours=1)
    return (
        f"calendar {calendar.ref} has only about {hours} working hours in some {LOOK_AHEAD.days} "
        "days, and no deadline is looked for further ahead; shorten the target or open the "
        "calendar more"
    )


def _twice(document: CalendarDocument) -> Iterator[Fault]:
    extra = [one.date for one in document.extra]
    for at, days in (("holidays", document.holidays), ("extra", extra)):
        for day, times in Counter(days).items():
            if times > 1:
                place = _last(days, day)
                yield Fault(f"{at}.{place}", f"{day} is there twice; leave it in once")
    for number, day in enumerate(extra):
        if day in document.holidays:
            yield Fault(
                f"extra.{number}.date", f"{day} is in holidays, too; leave it in one of them"
            )


def _closed_models(document: CalendarDocument) -> Iterator[Fault]:
    """Days that work like a weekday on which nobody works."""
    asked = document.public_holidays
    like = [(f"extra.{number}.like", one.like) for number, one in enumerate(document.extra)]
    if asked is not None:
        like.append(("public_holidays.make_up_like", asked.make_up_like))
    for at, weekday in like:
        if weekday is not None and not document.week.day(weekday):
            yield Fault(at, f"{weekday} has no hours in week; name a weekday that has some")


def _own_years(document: CalendarDocument) -> Iterator[Fault]:
    asked = document.public_holidays
    if asked is None:
        return
    given = {day.year for day in document.holidays}
    for number, year in enumerate(asked.own_years):
        at = f"public_holidays.own_years.{number}"
        if year in asked.own_years[:number]:
            yield Fault(at, f"{year} is there twice; leave it in once")
        elif year not in given:
            yield Fault(
                at,
                f"holidays has no date of {year}; enter the public holidays of that year, and the "
                "weekends that make up for them in extra, or take the year out",
            )


def _closure(calendar: Calendar) -> Iterator[Fault]:
    """A run of days on which nothing is worked, if it is longer than what is looked through."""
    begins, limit = _from(calendar), LOOK_AHEAD // _DAY
    last_open = begins - _DAY
    for after, minutes in enumerate(_minutes_by_day(calendar, begins, 0)):
        day = begins + after * _DAY
        if minutes == 0:
            continue
        closed = (day - last_open) // _DAY - 1
        if closed >= limit:
            yield Fault(
                "holidays",
                f"nothing is worked on the {closed} days from {last_open + _DAY} on; a calendar "
                f"opens within any {limit} days",
            )
        last_open = day


def _from(calendar: Calendar) -> date:
    """Before the first day that is no plain weekday."""
    return min(calendar.exceptions, default=date(2000, 1, 3)) - _WEEK


def _minutes_by_day(calendar: Calendar, first: date, more: int) -> Iterator[int]:
    """Minutes worked by the clock on the wall, from a day through the last that is no plain
    weekday, and a week and `more` days further."""
    last = max(calendar.exceptions, default=first) + _WEEK + more * _DAY
    day = first
    while day <= last:
        yield sum(interval.end - interval.start for interval in calendar.hours(day))
        day += _DAY


def _last(days: Sequence[date], day: date) -> int:
    return max(number for number, one in enumerate(days) if one == day)
