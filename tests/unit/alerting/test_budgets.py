"""Token buckets, and who goes out when they are short."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.budgets import Bucket, allot
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import Budget

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
DINGTALK = Budget(burst=5, per_minute=15)
MINUTE = timedelta(minutes=1)
VENDORS = {
    EndpointKind.DINGTALK: 20,
    EndpointKind.FEISHU: 100,
    EndpointKind.WECOM: 20,
    EndpointKind.SLACK: 60,
    EndpointKind.PAGERDUTY: 120,
}


@dataclass(frozen=True)
class Notice:
    id: int
    endpoint_id: str = "e"


def test_every_budget_is_within_its_vendors() -> None:
    for kind, limit in VENDORS.items():
        budget = FORMATS[kind].budget
        assert budget is not None
        assert budget.burst + budget.per_minute <= limit


@given(st.lists(st.tuples(st.floats(0, 40), st.integers(0, 30)), max_size=60))
def test_no_minute_has_more_than_the_vendor_takes(steps: list[tuple[float, int]]) -> None:
    bucket, now, sent = Bucket(5.0, T0), T0, list[datetime]()
    for waited, wanted in steps:
        now += timedelta(seconds=waited)
        bucket = bucket.filled(DINGTALK, now)
        count = min(wanted, bucket.free(now))
        bucket = bucket.take(count)
        sent += [now] * count
    for start in sent:
        assert sum(start <= at < start + MINUTE for at in sent) <= 20


def test_the_bucket_fills_one_every_four_seconds_and_no_further_than_its_burst() -> None:
    empty = Bucket(0.0, T0)
    free = [
        empty.filled(DINGTALK, T0 + timedelta(seconds=seconds)).free(T0 + MINUTE)
        for seconds in (0, 3.9, 4, 8, 20, 3600)
    ]
    assert free == [0, 0, 1, 2, 5, 5]


def test_a_mute_robot_says_nothing_and_starts_empty() -> None:
    muted = Bucket(5.0, T0).mute(T0 + 10 * MINUTE)
    for minutes in (1, 9):
        at = T0 + minutes * MINUTE
        assert muted.filled(DINGTALK, at).free(at) == 0
    at = T0 + 10 * MINUTE
    assert muted.filled(DINGTALK, at).free(at) == 0
    later = at + timedelta(seconds=4)
    assert muted.filled(DINGTALK, later).free(later) == 1


def test_a_clock_that_goes_back_fills_nothing() -> None:
    assert Bucket(1.0, T0).filled(DINGTALK, T0 - MINUTE) == Bucket(1.0, T0)


@pytest.mark.parametrize(
    ("waiting", "free", "digest", "expected"),
    [
        (3, 5, 10, [[0], [1], [2]]),
        (5, 3, 10, [[0], [1], [2, 3, 4]]),
        (5, 1, 10, [[0, 1, 2, 3, 4]]),
        (5, 1, 3, [[0, 1, 2]]),
        (5, 0, 10, []),
        (5, 2, 0, [[0], [1]]),
        (0, 5, 10, []),
    ],
)
def test_what_does_not_fit_goes_into_one_message(
    waiting: int, free: int, digest: int, expected: list[list[int]]
) -> None:
    found = allot([Notice(number) for number in range(waiting)], free, digest)
    assert [[one.id for one in message] for message in found] == expected


def test_a_message_has_one_endpoint() -> None:
    notices = [Notice(number, f"e{number % 2}") for number in range(6)]
    (message,) = allot(notices, 1, 10)
    assert [one.id for one in message] == [0, 2, 4]


@given(st.integers(0, 40), st.integers(0, 10), st.integers(0, 15))
def test_nothing_is_sent_twice_and_order_is_kept(waiting: int, free: int, digest: int) -> None:
    notices = [Notice(number) for number in range(waiting)]
    messages = allot(notices, free, digest)
    carried = [one.id for message in messages for one in message]
    assert carried == list(range(len(carried)))
    assert len(messages) <= free
    assert all(messages)
