"""How a period is cut, and what is said when it holds too much."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights_reading.period import Count, Period, TooMany, check, days_of, slices

START = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def counted(events: list[int]) -> tuple[Period, list[Count]]:
    """A period that begins in the middle of an hour, and how much each of its hours holds."""
    counts = [Count(FIRST + n * HOUR, held) for n, held in enumerate(events) if held]
    return Period(START, FIRST + len(events) * HOUR), counts


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 15))
def test_slices_cover_what_there_is_once_and_hold_little(events: list[int], at_once: int) -> None:
    period, counts = counted(events)
    found = list(slices(period, counts, at_once))
    for count in counts:
        inside = max(count.hour, period.since)
        assert sum(part.since <= inside < part.until for part in found) == 1
    for part in found:
        inside_it = [c.events for c in counts if part.since <= max(c.hour, START) < part.until]
        assert len(inside_it) == 1 or sum(inside_it) <= at_once
    if found:
        assert (found[0].since, found[-1].until) == (period.since, period.until)


def test_a_period_says_from_when_it_would_do() -> None:
    period, counts = counted([4, 3, 2, 1])
    check(period, counts, 10)
    with pytest.raises(TooMany) as refused:
        check(period, counts, 5)
    assert (refused.value.events, refused.value.limit) == (10, 5)
    assert refused.value.since == FIRST + 2 * HOUR
    with pytest.raises(TooMany) as refused:
        check(period, [Count(FIRST, 10)], 5)
    assert refused.value.since is None


@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=40),
    st.integers(1, 60),
    st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)
def test_what_it_says_would_do_does(events: list[int], limit: int, lookback: float) -> None:
    """With what is read before the period, which gets shorter with it."""
    whole, counts = counted(events)
    since = whole.until - (whole.until - whole.since) / (1 + lookback)
    period = Period(since, whole.until)
    try:
        check(period, counts, limit, lookback)
    except TooMany as error:
        if error.since is None:
            return
        read = Period(error.since, period.until).begun_earlier(lookback)
        # Of times in microseconds a division leaves a rest.
        held = [c.events for c in counts if c.hour >= read.since - timedelta(seconds=1)]
        assert sum(held) <= limit


def test_looking_back_ends_with_the_calendar() -> None:
    early = Period(datetime(2, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert early.begun_earlier(1).since == datetime(1, 1, 1, tzinfo=UTC)


def test_days_begin_with_1970() -> None:
    assert days_of(np.array([0, 86_400_000_000])).tolist() == [10957.0, 10958.0]
    period = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, 12, tzinfo=UTC))
    assert period.days == (10957.0, 10958.5)
