"""The fold over a case's events."""

from datetime import timedelta

import pytest
from hypothesis import given

from heedful.alerting.case import SERVICE, Case, Step
from heedful.alerting.clocks import Result
from heedful.alerting.folding import apply, fold
from heedful.alerting.states import OVER, State, WrongTransition
from heedful.common.contracts import CaseEventKind, ClockMetric, Colour
from tests.unit.alerting.journeys import (
    ALL_TERMS,
    CALENDARS,
    HOUR,
    NOW,
    OPENED,
    in_order,
    step,
    terms,
    tried,
)

Kind = CaseEventKind
WAY = (Kind.ACKNOWLEDGED, Kind.PLANNED, Kind.STARTED, Kind.LANDED, Kind.VERIFIED, Kind.CLOSED)


def folded(*kinds: Kind) -> Case:
    """A case after these steps, one an hour."""
    return fold(
        [OPENED, *(step(kind, 60 * hours) for hours, kind in enumerate(kinds, 1))], CALENDARS
    )


def test_the_whole_way() -> None:
    case = folded(*WAY)
    assert (case.state, case.sequence) == (State.CLOSED, 7)
    assert (case.owner, case.action, case.root_cause) == ("li", "call", "part")
    assert case.over_at == NOW + 6 * HOUR
    assert {one.metric: one.fulfilled_at for one in case.clocks} == {
        ClockMetric.RESPOND: None,
        ClockMetric.PLAN: NOW + 2 * HOUR,
        ClockMetric.LAND: NOW + 4 * HOUR,
    }


@pytest.mark.parametrize("kind", WAY[1:])
def test_no_step_is_left_out(kind: Kind) -> None:
    with pytest.raises(WrongTransition) as caught:
        folded(kind)
    assert caught.value.state is State.NEW
    assert State.NEW not in caught.value.allowed
    assert all(state in str(caught.value) for state in caught.value.allowed)


def test_it_begins_with_opened_and_only_once() -> None:
    for steps in ([], [step(Kind.ACKNOWLEDGED)], [OPENED, OPENED]):
        with pytest.raises(WrongTransition):
            fold(steps, CALENDARS)


def test_waiting_stops_the_clocks_that_the_policy_says_and_resuming_moves_their_end() -> None:
    case = folded(Kind.ACKNOWLEDGED, Kind.PAUSED, Kind.RESUMED)
    assert case.state is State.ACKNOWLEDGED
    assert case.pause_used == HOUR
    assert case.deadlines.respond == NOW + 24 * HOUR
    assert case.deadlines.plan == NOW + 49 * HOUR
    assert case.deadlines.land == NOW + 73 * HOUR


def test_from_one_waiting_to_the_other_is_one_pause_of_the_case() -> None:
    """jeffersongoncalves/laravel-help-desk#52 counted it twice."""
    steps = [
        OPENED,
        step(Kind.ACKNOWLEDGED, 60),
        step(Kind.PAUSED, 120),
        step(Kind.PAUSED, 180, waiting=State.WAITING_THIRD_PARTY),
        step(Kind.RESUMED, 240),
    ]
    case = fold(steps, CALENDARS)
    assert (case.state, case.pause_used) == (State.ACKNOWLEDGED, 2 * HOUR)
    # Only waiting for the customer stops the plan clock.
    assert case.deadlines.plan == NOW + 49 * HOUR


def test_what_waits_longer_than_its_clock_had_left_is_not_breached_by_it() -> None:
    steps = [OPENED, step(Kind.ACKNOWLEDGED, 60), step(Kind.PAUSED, 47 * 60)]
    case = fold([*steps, step(Kind.RESUMED, 147 * 60)], CALENDARS)
    assert case.deadlines.plan == NOW + 148 * HOUR


def test_a_pause_after_the_breach_changes_nothing() -> None:
    """frappe/helpdesk#3709: what ran out stays so."""
    late = [step(Kind.ACKNOWLEDGED, 60), step(Kind.PAUSED, 50 * 60), step(Kind.RESUMED, 60 * 60)]
    assert fold([OPENED, *late], CALENDARS).deadlines.plan == NOW + 48 * HOUR


def test_reopening_starts_the_clocks_anew_and_keeps_what_they_were() -> None:
    case = folded(*WAY, Kind.REOPENED)
    assert (case.state, case.cycle, case.over_at) == (State.NEW, 2, None)
    assert (case.owner, case.action) == ("li", None)
    runs = [(one.metric, one.cycle, one.result) for one in case.clocks]
    assert runs == [
        (ClockMetric.RESPOND, 1, Result.RUNNING),
        (ClockMetric.PLAN, 1, Result.MET),
        (ClockMetric.LAND, 1, Result.MET),
        (ClockMetric.PLAN, 2, Result.RUNNING),
        (ClockMetric.LAND, 2, Result.RUNNING),
    ]
    assert case.deadlines.plan == NOW + 55 * HOUR


