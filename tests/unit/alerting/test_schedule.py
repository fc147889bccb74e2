"""When a webhook is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.schedule import DELAYS, next_try, parse_retry_after

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_the_schedule_of_the_specification() -> None:
    hours = [delay / timedelta(hours=1) for delay in DELAYS]
    assert hours[3:] == [0.5, 2, 5, 10, 14, 20, 24]
    assert [delay.total_seconds() for delay in DELAYS[:3]] == [0, 5, 300]


def test_ten_tries_and_no_more() -> None:
    found = [next_try(NOW, attempts, None, 0) for attempts in range(1, 12)]
    assert found[:9] == [NOW + delay for delay in DELAYS[1:]]
    assert found[9:] == [None, None]


@given(st.integers(1, 9), st.floats(-1, 1))
def test_jitter_stays_within_a_fifth(attempts: int, spread: float) -> None:
    found = next_try(NOW, attempts, None, spread)
    assert found is not None
    assert 0.8 <= (found - NOW) / DELAYS[attempts] <= 1.2


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(2, 5), (60, 60), (10 * 86_400, 120)],
)
def test_retry_after_makes_it_later_and_never_for_ever(asked: int, expected: int) -> None:
    found = next_try(NOW, 1, timedelta(seconds=asked), 0)
    assert found == NOW + timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("-5", None),
        ("soon", None),
        ("Sun, 01 Mar 2026 08:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 07:00:00 GMT", None),
        ("9" * 30, 86_400),
    ],
)
def test_parse_retry_after(value: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert parse_retry_after(value, NOW) == expected


@given(st.text(max_size=40))
def test_no_header_breaks_it(value: str) -> None:
    found = parse_retry_after(value, NOW)
    assert found is None or found >= timedelta(0)
