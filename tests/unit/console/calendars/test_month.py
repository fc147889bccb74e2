"""A month shows each day by what says its hours."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from heedful.console.calendars.month import Day, Said, month
from heedful.console.upstream.calendars import Document

OFFICE: dict[str, Any] = {
    "zone": "Asia/Shanghai",
    "week": {"monday": ["09:00-12:00", "13:30-18:00"], "tuesday": ["09:00-18:00"]},
    "holidays": ["2026-11-30"],
    "extra": [
        {"date": "2026-11-28", "hours": ["10:00-14:00"], "like": None},
        {"date": "2026-11-29", "hours": None, "like": "monday"},
    ],
    "public_holidays": None,
}


def days(of: date) -> dict[date, Day]:
    shown = month(Document.model_validate(OFFICE), of)
    return {day.date: day for week in shown.weeks for day in week}


def test_extra_days_come_before_holidays_and_these_before_the_week() -> None:
    found = days(date(2026, 11, 15))
    assert (found[date(2026, 11, 30)].said, found[date(2026, 11, 30)].hours) == (Said.HOLIDAY, ())
    assert found[date(2026, 11, 28)].hours == ("10:00-14:00",)
    assert found[date(2026, 11, 29)].hours == ("09:00-12:00", "13:30-18:00")
    assert found[date(2026, 11, 24)].hours == ("09:00-18:00",)
    assert found[date(2026, 11, 25)].hours == ()


def test_days_of_the_neighbours_fill_the_weeks() -> None:
    found = days(date(2026, 11, 1))
    assert not found[date(2026, 10, 26)].inside
    assert found[date(2026, 11, 1)].inside


@given(st.dates(date(1900, 1, 1), date(9998, 12, 31)))
def test_every_day_of_a_month_is_there_once_in_whole_weeks(of: date) -> None:
    shown = month(Document.model_validate(OFFICE), of)
    inside = [day.date for week in shown.weeks for day in week if day.inside]
    assert all(len(week) == 7 and week[0].date.weekday() == 0 for week in shown.weeks)
    assert inside[0] == shown.first == of.replace(day=1)
    assert [one.day for one in inside] == list(range(1, len(inside) + 1))
    assert shown.after.day == shown.before.day == 1
    assert (shown.after - inside[-1]).days == 1
    assert month(Document.model_validate(OFFICE), shown.before).after == shown.first
