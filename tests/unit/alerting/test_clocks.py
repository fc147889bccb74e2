"""Deadlines, timers, results."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting import clocks
from heedful.alerting.clocks import Result, Targets, TimerKind
from heedful.common.contracts import ClockMetric

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
TARGETS = Targets(24 * HOUR, 48 * HOUR, 72 * HOUR, HOUR)
LIMITS = clocks.deadlines(NOW, TARGETS)


def test_every_clock_counts_from_received_at() -> None:
    assert [clocks.due(LIMITS, metric) - NOW for metric in ClockMetric] == [
        24 * HOUR,
        48 * HOUR,
        72 * HOUR,
    ]


def test_a_warning_and_a_breach_for_every_clock() -> None:
    specs = list(clocks.timers("c1", LIMITS, TARGETS.warn_before))
    assert {(spec.metric, spec.kind, spec.due_at) for spec in specs} == {
        (metric, kind, clocks.due(LIMITS, metric) - (HOUR if kind is TimerKind.WARN else 0 * HOUR))
        for metric in ClockMetric
        for kind in TimerKind
    }
    assert len({spec.dedupe_key for spec in specs}) == 6


@pytest.mark.parametrize(
    ("fulfilled", "breached", "expected"),
    [
        (None, None, Result.RUNNING),
        (None, 0, Result.BREACHED),
        (-1, None, Result.MET),
        (0, None, Result.MET),
        (1, None, Result.BREACHED),
        (1, 0, Result.BREACHED),
        (-1, 0, Result.MET),  # reported after the breach was announced
    ],
)
def test_result(fulfilled: int | None, breached: int | None, expected: Result) -> None:
    at = None if fulfilled is None else NOW + fulfilled * HOUR
    assert clocks.result(NOW, at, None if breached is None else NOW) is expected


@given(st.sampled_from(TimerKind), st.none() | st.integers(-100, 100))
def test_a_step_is_taken_exactly_when_it_is_true(kind: TimerKind, fulfilled: int | None) -> None:
    at = None if fulfilled is None else NOW + fulfilled * HOUR
    taken = clocks.still_due(kind, NOW, at)
    if at is None:
        assert taken
    elif kind is TimerKind.WARN:
        assert not taken
    else:
        assert taken is (clocks.result(NOW, at, None) is Result.BREACHED)
