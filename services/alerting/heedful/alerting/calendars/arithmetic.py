"""Working time between moments, and the moment after so much of it. Pure and exact.

Work is counted in UTC between the edges of each day's intervals (edges.py). The cost is by the
day, and constant for a calendar that never closes; the days of a calendar are remembered.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from heedful.alerting.calendars.model import LOOK_AHEAD, Calendar, Span
from heedful.common.errors import HeedfulError

_NOTHING = timedelta()
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class BeyondLookAhead(HeedfulError):
    """What was looked for is not within 400 days; the calendar is open too seldom for it."""


def due(calendar: Calendar, start: datetime, target: timedelta) -> datetime:
    """The first moment at which `target` of working time has passed since `start`.

    So a deadline may be the end of a day (Friday 17:00 and not Monday 9:00), and a target of zero
    is due at once, also while closed.

    Args:
        start: aware.
        target: working time, zero or more.

    Returns:
        In UTC.

    Raises:
        ValueError: `start` has no offset, or `target` is negative.
        BeyondLookAhead: there is not so much working time in the next 400 days.
    """
    start, left = _utc(start), target
    if left < _NOTHING:
        raise ValueError("a target is no negative time")
    if left == _NOTHING:
        return start
    if calendar.always and left <= LOOK_AHEAD:
        return start + left
    for opens, closes in _ahead(calendar, start):
        worked = closes - opens
        if left <= worked:
            return opens + left
        left -= worked
    raise BeyondLookAhead(
        f"calendar {calendar.ref}: the {LOOK_AHEAD.days} days after {start:%Y-%m-%d} lack "
        f"{left} of a target of {target}; shorten the target or open the calendar more"
    )


def elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The working time from `start` to `end`; negative when `end` is the earlier one.

    Raises:
        ValueError: one of them has no offset.
    """
    start, end = _utc(start), _utc(end)
    if end < start:
        return -elapsed(calendar, end, start)
    if calendar.always:
        return end - start
    total, day = _NOTHING, _local_date(calendar, start)
    last = _local_date(calendar, end) + _DAY
    while day <= last:
        for opens, closes in calendar.spans(day):
            total += max(_NOTHING, min(closes, end) - max(opens, start))
        day += _DAY
    return total


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first working moment from `at` on, which may be `at`.

    Raises:
        ValueError: `at` has no offset.
        BeyondLookAhead: it stays closed for 400 days.
    """
    at = _utc(at)
    if calendar.always:
        return at
    for opens, _ in _ahead(calendar, at):
        return opens
    raise BeyondLookAhead(
        f"calendar {calendar.ref}: is closed for {LOOK_AHEAD.days} days after {at:%Y-%m-%d}; "
        "open it more"
    )


def last_open(calendar: Calendar, before: datetime) -> datetime:
    """The start of the last working minute before `before`: where a step is put that would come
    after it.

    Of an interval that has worked for less than a minute by then it is the opening.

    Raises:
        ValueError: `before` has no offset.
        BeyondLookAhead: it was closed for 400 days.
    """
    before = _utc(before)
    if calendar.always:
        return before - _MINUTE
    day = _local_date(calendar, before) + _DAY
    earliest = before - LOOK_AHEAD
    while True:
        spans = calendar.spans(day)
        for opens, closes in reversed(spans):
            if opens < before and min(closes, before) > earliest:
                return max(opens, min(closes, before) - _MINUTE)
        if day < _local_date(calendar, earliest):
            break
        day -= _DAY
    raise BeyondLookAhead(
        f"calendar {calendar.ref}: was closed for {LOOK_AHEAD.days} days before "
        f"{before:%Y-%m-%d}; open it more"
    )


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether work is done at this moment."""
    at = _utc(at)
    day = _local_date(calendar, at)
    # In a night that was put back over midnight, the next date has begun already.
    near = (*calendar.spans(day), *calendar.spans(day + _DAY))
    return calendar.always or any(opens <= at < closes for opens, closes in near)


def _ahead(calendar: Calendar, start: datetime) -> Iterator[Span]:
    """What is worked from `start` until the look-ahead ends, cut to it."""
    end = start + LOOK_AHEAD
    day, last = _local_date(calendar, start), _local_date(calendar, end) + _DAY
    while day <= last:
        for opens, closes in calendar.spans(day):
            cut = Span(max(opens, start), min(closes, end))
            if cut.opens < cut.closes:
                yield cut
        day += _DAY


def _local_date(calendar: Calendar, at: datetime) -> date:
    return at.astimezone(calendar.timezone).date()


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time has an offset")
    return moment.astimezone(UTC)
