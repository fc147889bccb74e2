"""Calendars and moments as the tests of calendars write them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from heedful.alerting.calendars import (
    CLOSED,
    Beyond,
    Calendar,
    ExtraDay,
    Hours,
    Interval,
    PublicHolidays,
    Weekday,
)
from heedful.alerting.calendars.announced import Region, announced

NINE_FIVE = "09:00-17:00"
NINE_SIX = "09:00-18:00"
LUNCH = "09:00-12:00 13:30-18:00"
SHANGHAI = "Asia/Shanghai"


def hours(written: str) -> Hours:
    """`09:00-12:00 13:30-24:00`; nothing is closed."""
    return tuple(
        Interval(*(_minute(edge) for edge in interval.split("-"))) for interval in written.split()
    )


def weekdays(written: str, zone: str = "UTC", **changes: Any) -> Calendar:
    """The same hours from Monday to Friday."""
    return week(zone, dict.fromkeys(list(Weekday)[:5], written), **changes)


def week(zone: str, days: dict[Weekday, str], **changes: Any) -> Calendar:
    """Hours by weekday; others are closed."""
    given = tuple(hours(days[day]) if day in days else CLOSED for day in Weekday)
    return Calendar("test", 1, zone, given, **changes)


def only(day: Weekday, written: str, zone: str) -> Calendar:
    return week(zone, {day: written})


def chinese(
    written: str = NINE_SIX,
    *,
    without: Iterable[int] = (),
    beyond: Beyond = Beyond.WEEK,
    **changes: Any,
) -> Calendar:
    """Monday to Friday in China, with its public holidays but for those of some years."""
    known = announced(Region.CN).without(frozenset(without))
    public = PublicHolidays("CN", known.years, known.off, known.working, hours(written), beyond)
    return weekdays(written, SHANGHAI, public=public, **changes)


def extra(on: str, written: str) -> tuple[ExtraDay, ...]:
    return (ExtraDay(date.fromisoformat(on), hours(written)),)


def off(*days: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, days))


def moment(written: str, zone: str = "UTC") -> datetime:
    """`Fri 2026-03-06 16:30` by the clocks of a zone, or with an offset behind it where they show
    that time twice. The weekday has to be right."""
    weekday, on, at = written.split()
    found = datetime.fromisoformat(f"{on} {at}")
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    assert f"{found:%a}" == weekday, f"{written} is a {found:%A}"
    assert f"{found.astimezone(UTC).astimezone(ZoneInfo(zone)):%H:%M}" == f"{found:%H:%M}", (
        f"{written} is skipped in {zone}"
    )
    return found.astimezone(UTC)


def _minute(written: str) -> int:
    hour, minute = written.split(":")
    return int(hour) * 60 + int(minute)
