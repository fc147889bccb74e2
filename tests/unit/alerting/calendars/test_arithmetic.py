"""Openings, last working minutes, what is refused, and what is not found."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from heedful.alerting.calendars import (
    ALWAYS,
    BeyondLookAhead,
    Calendar,
    Interval,
    Weekday,
    due,
    elapsed,
    is_open,
    last_open,
    next_open,
)
from tests.unit.alerting.calendars.writing import (
    LUNCH,
    NINE_FIVE,
    chinese,
    extra,
    moment,
    only,
    week,
    weekdays,
)

OFFICE = weekdays(NINE_FIVE)
NEVER = weekdays("")
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("calendar", "at", "opens"),
    [
        (OFFICE, "Mon 2026-03-02 08:59", "Mon 2026-03-02 09:00"),
        (OFFICE, "Mon 2026-03-02 09:00", "Mon 2026-03-02 09:00"),
        (OFFICE, "Mon 2026-03-02 12:34", "Mon 2026-03-02 12:34"),
        (OFFICE, "Mon 2026-03-02 17:00", "Tue 2026-03-03 09:00"),
        (OFFICE, "Fri 2026-03-06 17:00", "Mon 2026-03-09 09:00"),
        (weekdays(LUNCH), "Mon 2026-03-02 12:00", "Mon 2026-03-02 13:30"),
        (chinese(), "Tue 2025-09-30 18:00", "Thu 2025-10-09 09:00"),
        (ALWAYS, "Sun 2026-03-01 03:00", "Sun 2026-03-01 03:00"),
        (
            only(Weekday.SUNDAY, "02:30-06:00", "Europe/Berlin"),
            "Sat 2026-03-28 12:00",
            "Sun 2026-03-29 03:00",
        ),
    ],
)
def test_the_next_opening(calendar: Calendar, at: str, opens: str) -> None:
    assert next_open(calendar, moment(at, calendar.zone)) == moment(opens, calendar.zone)


@pytest.mark.parametrize(
    ("calendar", "before", "last"),
    [
        (OFFICE, "Mon 2026-03-02 09:30", "Mon 2026-03-02 09:29"),
        (OFFICE, "Mon 2026-03-02 09:01", "Mon 2026-03-02 09:00"),
        (OFFICE, "Mon 2026-03-02 09:00", "Fri 2026-02-27 16:59"),
        (OFFICE, "Sun 2026-03-01 12:00", "Fri 2026-02-27 16:59"),
        (OFFICE, "Fri 2026-02-27 17:00", "Fri 2026-02-27 16:59"),
        (weekdays(LUNCH), "Mon 2026-03-02 13:00", "Mon 2026-03-02 11:59"),
        (chinese(), "Thu 2025-10-09 09:00", "Tue 2025-09-30 17:59"),
        (ALWAYS, "Sun 2026-03-01 03:00", "Sun 2026-03-01 02:59"),
    ],
)
def test_the_last_working_minute(calendar: Calendar, before: str, last: str) -> None:
    assert last_open(calendar, moment(before, calendar.zone)) == moment(last, calendar.zone)


def test_the_last_minute_of_a_day_that_has_just_begun_is_its_opening() -> None:
    nine = moment("Mon 2026-03-02 09:00")
    assert last_open(OFFICE, nine + 20 * SECOND) == nine
    assert last_open(OFFICE, nine + 80 * SECOND) == nine + 20 * SECOND


def test_half_open() -> None:
    assert is_open(OFFICE, moment("Mon 2026-03-02 09:00"))
    assert not is_open(OFFICE, moment("Mon 2026-03-02 17:00"))
    assert not is_open(OFFICE, moment("Mon 2026-03-02 09:00") - timedelta(microseconds=1))
    assert is_open(ALWAYS, moment("Sun 2026-03-01 03:00"))


def test_a_night_that_was_put_back_over_midnight() -> None:
    sunday = only(Weekday.SUNDAY, "00:00-02:00", "America/St_Johns")
    again = moment("Sat 2006-10-28 23:30-0330", "America/St_Johns")
    assert is_open(sunday, again)
    # A minute until the clocks went back, and 29 from 23:01 on.
    begun = moment("Sat 2006-10-28 12:00", "America/St_Johns")
    assert elapsed(sunday, begun, again) == 30 * MINUTE
    assert next_open(sunday, again) == again
    assert last_open(sunday, again) == again - MINUTE


def test_backwards_is_negative() -> None:
    monday, tuesday = moment("Mon 2026-03-02 12:00"), moment("Tue 2026-03-03 12:00")
    assert elapsed(OFFICE, tuesday, monday) == -elapsed(OFFICE, monday, tuesday) == -8 * HOUR


def test_what_is_asked_in_any_zone_is_answered_in_utc() -> None:
    start = datetime(2026, 3, 6, 16, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    found = due(OFFICE, start, HOUR)
    assert found == moment("Mon 2026-03-09 09:30")
    assert found.tzinfo is UTC
    assert next_open(ALWAYS, start).tzinfo is UTC


def test_a_time_without_offset_is_refused() -> None:
    for ask in (next_open, last_open, is_open):
        with pytest.raises(ValueError, match="has an offset"):
            ask(OFFICE, datetime(2026, 3, 2))  # noqa: DTZ001  # the point


def test_a_negative_target_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        due(OFFICE, moment("Mon 2026-03-02 12:00"), -SECOND)


def test_what_is_never_open_ends() -> None:
    at = moment("Mon 2026-03-02 12:00")
    with pytest.raises(BeyondLookAhead, match="shorten the target"):
        due(NEVER, at, SECOND)
    with pytest.raises(BeyondLookAhead, match="closed for 400 days"):
        next_open(NEVER, at)
    with pytest.raises(BeyondLookAhead, match="closed for 400 days"):
        last_open(NEVER, at)
    assert elapsed(NEVER, at, at + timedelta(days=900)) == timedelta()
    assert due(NEVER, at, timedelta()) == at


def test_400_days_are_looked_through_and_no_more() -> None:
    once = week("UTC", {}, extra=extra("2026-03-02", "12:00-13:00"))
    opens = moment("Mon 2026-03-02 12:00")
    ahead = timedelta(days=400)
    assert due(once, opens - ahead + SECOND, SECOND) == opens + SECOND
    with pytest.raises(BeyondLookAhead):
        next_open(once, opens - ahead)
    assert last_open(once, opens + HOUR + ahead - SECOND) == opens + HOUR - MINUTE
    with pytest.raises(BeyondLookAhead):
        last_open(once, opens + HOUR + ahead)
    with pytest.raises(BeyondLookAhead):
        due(ALWAYS, opens, ahead + SECOND)
    assert due(ALWAYS, opens, ahead) == opens + ahead


@pytest.mark.parametrize(
    "wrong",
    [
        (Interval(600, 540),),
        (Interval(540, 540),),
        (Interval(540, 600), Interval(590, 700)),
        (Interval(700, 800), Interval(540, 600)),
        (Interval(-1, 60),),
        (Interval(0, 1441),),
    ],
)
def test_hours_that_cannot_be(wrong: tuple[Interval, ...]) -> None:
    with pytest.raises(ValueError, match="in order"):
        Calendar("c", 1, "UTC", (wrong, *((),) * 6))


def test_a_week_has_seven_days_and_a_zone_a_name() -> None:
    with pytest.raises(ValueError, match="seven"):
        Calendar("c", 1, "UTC", ())
    with pytest.raises(ZoneInfoNotFoundError):
        Calendar("c", 1, "Asia/Peking", ((),) * 7)


def test_ref() -> None:
    assert (OFFICE.ref, ALWAYS.ref) == ("test@1", "always@1")
