"""Deadlines that were worked out by hand. The first seven are reference/sla.md §4.6."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from heedful.alerting.calendars import ALL_DAY, Calendar, Weekday, due, elapsed
from tests.unit.alerting.calendars.writing import (
    LUNCH,
    NINE_FIVE,
    NINE_SIX,
    chinese,
    extra,
    moment,
    off,
    only,
    week,
    weekdays,
)


class Row(NamedTuple):
    calendar: Calendar
    start: str
    hours: float
    due: str


SUNDAY = Weekday.SUNDAY
OFFICE = weekdays(NINE_FIVE)
CN = chinese()
NIGHTS = week(
    "UTC",
    {
        Weekday.MONDAY: "22:00-24:00",
        **dict.fromkeys(list(Weekday)[1:5], "00:00-06:00 22:00-24:00"),
        Weekday.SATURDAY: "00:00-06:00",
    },
)

REFERENCE = [
    Row(OFFICE, "Fri 2026-03-06 16:30", 1, "Mon 2026-03-09 09:30"),
    Row(OFFICE, "Wed 2026-03-04 07:00", 2, "Wed 2026-03-04 11:00"),
    Row(OFFICE, "Fri 2026-03-06 17:00", 8, "Mon 2026-03-09 17:00"),
    Row(weekdays("08:00-17:00"), "Fri 2026-03-06 16:00", 4, "Mon 2026-03-09 11:00"),
    Row(weekdays(LUNCH), "Fri 2026-03-06 11:30", 2, "Fri 2026-03-06 15:00"),
    Row(CN, "Sat 2025-09-27 16:00", 4, "Sun 2025-09-28 13:00"),
    Row(CN, "Tue 2025-09-30 17:00", 4, "Thu 2025-10-09 12:00"),
    # What the same page says of these without 调休, and of a day's target in office hours (§4.3).
    Row(weekdays(NINE_SIX), "Sat 2025-09-27 16:00", 4, "Mon 2025-09-29 13:00"),
    Row(weekdays(NINE_SIX), "Tue 2025-09-30 17:00", 4, "Wed 2025-10-01 12:00"),
    Row(weekdays(NINE_SIX), "Fri 2026-03-06 16:30", 24, "Wed 2026-03-11 13:30"),
]

EDGES = [
    Row(OFFICE, "Mon 2026-03-02 09:00", 8, "Mon 2026-03-02 17:00"),
    Row(OFFICE, "Mon 2026-03-02 17:00", 1, "Tue 2026-03-03 10:00"),
    Row(OFFICE, "Sat 2026-03-07 12:00", 0, "Sat 2026-03-07 12:00"),
    Row(OFFICE, "Mon 2026-03-02 12:00", 0, "Mon 2026-03-02 12:00"),
    Row(OFFICE, "Mon 2026-03-02 09:00", 80, "Fri 2026-03-13 17:00"),
    Row(weekdays(LUNCH), "Tue 2026-03-03 12:30", 1, "Tue 2026-03-03 14:30"),
    Row(weekdays(LUNCH), "Tue 2026-03-03 12:00", 1, "Tue 2026-03-03 14:30"),
    Row(weekdays(LUNCH), "Tue 2026-03-03 13:30", 1, "Tue 2026-03-03 14:30"),
    Row(weekdays(LUNCH), "Tue 2026-03-03 11:00", 1, "Tue 2026-03-03 12:00"),
    Row(weekdays("09:00-12:00 12:00-18:00"), "Tue 2026-03-03 11:00", 2, "Tue 2026-03-03 13:00"),
    Row(NIGHTS, "Mon 2026-03-02 21:00", 9, "Tue 2026-03-03 23:00"),
    Row(NIGHTS, "Mon 2026-03-02 23:00", 1, "Tue 2026-03-03 00:00"),
    Row(NIGHTS, "Fri 2026-03-06 23:00", 8, "Mon 2026-03-09 23:00"),
    Row(weekdays(NINE_FIVE, "Asia/Kathmandu"), "Fri 2026-03-06 16:30", 1, "Mon 2026-03-09 09:30"),
]

DATES = [
    Row(
        weekdays(NINE_SIX, holidays=off("2027-01-01")),
        "Thu 2026-12-31 17:00",
        4,
        "Mon 2027-01-04 12:00",
    ),
    Row(NIGHTS, "Thu 2026-12-31 23:30", 1, "Fri 2027-01-01 00:30"),
    Row(OFFICE, "Wed 2024-02-28 17:00", 8, "Thu 2024-02-29 17:00"),
    Row(OFFICE, "Tue 2023-02-28 16:00", 2, "Wed 2023-03-01 10:00"),
    Row(
        weekdays(NINE_FIVE, holidays=off("2024-02-29")),
        "Wed 2024-02-28 17:00",
        8,
        "Fri 2024-03-01 17:00",
    ),
    Row(
        weekdays(NINE_FIVE, extra=extra("2026-03-07", "10:00-14:00")),
        "Fri 2026-03-06 16:00",
        4,
        "Sat 2026-03-07 13:00",
    ),
]

ANNOUNCED = [
    Row(CN, "Wed 2025-12-31 17:00", 4, "Sun 2026-01-04 12:00"),
    Row(CN, "Fri 2026-02-13 17:00", 4, "Sat 2026-02-14 12:00"),
    Row(CN, "Sat 2026-02-14 17:00", 4, "Tue 2026-02-24 12:00"),
    Row(CN, "Thu 2026-04-30 17:00", 4, "Wed 2026-05-06 12:00"),
    Row(CN, "Sat 2026-05-09 17:00", 4, "Mon 2026-05-11 12:00"),
    Row(CN, "Sat 2026-09-19 12:00", 9, "Sun 2026-09-20 18:00"),
    # Lengthened by three days when the epidemic began.
    Row(CN, "Thu 2020-01-23 17:00", 4, "Mon 2020-02-03 12:00"),
    # The calendar's own dates come before the government's.
    Row(
        chinese(extra=extra("2025-10-01", NINE_SIX)),
        "Tue 2025-09-30 17:00",
        4,
        "Wed 2025-10-01 12:00",
    ),
    Row(chinese(holidays=off("2025-09-28")), "Sat 2025-09-27 16:00", 4, "Mon 2025-09-29 13:00"),
    # Nobody has announced it yet: a Friday is a Friday.
    Row(CN, "Thu 2099-10-01 17:00", 4, "Fri 2099-10-02 12:00"),
]

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
HOWE, HAVANA = "Australia/Lord_Howe", "America/Havana"
FORWARD = "Sat 2026-03-28 12:00"
BACK = "Sat 2026-10-24 12:00"

CLOCK_CHANGES = [
    Row(week(BERLIN, dict.fromkeys(Weekday, "00:00-24:00")), FORWARD, 24, "Sun 2026-03-29 13:00"),
    Row(only(SUNDAY, "00:00-06:00", BERLIN), FORWARD, 5, "Sun 2026-03-29 06:00"),
    Row(only(SUNDAY, "01:00-04:00", BERLIN), FORWARD, 1, "Sun 2026-03-29 03:00"),
    Row(only(SUNDAY, "01:00-04:00", BERLIN), FORWARD, 2, "Sun 2026-03-29 04:00"),
    # 2:30 is skipped: it opens, or closes, when the clocks jump from 2:00 to 3:00.
    Row(only(SUNDAY, "02:30-06:00", BERLIN), FORWARD, 1, "Sun 2026-03-29 04:00"),
    Row(only(SUNDAY, "00:00-02:30", BERLIN), FORWARD, 2, "Sun 2026-03-29 03:00"),
    Row(only(SUNDAY, "02:10-02:50", BERLIN), FORWARD, 0.5, "Sun 2026-04-05 02:40"),
    Row(only(SUNDAY, "00:00-06:00", BERLIN), BACK, 7, "Sun 2026-10-25 06:00"),
    # 2:30 comes twice: both edges are the first.
    Row(only(SUNDAY, "00:00-02:30", BERLIN), BACK, 2.5, "Sun 2026-10-25 02:30+0200"),
    Row(only(SUNDAY, "02:30-06:00", BERLIN), BACK, 1, "Sun 2026-10-25 02:30+0100"),
    Row(only(SUNDAY, "02:30-06:00", BERLIN), BACK, 4.5, "Sun 2026-10-25 06:00"),
    Row(only(SUNDAY, "03:00-06:00", BERLIN), BACK, 3, "Sun 2026-10-25 06:00"),
    Row(only(SUNDAY, "00:00-06:00", NEW_YORK), "Sat 2026-03-07 22:00", 5, "Sun 2026-03-08 06:00"),
    Row(only(SUNDAY, "00:00-06:00", NEW_YORK), "Sat 2026-10-31 22:00", 7, "Sun 2026-11-01 06:00"),
    Row(
        only(SUNDAY, "00:00-06:00", NEW_YORK),
        "Sun 2026-11-01 01:30-0500",
        1,
        "Sun 2026-11-01 02:30",
    ),
    Row(weekdays(NINE_FIVE, NEW_YORK), "Fri 2026-03-06 16:00", 2, "Mon 2026-03-09 10:00"),
    # Half an hour: 2:00 becomes 2:30, and in April 1:30.
    Row(only(SUNDAY, "00:00-06:00", HOWE), "Sat 2026-10-03 12:00", 5.5, "Sun 2026-10-04 06:00"),
    Row(only(SUNDAY, "02:15-06:00", HOWE), "Sat 2026-10-03 12:00", 1, "Sun 2026-10-04 03:30"),
    Row(only(SUNDAY, "00:00-06:00", HOWE), "Sat 2026-04-04 12:00", 6.5, "Sun 2026-04-05 06:00"),
    Row(only(SUNDAY, "01:45-06:00", HOWE), "Sat 2026-04-04 12:00", 1, "Sun 2026-04-05 02:15"),
    # At midnight.
    Row(only(SUNDAY, "00:00-02:00", HAVANA), "Sat 2026-03-07 12:00", 1, "Sun 2026-03-08 02:00"),
    Row(only(SUNDAY, "00:00-01:00", HAVANA), "Sat 2026-10-31 12:00", 2, "Sun 2026-11-01 01:00"),
    # One minute past midnight, back over it: Sunday begins at its first midnight.
    Row(
        only(Weekday.SATURDAY, "22:00-24:00", "America/St_Johns"),
        "Sat 2006-10-28 12:00",
        2,
        "Sun 2006-10-29 00:00-0230",
    ),
    Row(
        only(SUNDAY, "00:00-02:00", "America/St_Johns"),
        "Sat 2006-10-28 12:00",
        3,
        "Sun 2006-10-29 02:00",
    ),
    # A Friday that there never was.
    Row(weekdays(NINE_SIX, "Pacific/Apia"), "Thu 2011-12-29 17:00", 4, "Mon 2012-01-02 12:00"),
]


@pytest.mark.parametrize("row", [*REFERENCE, *EDGES, *DATES, *ANNOUNCED, *CLOCK_CHANGES])
def test_a_deadline(row: Row) -> None:
    start, target = moment(row.start, row.calendar.zone), timedelta(hours=row.hours)
    expected = moment(row.due, row.calendar.zone)
    assert due(row.calendar, start, target) == expected
    assert elapsed(row.calendar, start, expected) == target


def test_a_microsecond_over_the_lunch() -> None:
    start = moment("Tue 2026-03-03 11:00")
    found = due(weekdays(LUNCH), start, timedelta(hours=1, microseconds=1))
    assert found == moment("Tue 2026-03-03 13:30") + timedelta(microseconds=1)


def test_what_never_closes_is_time() -> None:
    berlin = week("Europe/Berlin", dict.fromkeys(Weekday, "00:00-12:00 12:00-24:00"))
    assert berlin.always
    assert berlin.hours(moment(BACK).date()) != ALL_DAY
    assert not chinese().always