@pytest.mark.parametrize(
    ("kind", "result"), [(Kind.DISMISSED, Result.DISMISSED), (Kind.MERGED, Result.MERGED)]
)
def test_what_is_no_case_has_no_running_clock(kind: Kind, result: Result) -> None:
    case = folded(kind)
    assert {one.result for one in case.clocks} == {result}


def test_a_merge_that_is_undone_leaves_the_clocks_as_if_it_had_not_been() -> None:
    case = folded(Kind.ACKNOWLEDGED, Kind.MERGED, Kind.UNMERGED)
    assert (case.state, case.merged_into, case.over_at) == (State.ACKNOWLEDGED, None, None)
    assert case.clocks == folded(Kind.ACKNOWLEDGED).clocks


def test_a_raised_light_starts_the_respond_clock_then_and_keeps_the_others_from_their_start() -> (
    None
):
    amber = Step(
        Kind.OPENED,
        NOW,
        SERVICE,
        colour=Colour.AMBER,
        since=NOW,
        terms=(terms(ClockMetric.PLAN, 96),),
    )
    case = fold([amber, step(Kind.SEVERITY_CHANGED, 600)], CALENDARS)
    assert case.colour is Colour.RED
    assert case.deadlines.respond == NOW + 34 * HOUR
    assert case.deadlines.plan == NOW + 48 * HOUR


def test_a_raised_light_asks_for_no_plan_again_and_for_an_answer_only_if_it_came_later() -> None:
    done = (step(Kind.ACKNOWLEDGED, 60), step(Kind.PLANNED, 120))
    answered = step(Kind.RESPONDED, 180, ClockMetric.RESPOND)
    raised = [step(Kind.SEVERITY_CHANGED, minutes) for minutes in (150, 240)]
    before, after = (fold([OPENED, *done, answered, one], CALENDARS) for one in raised)
    runs = [(ClockMetric.RESPOND, 1), (ClockMetric.PLAN, 1), (ClockMetric.LAND, 1)]
    assert [(one.metric, one.cycle) for one in before.clocks] == runs
    assert [(one.metric, one.cycle) for one in after.clocks] == [*runs, (ClockMetric.RESPOND, 2)]


def test_a_new_policy_counts_from_the_start_less_the_pauses() -> None:
    """glpi#6902: a pause survives the change."""
    kinds = (Kind.ACKNOWLEDGED, Kind.PAUSED, Kind.RESUMED, Kind.POLICY_APPLIED)
    assert folded(*kinds).deadlines.plan == NOW + 91 * HOUR


@given(tried)
def test_what_is_stored_equals_the_fold(drawn: list) -> None:  # type: ignore[type-arg]
    """A store that keeps the case and appends what is allowed never drifts from its events."""
    kept, events = apply(None, OPENED, CALENDARS), [OPENED]
    for one in in_order(drawn):
        try:
            kept = apply(kept, one, CALENDARS)
        except WrongTransition:
            continue
        events.append(one)
    assert kept == fold(events, CALENDARS)
    assert kept.sequence == len(events)
    assert (kept.over_at is not None) is (kept.state in OVER)
    assert (kept.paused_at is not None) is kept.state.startswith("waiting_")


@given(tried)
def test_at_most_one_run_of_a_clock_is_open(drawn: list) -> None:  # type: ignore[type-arg]
    case = apply(None, OPENED, CALENDARS)
    for one in in_order(drawn):
        before = case
        try:
            case = apply(case, one, CALENDARS)
        except WrongTransition:
            continue
        for metric in ClockMetric:
            runs = [clock for clock in case.clocks if clock.metric is metric]
            assert [clock.cycle for clock in runs] == list(range(1, len(runs) + 1))
            assert sum(clock.open for clock in runs) <= 1
        # What has a result keeps it, but for a merge that is undone.
        for was, now in zip(before.clocks, case.clocks, strict=False):
            if not was.open and was.result is not Result.MERGED:
                assert (now.result, now.due_at) == (was.result, was.due_at)
            assert now.due_at - was.due_at >= -timedelta(days=400)
    assert {one.metric for one in case.clocks} >= {one.metric for one in ALL_TERMS}
