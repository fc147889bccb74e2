"""A token bucket: what it gives in any time, and that it never stands still."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.quota.bucket import Bucket, Rate

rates = st.builds(
    Rate,
    per_second=st.floats(0.01, 10_000, allow_nan=False),
    burst=st.integers(1, 100_000),
)
# Seconds that pass, then needed and wanted beyond it.
asks = st.lists(
    st.tuples(st.floats(0, 100), st.integers(1, 5000), st.integers(0, 5000)), max_size=40
)


@given(rates, asks)
def test_it_never_gives_more_than_its_burst_and_what_time_brings(
    rate: Rate, asked: list[tuple[float, int, int]]
) -> None:
    bucket, now, given_at = Bucket.full(rate, 0.0), 0.0, [(0.0, 0)]
    for seconds, needed, more in asked:
        now += seconds
        bucket, grant = bucket.take(rate, needed, needed + more, now)
        assert grant.tokens == 0 or needed <= grant.tokens <= needed + more
        assert 0 <= bucket.tokens <= rate.burst
        given_at.append((now, grant.tokens))
    for start, (since, _) in enumerate(given_at):
        total = 0
        for at, tokens in given_at[start:]:
            total += tokens
            assert total <= rate.burst + rate.per_second * (at - since) + 1e-3


@given(rates, asks)
def test_what_it_refuses_it_gives_after_the_wait_that_it_told(
    rate: Rate, asked: list[tuple[float, int, int]]
) -> None:
    bucket, now = Bucket.full(rate, 0.0), 0.0
    for seconds, needed, more in asked:
        now += seconds
        needed = min(needed, rate.burst)
        bucket, grant = bucket.take(rate, needed, needed + more, now)
        if grant.tokens == 0:
            assert grant.wait_seconds > 0
            later = now + grant.wait_seconds
            assert bucket.take(rate, needed, needed, later)[1].tokens == needed


@given(rates, st.floats(0, 1e6), st.floats(0, 1e6))
def test_an_earlier_moment_adds_nothing(rate: Rate, at: float, earlier: float) -> None:
    bucket = Bucket(rate.burst / 2, at).refilled(rate, at - earlier)
    assert bucket.tokens <= rate.burst / 2 + 1e-9


def test_a_clock_that_was_set_back_does_not_stop_it() -> None:
    rate = Rate(per_second=1, burst=10)
    bucket = Bucket(0, at=1_000_000.0).refilled(rate, now=5.0)
    assert bucket.refilled(rate, now=8.0).tokens == pytest.approx(3)


def test_a_moment_a_little_earlier_is_not_counted_twice() -> None:
    rate = Rate(per_second=1, burst=10)
    bucket = Bucket(0, at=100.0).refilled(rate, now=98.0).refilled(rate, now=101.0)
    assert bucket.tokens == pytest.approx(1)


def test_it_gives_what_there_is_when_that_is_enough() -> None:
    rate = Rate(per_second=1, burst=10)
    left, grant = Bucket(7.5, at=0.0).take(rate, needed=3, wanted=100, now=0.0)
    assert (grant.tokens, grant.left) == (7, 0.5)
    refused = left.take(rate, needed=3, wanted=3, now=0.0)[1]
    assert (refused.tokens, refused.wait_seconds) == (0, 2.5)


@given(rates)
def test_an_empty_bucket_is_full_after_its_window(rate: Rate) -> None:
    bucket = Bucket(0, 0.0).refilled(rate, rate.window_seconds)
    assert math.isclose(bucket.tokens, rate.burst, rel_tol=1e-6)
