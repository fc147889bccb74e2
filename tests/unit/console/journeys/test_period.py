"""The time that a page is about."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from heedful.console.journeys.period import Period, PeriodAsked

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_dates_are_whole_days_of_the_zone_and_win() -> None:
    asked = PeriodAsked(**{"days": 7, "from": "2026-11-01", "to": "2026-11-02"})
    assert asked.period(NOW, SHANGHAI, 90) == Period(
        datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 2, 16, tzinfo=UTC)
    )
    assert asked.days_or(90) is None


def test_days_are_before_now() -> None:
    asked = PeriodAsked(days=7)
    assert asked.period(NOW, SHANGHAI, 90) == Period(datetime(2026, 11, 23, 8, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("usual", "since"), [(30, datetime(2026, 10, 31, 8, tzinfo=UTC)), (None, None)]
)
def test_what_was_left_empty_is_as_usual(usual: int | None, since: datetime | None) -> None:
    asked = PeriodAsked(**{"days": "", "from": "", "to": ""})
    assert asked.period(NOW, SHANGHAI, usual) == Period(since, None)


def test_one_date_leaves_the_other_side_open() -> None:
    period = PeriodAsked(first=date(2026, 11, 1)).period(NOW, SHANGHAI, 90)
    assert period.until is None
    assert period.query == {"from": "2026-11-01T00:00:00+08:00", "to": None}


@pytest.mark.parametrize("written", [{"days": "0"}, {"days": "x"}, {"from": "yesterday"}])
def test_nonsense_is_refused(written: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PeriodAsked.model_validate(written)
