"""Which steps are reached, when, and that each is taken once."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting import clocks, ladder
from heedful.alerting.calendars import CLOSED, Calendar, Interval
from heedful.alerting.clocks import Clock
from heedful.alerting.ladder import Pace, Reached
from heedful.alerting.policies.builtin import ladder as builtin_ladder
from heedful.alerting.states import State
from heedful.common.contracts import CaseEventKind, ClockMetric
from tests.unit.alerting.journeys import CALENDARS, HOUR, NOW, terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar(
    name="office",
    version=1,
    zone="Asia/Shanghai",
    week=(*((Interval(540, 1080),),) * 5, CLOSED, CLOSED),
)
PACE = Pace(builtin_ladder(HOUR))
RESPOND = clocks.start(terms(ClockMetric.RESPOND), NOW, 1, CALENDARS)
NEVER = NOW + timedelta(days=1000)


def climbed(clock: Clock, until: datetime, pace: Pace = PACE) -> list[Reached]:
    return ladder.reached(clock, pace, CALENDARS, until)


def test_the_built_in_ladder() -> None:
    found = [((one.at - NOW) / HOUR, one.name, one.kind.value) for one in climbed(RESPOND, NEVER)]
    assert found == [
        (12, "half", "warned"),
        (18, "three-quarters", "warned"),
        (23, "last-call", "warned"),
        (24, "breach", "breached"),
        (30, "overdue-25", "escalated"),
        (48, "overdue-100", "escalated"),
        *((48 + 24 * count, f"repeat-{count}", "escalated") for count in range(1, 6)),
    ]


@pytest.mark.parametrize(
    "clock",
    [
        replace(RESPOND, fulfilled_at=NOW + HOUR),
        clocks.end(RESPOND, clocks.Ended.DISMISSED, NOW, CALENDARS),
        replace(RESPOND, terms=replace(RESPOND.terms, enforced=False)),
        clocks.entered(
            clocks.start(terms(ClockMetric.PLAN), NOW, 1, CALENDARS),
            State.WAITING_CUSTOMER,
            NOW,
            CALENDARS,
        ),
    ],
    ids=["fulfilled", "dismissed", "not enforced", "paused"],
)
def test_a_clock_that_does_not_run_is_silent(clock: Clock) -> None:
    assert climbed(clock, NEVER) == []
    assert ladder.next_at(clock, PACE, CALENDARS) is None


def test_what_was_fulfilled_too_late_did_run_out() -> None:
    late = replace(RESPOND, fulfilled_at=NOW + 25 * HOUR)
    (only,) = climbed(late, NEVER)
    assert (only.kind, only.at) == (CaseEventKind.BREACHED, NOW + 24 * HOUR)
    assert climbed(replace(late, breached_at=late.due_at), NEVER) == []


@given(st.lists(st.integers(0, 300), max_size=30))
def test_however_often_one_looks_each_step_is_taken_once_and_in_order(hours: list[int]) -> None:
    clock, names = RESPOND, []
    for hour in [*sorted(hours), 1000]:
        for one in climbed(clock, NOW + hour * HOUR):
            names.append(one.name)
            clock = replace(clock, taken=clock.taken | {one.name})
        due = ladder.next_at(clock, PACE, CALENDARS)
        assert due is None or due > NOW + hour * HOUR
    assert names == [one.name for one in climbed(RESPOND, NEVER)]


def office(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def test_notices_wait_for_working_hours_but_a_breach_is_recorded_when_it_is() -> None:
    """Four days from Friday 20:00: the half is on Sunday, told on Monday at 9:00."""
    friday = clocks.start(terms(ClockMetric.RESPOND, 96), office(6, 20), 1, CALENDARS)
    found = {one.name: one for one in climbed(friday, NEVER, Pace(PACE.ladder, OFFICE))}
    assert found["half"].at == office(9, 9)
    assert found["three-quarters"].at == office(10, 9)
    breach = found["breach"]
    assert (breach.at, breach.tell_at) == (office(10, 20), office(11, 9))


def test_a_step_that_would_come_after_the_end_comes_in_the_last_working_minute_before() -> None:
    """Due Saturday 10:00: the warning of Saturday 9:00 comes on Friday at 17:59."""
    clock = clocks.start(terms(ClockMetric.RESPOND, 48), office(5, 10), 1, CALENDARS)
    found = {one.name: one for one in climbed(clock, NEVER, Pace(PACE.ladder, OFFICE))}
    assert found["last-call"].at == office(6, 17, 59)
