"""Calendars as they are written: what they become, and what is told of those that are wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from heedful.alerting.calendars import due
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.calendars.document import KeptCalendar, kept
from heedful.common.wording import describe
from tests.unit.alerting.calendars.documents import document, written
from tests.unit.alerting.calendars.writing import (
    LUNCH,
    chinese,
    extra,
    hours,
    moment,
    off,
    weekdays,
)

CN = announced(Region.CN)


def test_what_is_written_is_the_calendar() -> None:
    given = document(
        holidays=["2026-12-25"],
        extra=[
            {"date": "2026-12-26", "like": "monday"},
            {"date": "2026-12-27", "hours": ["22:00-24:00"]},
        ],
    )
    found = kept(given, None).calendar("test", 1)
    assert found == weekdays(
        LUNCH,
        "Asia/Shanghai",
        holidays=off("2026-12-25"),
        extra=extra("2026-12-26", LUNCH) + extra("2026-12-27", "22:00-24:00"),
    )


def test_a_version_keeps_what_was_known() -> None:
    """A release that knows more moves no deadline of a version that there is."""
    earlier = CN.without({2026})
    version = kept(document(public_holidays={"region": "CN"}), earlier)
    read = KeptCalendar.model_validate_json(version.model_dump_json())
    assert read == version
    calendar = read.calendar("test", 1)
    assert calendar == chinese(LUNCH, without={2026})
    assert calendar.public is not None
    assert calendar.public.known_through == 2025
    start = moment("Thu 2026-04-30 17:00", calendar.zone)
    assert due(calendar, start, timedelta(hours=2)) == moment("Fri 2026-05-01 10:00", calendar.zone)


def test_own_years_are_the_calendars_own() -> None:
    given = document(
        holidays=["2027-10-01"],
        extra=[{"date": "2027-09-26", "like": "friday"}],
        public_holidays={"region": "CN", "own_years": [2027, 2025]},
    )
    public = kept(given, CN).calendar("test", 1).public
    assert public is not None
    assert public.known_through == 2027
    assert not [day for day in public.off | public.working if day.year == 2025]


def test_make_up_days_have_the_hours_that_were_asked_for() -> None:
    week = {**written()["week"], "friday": ["10:00-16:00"]}
    given = document(week=week, public_holidays={"region": "CN", "make_up_like": "friday"})
    calendar = kept(given, CN).calendar("test", 1)
    assert calendar.hours(date(2025, 9, 28)) == hours("10:00-16:00")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"zone": "Asia/Shangai"},
            "zone: there is no such time zone in the IANA database; did you mean Asia/Shanghai?",
        ),
        ({"zone": "localtime"}, "zone: there is no such time zone"),
        ({"week": {"monday": ["9:00-18:00"]}}, "week.monday.0: write an interval as 09:00-18:00"),
        (
            {"week": {"monday": ["18:00-09:00"]}},
            "week.monday.0: an interval ends after it begins; split a night at midnight",
        ),
        (
            {"week": {"monday": ["09:00-12:00", "11:59-18:00"]}},
            "week.monday: interval 1 begins before the one before it has ended",
        ),
        ({"week": {"moonday": []}}, "week.moonday: there is no such field"),
        ({"holidays": ["1.10.2026"]}, "holidays.0: write a date as 2026-10-01"),
        ({"holidays": [20261001]}, "holidays.0: write a date as 2026-10-01"),
        ({"holidays": ["2026-02-30"]}, "holidays.0: Input should be a valid date"),
        ({"holidays": ["1999-12-31"]}, "holidays.0: a date lies between 2000-01-01 and 2100-12-31"),
        ({"extra": [{"date": "2026-10-01"}]}, "extra.0: give either hours or like"),
        (
            {"extra": [{"date": "2026-10-01", "hours": []}]},
            "a date without work goes into holidays",
        ),
        (
            {"extra": [{"date": "2026-10-01", "hours": ["09:00-10:00"], "like": "monday"}]},
            "extra.0: give either hours or like",
        ),
        ({"public_holidays": {"region": "US"}}, "public_holidays.region: Input should be 'CN'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as raised:
        document(**changes)
    assert told in describe(raised.value)
