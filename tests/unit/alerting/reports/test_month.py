"""Months of a zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.reports.month import Month

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_it_begins_and_ends_where_people_are() -> None:
    month = Month.of("2026-10")
    assert month.start(SHANGHAI) == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert month.end(SHANGHAI) == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert Month.before(datetime(2026, 10, 31, 16, tzinfo=UTC), SHANGHAI) == month
    assert Month.before(datetime(2026, 10, 31, 15, 59, tzinfo=UTC), SHANGHAI) == Month(2026, 9)


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_months_follow_each_other(day: date) -> None:
    month = Month(day.year, day.month)
    following = Month(month.following.year, month.following.month)
    assert month.first <= day < month.following
    assert month.end(SHANGHAI) == following.start(SHANGHAI)
    assert Month.before(following.start(SHANGHAI), SHANGHAI) == month
    assert Month.of(str(month)) == month


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "26-10", "2026-10-01", "", "x"])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="2026-10"):
        Month.of(text)
