"""When a webhook is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.formats.base import DELIVERED, Outcome, Verdict
from heedful.alerting.schedule import (
    DELAYS,
    THROTTLED,
    DeliveryState,
    next_try,
    parse_retry_after,
    settle,
)

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


@given(st.integers(1, 9), st.floats(-1, 1), st.integers(0, 10**6))
def test_who_is_busy_is_left_alone_for_a_minute_and_asks_for_twice_at_most(
    attempts: int, spread: float, asked: int
) -> None:
    base = next_try(NOW, attempts, None, spread, throttled=True)
    found = next_try(NOW, attempts, timedelta(seconds=asked), spread, throttled=True)
    assert base is not None
    assert found is not None
    assert base - NOW >= THROTTLED
    assert base <= found <= NOW + 2 * (base - NOW)


@pytest.mark.parametrize(
    ("verdict", "attempts", "state", "label"),
    [
        (DELIVERED, 1, DeliveryState.DELIVERED, "delivered"),
        (Verdict(Outcome.RETRY, "x"), 1, DeliveryState.PENDING, "failed"),
        (Verdict(Outcome.RETRY, "x"), 10, DeliveryState.FAILED, "exhausted"),
        (Verdict(Outcome.REFUSED, "x"), 1, DeliveryState.FAILED, "refused"),
        (Verdict(Outcome.GONE, "x"), 1, DeliveryState.FAILED, "gone"),
    ],
)
def test_what_a_verdict_means(
    verdict: Verdict, attempts: int, state: DeliveryState, label: str
) -> None:
    found = settle(verdict, NOW, attempts, None, 0)
    assert (found.state, found.label) == (state, label)
    assert (found.next_at is not None) is (state is DeliveryState.PENDING)


def test_a_mute_robot_is_not_tried_before_it_speaks_again() -> None:
    mute = timedelta(minutes=10)
    found = settle(Verdict(Outcome.RETRY, "x", throttled=True, mute=mute), NOW, 1, None, 0)
    assert found.next_at == NOW + mute
