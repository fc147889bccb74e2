"""When a clock runs out, and what became of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting import clocks
from heedful.alerting.calendars import ALWAYS, CLOSED, Calendar, Interval, elapsed
from heedful.alerting.calendars.faults import least_worked
from heedful.alerting.clocks import Clock, Ended, Result
from heedful.alerting.states import State
from heedful.common.contracts import ClockMetric
from tests.unit.alerting.journeys import CALENDARS, HOUR, NOW, terms

PLAN = clocks.start(terms(ClockMetric.PLAN), NOW, 1, CALENDARS)
DUE = NOW + 48 * HOUR
RARE = Calendar(name="rare", version=1, zone="UTC", week=(*(CLOSED,) * 6, (Interval(540, 600),)))


def test_it_counts_from_its_start() -> None:
    assert PLAN.due_at == DUE
    assert (PLAN.open, PLAN.paused_at, PLAN.result) == (True, None, Result.RUNNING)


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
    at = None if fulfilled is None else DUE + fulfilled * HOUR
    clock = replace(PLAN, fulfilled_at=at, breached_at=None if breached is None else DUE)
    assert clock.result is expected


@pytest.mark.parametrize("why", list(Ended))
def test_what_was_ended_says_why(why: Ended) -> None:
    assert clocks.end(PLAN, why, NOW, CALENDARS).result is Result(why.value)


def test_what_is_not_enforced_has_no_result() -> None:
    shown = clocks.retarget(PLAN, replace(PLAN.terms, enforced=False), CALENDARS)
    assert clocks.fulfil(shown, DUE + HOUR, "x", CALENDARS).result is Result.NOT_ENFORCED


def test_terms_of_what_has_run_out_are_part_of_the_record() -> None:
    breached = replace(PLAN, breached_at=DUE)
    assert clocks.retarget(breached, terms(ClockMetric.PLAN, 90), CALENDARS) == breached


pauses = st.lists(
    st.tuples(st.integers(0, 40 * 60), st.integers(1, 40 * 60)), max_size=6
)  # minutes until the next pause, and its length


def paused(drawn: list[tuple[int, int]]) -> tuple[Clock, list[tuple[datetime, datetime]]]:
    """The clock after these pauses, and when they were."""
    clock, at, spans = PLAN, NOW, []
    for wait, length in drawn:
        begin = at + timedelta(minutes=wait)
        at = begin + timedelta(minutes=length)
        clock = clocks.entered(clock, State.WAITING_CUSTOMER, begin, CALENDARS)
        clock = clocks.entered(clock, State.WAITING_CUSTOMER, begin, CALENDARS)
        clock = clocks.entered(clock, State.IN_PROGRESS, at, CALENDARS)
        spans.append((begin, at))
    return clock, spans


@given(pauses)
def test_the_end_is_where_a_walk_over_minutes_finds_it(drawn: list[tuple[int, int]]) -> None:
    clock, spans = paused(drawn)
    left, at = 48 * 60, NOW
    while left:
        if not any(begin <= at < end for begin, end in spans):
            left -= 1
        at += timedelta(minutes=1)
    assert clock.due_at == at


@given(
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 900)), max_size=5),
    st.sampled_from([RARE, ALWAYS]),
)
def test_however_long_it_stands_still_what_the_calendar_can_meet_has_a_deadline(
    drawn: list[tuple[int, int]], calendar: Calendar
) -> None:
    """Days until the next pause, and its length; of the longest target that is not refused."""
    target, calendars = least_worked(calendar), {calendar.ref: calendar}
    held = replace(PLAN.terms, target=target, calendar=calendar.ref)
    clock, at = clocks.start(held, NOW, 1, calendars), NOW
    for wait, length in drawn:
        begin = at + timedelta(days=wait)
        at = begin + timedelta(days=length)
        clock = clocks.entered(clock, State.WAITING_CUSTOMER, begin, calendars)
        clock = clocks.entered(clock, State.IN_PROGRESS, at, calendars)
    stood = [elapsed(calendar, begin, end or at) for begin, end in clock.pauses]
    gone = elapsed(calendar, NOW, clock.due_at)
    # A pause that began when it had run out counts no more.
    assert gone in [target + sum(stood[:count], timedelta()) for count in range(len(stood) + 1)]


@given(pauses, st.integers(1, 200))
def test_a_new_target_is_measured_as_if_it_had_always_been(
    drawn: list[tuple[int, int]], hours: int
) -> None:
    clock, spans = paused(drawn)
    changed = clocks.retarget(clock, terms(ClockMetric.PLAN, hours), CALENDARS)
    fresh = clocks.start(terms(ClockMetric.PLAN, hours), NOW, 1, CALENDARS)
    for begin, end in spans:
        fresh = clocks.entered(fresh, State.WAITING_CUSTOMER, begin, CALENDARS)
        fresh = clocks.entered(fresh, State.IN_PROGRESS, end, CALENDARS)
    assert changed == fresh


@given(pauses, st.integers(0, 10_000))
def test_fulfilled_while_it_stands_still_counts_what_was_spent(
    drawn: list[tuple[int, int]], minutes: int
) -> None:
    clock, spans = paused(drawn)
    last = spans[-1][1] if spans else NOW
    if last >= clock.due_at:
        return
    still = clocks.entered(clock, State.WAITING_CUSTOMER, last, CALENDARS)
    done = clocks.fulfil(still, last + timedelta(minutes=minutes), "x", CALENDARS)
    assert done.result is Result.MET
    assert done.paused_at is None
