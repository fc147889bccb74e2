"""Times as exports write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.importing.dates import AMBIGUOUS, DateOrder
from heedful.ingest.importing.records import Cell
from heedful.ingest.importing.times import moment, order_of, zone_of

SHANGHAI = zone_of("Asia/Shanghai")
MORNING = datetime(2026, 11, 24, 8, 15, tzinfo=SHANGHAI)
MIDNIGHT = MORNING.replace(hour=0, minute=0)


@pytest.mark.parametrize(
    "written",
    [
        "2026/11/24 8:15", "2026-11-24 08:15:00", "2026-11-24T08:15:00", "2026.11.24 08:15",
        "2026-11-24T00:15:00Z", "2026-11-24T08:15:00+08:00", "2026-11-24T08:15:00+0800",
        "2026-11-24 08:15:00 GMT+8", "2026-11-24 00:15 UTC", "2026-11-24 08:15:00.000",
        "2026年11月24日 8时15分", "2026年11月24日 8点15分0秒", "2026年11月24日 上午8:15",
        "2026/11/24 星期二 8:15", "2026/11/24(周二) 8:15", "２０２６－１１－２４　０８：１５",
        "11/24/2026 8:15", "24/11/2026 08:15", "24.11.2026 08:15", "11/24/2026 8:15 AM",
        "24 Nov 2026 08:15", "Nov 24, 2026 8:15", "November 24, 2026, 8:15 am",
        "Tue Nov 24 08:15:00 +0800 2026", "Tue, 24 Nov 2026 08:15:00 +0800",
        "20261124081500", "202611240815", "20261124 08:15", "1795479300", "1795479300000",
        "46350.34375", " 2026-11-24 08:15 ",
    ],
)  # fmt: skip
def test_one_moment_in_many_forms(written: str) -> None:
    assert moment([written], SHANGHAI, None) == MORNING


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-24", "2026年11月24日", "20261124", 20261124, "46350", 46350, 46350.0,
        "2026/11/24 0:00", "2026-11-24 12:00 AM", "2026-11-24 凌晨12:00", "24 Nov 2026",
        datetime(2026, 11, 24),  # noqa: DTZ001  # as Excel gives it
    ],
)  # fmt: skip
def test_a_day_alone_is_its_beginning(cell: Cell) -> None:
    assert moment([cell], SHANGHAI, None) == MIDNIGHT


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-11-24 下午3:00", 15), ("2026-11-24 3:00 PM", 15), ("2026-11-24 12:30 PM", 12),
        ("2026-11-24 中午12:30", 12), ("2026-11-24 晚上9:00", 21), ("2026-11-24 15:00 PM", 15),
        ("2026-11-24 p.m. 3:00", 15),
    ],
)  # fmt: skip
def test_halves_of_the_day(written: str, hour: int) -> None:
    found = moment([written], SHANGHAI, None)
    assert isinstance(found, datetime)
    assert found.astimezone(SHANGHAI).hour == hour


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("05/06/2026", AMBIGUOUS),
        ("昨天 08:15", "relative"), ("3小时前", "relative"), ("2 days ago", "relative"),
        ("11-24 08:15", "no year"), ("11月24日 08:15", "no year"),
        ("2026-02-30", "no day of the calendar"), ("2026-13-01", "no day of the calendar"),
        ("31 Xyz 2026", "no day of the calendar"), ("2026-11-24 25:00", "no time of the day"),
        ("2026-11-24 08:61", "no time of the day"), ("2026-11-24 08:15+25:00", "offset"),
        ("26/11/24", "no time that is known"), ("好吃", "no time that is known"),
        ("12", "no time that is known"), ("1e9", "no time that is known"),
        ("99999999999999999999", "no time that is known"), ("0001-01-01", "1970"),
        ("9999-12-31 23:59", "1970"), (True, "no time that is known"), (None, "is empty"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused_with_a_reason(written: Cell, said: str) -> None:
    found = moment([written], SHANGHAI, None)
    assert isinstance(found, str)
    assert said in found
    # Never the value.
    assert not isinstance(written, str) or written not in found


def test_a_column_says_whether_the_day_or_the_month_comes_first() -> None:
    assert order_of(["05/06/2026", "13/06/2026 8:00", None, "x"]) is DateOrder.DAY_FIRST
    assert order_of(["05/06/2026", "06-13-2026"]) is DateOrder.MONTH_FIRST
    assert order_of(["05/06/2026", "07/08/2026"]) is None
    assert order_of(["13/06/2026", "06/13/2026"]) is None
    june, may = datetime(2026, 6, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    assert moment(["05/06/2026"], ZoneInfo("UTC"), DateOrder.DAY_FIRST) == june
    assert moment(["05/06/2026"], ZoneInfo("UTC"), DateOrder.MONTH_FIRST) == may
    assert moment(["05/05/2026"], ZoneInfo("UTC"), None) == datetime(2026, 5, 5, tzinfo=UTC)


def test_a_day_and_its_time_in_two_columns() -> None:
    excel = datetime(2026, 11, 24)  # noqa: DTZ001  # as Excel gives it
    for day in ("2026-11-24", "2026/11/24 0:00", excel, 46350):
        assert moment([day, "08:15:00"], SHANGHAI, None) == MORNING
    assert moment(["2026-11-24", None], SHANGHAI, None) == MIDNIGHT
    assert isinstance(moment(["2026-11-24", "25:00"], SHANGHAI, None), str)
    assert isinstance(moment(["08:15", "2026-11-24"], SHANGHAI, None), str)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001  # local
        lambda time: time.replace(microsecond=0)
    ),
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S",
            "%Y年%m月%d日 %H时%M分%S秒", "%d %b %Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p",
            "%Y.%m.%d %H:%M:%S",
        ]
    ),
)  # fmt: skip
def test_what_was_written_is_read(time: datetime, form: str) -> None:
    utc = ZoneInfo("UTC")
    assert moment([time.strftime(form)], utc, None) == time.replace(tzinfo=UTC)
    days = (time - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001  # Excel's
    assert moment([days], utc, None) == time.replace(tzinfo=UTC)


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_any_cell_is_a_time_or_told(cell: Cell) -> None:
    assert isinstance(moment([cell], SHANGHAI, None), datetime | str)
