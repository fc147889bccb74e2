"""What the events of a case say that its fold does not keep."""

from dataclasses import replace

import pytest
from hypothesis import given

from heedful.alerting.case import Step
from heedful.alerting.folding import apply
from heedful.alerting.history import KINDS, first_run, last_run
from heedful.alerting.states import WAITING, State, WrongTransition
from heedful.common.contracts import CaseEventKind, ClockMetric
from tests.unit.alerting.journeys import (
    CALENDARS,
    HOUR,
    NOW,
    OPENED,
    PERSON,
    Drawn,
    in_order,
    step,
    tried,
)

Kind = CaseEventKind
CALLED = Step(Kind.CONTACTED, NOW + HOUR, PERSON, detail={"contact": "call"})


def test_from_one_waiting_to_the_other_is_one_pause_of_a_clock_that_has_both() -> None:
    other = State.WAITING_THIRD_PARTY
    told = [OPENED, step(Kind.PAUSED, 60), step(Kind.PAUSED, 120, waiting=other)]
    run = last_run([*told, step(Kind.RESUMED, 180)])
    assert run.pauses(frozenset({State.WAITING_CUSTOMER})) == ((NOW + HOUR, NOW + 2 * HOUR),)
    assert run.pauses(WAITING) == ((NOW + HOUR, NOW + 3 * HOUR),)
    assert last_run(told).pauses(WAITING) == ((NOW + HOUR, None),)


def test_reopening_begins_another_run() -> None:
    told = [OPENED, CALLED, step(Kind.PLANNED, 90), step(Kind.CLOSED, 120)]
    again = replace(step(Kind.REOPENED, 180), since=NOW + 2 * HOUR)
    last, first = last_run([*told, again]), first_run([*told, again])
    assert (last.since, last.contacts, last.planned_at) == (NOW + 2 * HOUR, (), None)
    assert (first.since, first.contacts, first.over_at) == (NOW, (CALLED,), NOW + 2 * HOUR)


def test_the_first_contact_after_a_moment_is_by_its_time() -> None:
    earlier = replace(CALLED, at=NOW + HOUR / 2)
    run = last_run([OPENED, CALLED, earlier])
    assert run.contact_after(NOW) == earlier
    assert run.contact_after(NOW + HOUR / 2) == CALLED
    assert run.contact_after(NOW + HOUR) is None


def test_there_is_no_history_without_a_beginning() -> None:
    for read in (last_run, first_run):
        with pytest.raises(ValueError, match="opened"):
            read([])


@given(tried)
def test_a_clock_stood_still_when_its_history_says_so(drawn: list[Drawn]) -> None:
    """The plan clock of the fold, as long as it runs, has the pauses of the history."""
    case, told = apply(None, OPENED, CALENDARS), [OPENED]
    for one in in_order(drawn):
        if one.kind in (Kind.REOPENED, Kind.SEVERITY_CHANGED):
            continue
        try:
            case = apply(case, one, CALENDARS)
        except WrongTransition:
            continue
        told.append(one)
    plan = case.run(ClockMetric.PLAN, 1)
    assert plan is not None
    if plan.open:
        run = last_run(one for one in told if one.kind in KINDS)
        assert plan.pauses == run.pauses(plan.terms.pauses)
