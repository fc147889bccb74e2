"""When the report of a month is told."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from heedful.alerting.reports.month import Month
from heedful.alerting.reports.posting import due_at, working_days


@pytest.mark.parametrize(
    ("month", "zone", "due"),
    [
        # The first of November 2026 is a Sunday; nine in Shanghai is one in UTC.
        ("2026-10", "Asia/Shanghai", datetime(2026, 11, 2, 1, tzinfo=UTC)),
        ("2026-10", "Europe/Berlin", datetime(2026, 11, 2, 8, tzinfo=UTC)),
        # The National Day of 2025 with Mid-Autumn: 10-01 to 10-08 are off in China alone.
        ("2025-09", "Asia/Shanghai", datetime(2025, 10, 9, 1, tzinfo=UTC)),
        ("2025-09", "Europe/Berlin", datetime(2025, 10, 1, 7, tzinfo=UTC)),
        # Sunday 2025-02-02 is in the Spring Festival, which lasts until 02-04.
        ("2025-01", "Asia/Shanghai", datetime(2025, 2, 5, 1, tzinfo=UTC)),
    ],
)
def test_as_the_first_working_day_begins(month: str, zone: str, due: datetime) -> None:
    assert due_at(Month.of(month), working_days(ZoneInfo(zone))) == due
