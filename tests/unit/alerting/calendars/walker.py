"""Calendars walked minute by minute: slow, and written without anything of the code's but its data.

For every minute of a window the walker looks at a clock on the wall and asks whether somebody
works. Where a clock is put back, it remembers the latest time that it has seen: what has begun is
not begun again, what has ended stays ended, until the clock gets there anew.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from heedful.alerting.calendars import Calendar

MINUTE = timedelta(minutes=1)
# No clock is put back by more; so long before the window the latest time is watched.
_WARM_UP = timedelta(days=2)


class Walker:
    """Every minute of [start, start + length); `start` is a whole minute."""

    def __init__(self, calendar: Calendar, start: datetime, length: timedelta) -> None:
        self.start, self.end = start, start + length
        watched = list(_walk(calendar, start - _WARM_UP, self.end))
        self._open = dict(itertools.islice(watched, _WARM_UP // MINUTE, None))

    def due(self, start: datetime, target: timedelta) -> datetime | None:
        """None: not in the window."""
        worked = timedelta()
        if worked == target:
            return start
        for at, until in self._worked(start, self.end):
            worked += until - at
            if worked >= target:
                return until - (worked - target)
        return None

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return sum((until - at for at, until in self._worked(start, end)), timedelta())

    def next_open(self, at: datetime) -> datetime | None:
        return next((begun for begun, _ in self._worked(at, self.end)), None)

    def last_open(self, before: datetime) -> datetime | None:
        """The last whole minute that is worked; `before` is a whole minute."""
        earlier = [minute for minute, works in self._open.items() if works and minute < before]
        return earlier[-1] if earlier else None

    def _worked(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The minutes that are worked, cut to what lies between."""
        for minute, works in self._open.items():
            if works and minute + MINUTE > start and minute < end:
                yield max(minute, start), min(minute + MINUTE, end)


def _walk(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, bool]]:
    zone, minute = ZoneInfo(calendar.zone), start.astimezone(UTC)
    latest = minute.astimezone(zone).replace(tzinfo=None)
    while minute < end:
        latest = max(latest, minute.astimezone(zone).replace(tzinfo=None))
        yield minute, _works(calendar, latest)
        minute += MINUTE


def _works(calendar: Calendar, wall: datetime) -> bool:
    reached = wall.hour * 60 + wall.minute
    own = [day.hours for day in calendar.extra if day.on == wall.date()]
    if own:
        hours = own[-1]
    elif wall.date() in calendar.holidays:
        return False
    elif calendar.public is not None and wall.date() in calendar.public.working:
        hours = calendar.public.hours
    elif calendar.public is not None and wall.date() in calendar.public.off:
        return False
    else:
        hours = calendar.week[wall.isoweekday() - 1]
    return any(begins <= reached < ends for begins, ends in hours)
