"""What the fields of a calendar say of each other, and how long a target can be."""

from datetime import date, timedelta
from typing import Any

import pytest

from heedful.alerting.calendars import ALWAYS, LOOK_AHEAD, BeyondLookAhead, Weekday, due
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.calendars.faults import faults, least_worked, refused_target
from tests.unit.alerting.calendars.documents import WORKDAYS, document
from tests.unit.alerting.calendars.writing import (
    NINE_FIVE,
    NINE_SIX,
    chinese,
    moment,
    only,
    week,
    weekdays,
)

CN = announced(Region.CN)
HOUR = timedelta(hours=1)


def _days(first: str, count: int) -> list[str]:
    return [str(date.fromisoformat(first) + timedelta(days=number)) for number in range(count)]


@pytest.mark.parametrize(
    ("changes", "at", "told"),
    [
        ({"week": {}}, "week", "no weekday has hours"),
        ({"holidays": ["2026-10-01", "2026-10-01"]}, "holidays.1", "2026-10-01 is there twice"),
        (
            {"extra": [{"date": "2026-10-01", "like": "monday"}] * 2},
            "extra.1",
            "2026-10-01 is there twice",
        ),
        (
            {"holidays": ["2026-10-01"], "extra": [{"date": "2026-10-01", "like": "monday"}]},
            "extra.0.date",
            "is in holidays, too",
        ),
        (
            {"extra": [{"date": "2026-10-01", "like": "sunday"}]},
            "extra.0.like",
            "sunday has no hours in week",
        ),
        (
            {"public_holidays": {"region": "CN", "make_up_like": "sunday"}},
            "public_holidays.make_up_like",
            "sunday has no hours in week",
        ),
        (
            {"public_holidays": {"region": "CN", "own_years": [2027]}},
            "public_holidays.own_years.0",
            "holidays has no date of 2027",
        ),
        (
            {
                "holidays": ["2027-10-01"],
                "public_holidays": {"region": "CN", "own_years": [2027, 2027]},
            },
            "public_holidays.own_years.1",
            "2027 is there twice",
        ),
        (
            {"holidays": _days("2026-01-01", 400)},
            "holidays",
            "nothing is worked on the 400 days from 2026-01-01 on",
        ),
    ],
)
def test_a_fault(changes: dict[str, Any], at: str, told: str) -> None:
    (fault,) = faults(document(**changes), CN)
    assert fault.at == at
    assert told in fault.message


def test_what_is_right() -> None:
    assert faults(document(), None) == []
    assert faults(document(public_holidays={"region": "CN"}), CN) == []
    assert faults(document(holidays=_days("2026-01-01", 399)), None) == []
    whole = {day: ["00:00-24:00"] for day in (*WORKDAYS, "saturday", "sunday")}
    assert faults(document(week=whole), None) == []


def test_the_least_that_400_days_have() -> None:
    assert least_worked(ALWAYS) == LOOK_AHEAD
    # 57 weeks of 40 hours, less what begins and ends within a day or is put forward.
    assert 57 * 40 * HOUR - 11 * HOUR <= least_worked(weekdays(NINE_FIVE)) <= 57 * 40 * HOUR
    assert least_worked(chinese()) < least_worked(weekdays(NINE_SIX))
    assert least_worked(week("UTC", {})) == timedelta()


@pytest.mark.parametrize(
    "calendar",
    [
        weekdays(NINE_FIVE),
        chinese(),
        only(Weekday.SUNDAY, "01:00-04:00", "Europe/Berlin"),
        week("America/New_York", dict.fromkeys(Weekday, "00:00-12:00")),
    ],
)
def test_a_target_that_is_not_refused_has_a_deadline_on_every_day(calendar: Any) -> None:
    target = least_worked(calendar)
    assert refused_target(calendar, target) is None
    start = moment("Mon 2024-01-01 00:00")
    for day in range(0, 1500, 3):
        due(calendar, start + timedelta(days=day, hours=day % 24), target)


def test_a_target_that_is_refused() -> None:
    rare = only(Weekday.SUNDAY, "09:00-10:00", "UTC")
    told = refused_target(rare, 72 * HOUR)
    assert told is not None
    assert "shorten the target or open the calendar more" in told
    with pytest.raises(BeyondLookAhead):
        due(rare, moment("Mon 2026-03-02 12:00"), 72 * HOUR)
