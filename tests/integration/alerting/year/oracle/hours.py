"""Working time by quarters of an hour: at each somebody looks at the clock on the wall.

Slow to make and dull to use, which is the point. Every edge of the year's calendars, and every
moment at which clocks are put forward or back there, lies on a quarter.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import chinese_calendar

from tests.integration.alerting.year.scene import DAY, MINUTE, Hours, Office

QUARTER = 15 * MINUTE
_SATURDAY = 5


class WorkingHours:
    """Those of an office between two moments; `None` never closes."""

    def __init__(self, office: Office | None, since: int, until: int) -> None:
        self._since = since // QUARTER * QUARTER
        count = (until - self._since) // QUARTER + 1
        self._works = (
            bytearray(b"\x01") * count if office is None else _watched(office, self._since, count)
        )
        self._before = [0]
        """How many quarters were worked before each quarter."""
        for works in self._works:
            self._before.append(self._before[-1] + works)

    def worked(self, since: int, until: int) -> int:
        """Seconds of work between two moments."""
        return self._total(until) - self._total(since)

    def reached(self, since: int, seconds: int) -> int:
        """The first moment at which so much has been worked since then."""
        if seconds == 0:
            return since
        wanted = self._total(since) + seconds
        place = bisect_left(self._before, -(-wanted // QUARTER)) - 1
        return self._since + place * QUARTER + wanted - self._before[place] * QUARTER

    def opens(self, at: int) -> int:
        """The first working moment from then on."""
        place = (at - self._since) // QUARTER
        if self._works[place]:
            return at
        while not self._works[place]:
            place += 1
        return self._since + place * QUARTER

    def last_minute(self, before: int) -> int:
        """When the last working minute before a moment begins."""
        place = -(-(before - self._since) // QUARTER) - 1
        while not self._works[place]:
            place -= 1
        closes = min(before, self._since + (place + 1) * QUARTER)
        while self._works[place - 1]:
            place -= 1
        return max(self._since + place * QUARTER, closes - MINUTE)

    def _total(self, at: int) -> int:
        place, rest = divmod(at - self._since, QUARTER)
        return self._before[place] * QUARTER + self._works[place] * rest


def _watched(office: Office, since: int, count: int) -> bytearray:
    """Where a clock is put back, what has begun is not begun again: the latest time seen counts."""
    zone, found = ZoneInfo(office.zone), bytearray(count)
    days: dict[date, Hours] = {}
    latest = datetime.fromtimestamp(since - DAY, zone).replace(tzinfo=None)
    for place in range(count):
        shown = datetime.fromtimestamp(since + place * QUARTER, zone).replace(tzinfo=None)
        latest = max(latest, shown)
        day = latest.date()
        if day not in days:
            days[day] = _hours(office, day)
        minute = latest.hour * 60 + latest.minute
        found[place] = any(begins <= minute < ends for begins, ends in days[day])
    return found


def _hours(office: Office, day: date) -> Hours:
    if day in office.extra:
        return office.extra[day]
    if day in office.holidays:
        return ()
    if office.public:
        off, festival = chinese_calendar.get_holiday_detail(day)
        if day.weekday() < _SATURDAY and off:
            return ()
        if day.weekday() >= _SATURDAY and not off:
            return office.week[0]
        if off and festival:
            return ()
    return office.week[day.weekday()]


def measures(offices: Mapping[str, Office], since: int, until: int) -> dict[str, WorkingHours]:
    """The hours of every calendar, by its ref."""
    found = {ref: WorkingHours(office, since, until) for ref, office in offices.items()}
    return {"always@1": WorkingHours(None, since, until), **found}
