"""The oracle's own idea of working time, on the golden rows of the reference (sla.md §4.6)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.integration.alerting.year.oracle.hours import WorkingHours
from tests.integration.alerting.year.scene import DAY, HOUR, Hours, Office

ZONE = "Asia/Shanghai"


def office(*hours: tuple[float, float], public: bool = False, zone: str = ZONE) -> Office:
    """Monday to Friday."""
    day: Hours = tuple((round(begins * 60), round(ends * 60)) for begins, ends in hours)
    return Office("office", 1, zone, (*(day,) * 5, (), ()), public=public)


def at(written: str, zone: str = ZONE) -> int:
    return int(datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize(
    ("start", "hours", "calendar", "due"),
    [
        ("2025-09-19T16:30", 1, office((9, 17)), "2025-09-22T09:30"),
        ("2025-09-17T07:00", 2, office((9, 17)), "2025-09-17T11:00"),
        ("2025-09-19T17:00", 8, office((9, 17)), "2025-09-22T17:00"),
        ("2025-09-19T16:00", 4, office((8, 17)), "2025-09-22T11:00"),
        ("2025-09-19T11:30", 2, office((9, 12), (13.5, 18)), "2025-09-19T15:00"),
        ("2025-09-27T16:00", 4, office((9, 18), public=True), "2025-09-28T13:00"),
        ("2025-09-27T16:00", 4, office((9, 18)), "2025-09-29T13:00"),
        ("2025-09-30T17:00", 4, office((9, 18), public=True), "2025-10-09T12:00"),
        ("2025-09-30T17:00", 4, office((9, 18)), "2025-10-01T12:00"),
    ],
)
def test_golden(start: str, hours: float, calendar: Office, due: str) -> None:
    begun = at(start)
    found = WorkingHours(calendar, begun - 30 * DAY, begun + 30 * DAY)
    assert found.reached(begun, round(hours * HOUR)) == at(due)


@pytest.mark.parametrize(("night", "worked"), [("2025-03-30", 5), ("2025-10-26", 7)])
def test_a_shift_from_midnight_to_six_in_a_night_on_which_clocks_change(
    night: str, worked: int
) -> None:
    shift = Office("shift", 1, "Europe/Berlin", (((0, 360),),) * 7)
    begun = int(datetime.fromisoformat(night).replace(tzinfo=UTC).timestamp()) - 3 * HOUR
    found = WorkingHours(shift, begun - DAY, begun + 2 * DAY)
    assert found.worked(begun, begun + 12 * HOUR) == worked * HOUR
    assert found.opens(begun) == at(f"{night}T00:00", "Europe/Berlin")
    assert found.last_minute(begun + 12 * HOUR) == at(f"{night}T05:59", "Europe/Berlin")
