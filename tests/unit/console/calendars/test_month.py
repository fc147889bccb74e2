"""A month is whole weeks, with the days that alerting tells."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heedful.console.calendars.month import month
from heedful.console.upstream.calendars import Day


def day(at: date, hours: list[str] | None = None, said_by: str = "week") -> Day:
    return Day(date=at, hours=hours or [], said_by=said_by, guessed=False)


def test_days_stand_where_they_belong_and_neighbours_are_empty() -> None:
    holiday = day(date(2026, 11, 30), said_by="holidays")
    shown = month([holiday], date(2026, 11, 15))
    assert shown.weeks[0][0] == (date(2026, 10, 26), None)
    assert shown.weeks[-1][0] == (date(2026, 11, 30), holiday)


def test_a_day_is_shown_by_its_hours_and_what_says_them() -> None:
    at = date(2026, 11, 30)
    assert day(at, ["09:00-18:00"]).kind == "usual"
    assert day(at).kind == "off"
    assert day(at, ["09:00-18:00"], "public_holidays").kind == "extra"
    assert day(at, said_by="public_holidays").kind == "holiday"


@given(st.dates(date(1900, 1, 1), date(9998, 12, 31)))
def test_every_date_of_a_month_is_there_once_in_whole_weeks(of: date) -> None:
    shown = month([], of)
    dates = [at for week in shown.weeks for at, _ in week]
    assert all(len(week) == 7 and week[0][0].weekday() == 0 for week in shown.weeks)
    assert all(later - at == timedelta(days=1) for at, later in pairwise(dates))
    assert shown.first == of.replace(day=1)
    assert dates[0] <= shown.first < shown.after <= dates[-1] + timedelta(days=7)
    assert shown.before.day == shown.after.day == 1
    assert (shown.before.month % 12) + 1 == shown.first.month
    assert month([], shown.before).after == shown.first
