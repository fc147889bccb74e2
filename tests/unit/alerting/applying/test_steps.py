"""What becomes of a case to which a version is applied."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.applying import steps
from heedful.alerting.applying.steps import FoundBy
from heedful.alerting.calendars import ALL_DAY, CLOSED, Calendar, Interval
from heedful.alerting.case import Step
from heedful.alerting.clocks import Result, Terms
from heedful.alerting.folding import apply, fold
from heedful.alerting.history import KINDS, last_run
from heedful.alerting.policies.judging import Facts
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect, SignalRule
from heedful.alerting.records import StoredCase
from heedful.alerting.rulebook import Active
from heedful.alerting.states import WORKING, State, WrongTransition
from heedful.common.contracts import (
    CaseEventKind,
    ClockMetric,
    Colour,
    FeedbackRef,
    SignalKind,
)
from tests.unit.alerting.applying.orders import ITEM, ORDER, changed, policy, stored
from tests.unit.alerting.journeys import (
    CALENDARS,
    HOUR,
    NOW,
    OPENED,
    PERSON,
    Drawn,
    in_order,
    step,
    terms,
    tried,
)

Kind, Metric = CaseEventKind, ClockMetric
ALL = {Metric.RESPOND: 8.0, Metric.PLAN: 20.0, Metric.LAND: 30.0}
ONLY_PLAN = replace(OPENED, terms=(terms(Metric.PLAN),))
WAITED = [
    ONLY_PLAN,
    step(Kind.ACKNOWLEDGED, 60),
    step(Kind.PAUSED, 120),
    step(Kind.RESUMED, 300),
]
"""Three hours of waiting for the customer."""


SIGNALLED = replace(
    OPENED,
    colour=Colour.AMBER,
    detail={**OPENED.detail, **Facts(SignalKind.CHURN_RISK, Colour.AMBER, 0.95).written()},
)
"""Opened by a signal; a feedback of that light would be no case."""


def signalled(*entries: SignalRule) -> Active:
    active = policy(ALL)
    return replace(active, policy=active.policy.model_copy(update={"signals": entries}))


def test_a_case_that_a_signal_opened_is_measured_by_what_the_policy_says_of_signals() -> None:
    grave = SignalRule(name="grave", effect=Effect.OPEN, rule="red")
    case, change = changed([SIGNALLED], signalled(grave), 5)
    assert (case.rule, change.found_by) == ("red", FoundBy.LABELS)
    assert case.deadlines.respond == NOW + 8 * HOUR
    ignored, _ = changed([SIGNALLED], signalled(), 5)
    assert {one.result for one in ignored.clocks} == {Result.NOT_NEEDED}


def test_a_light_that_changed_since_measures_it_again() -> None:
    grave = SignalRule(name="grave", effect=Effect.OPEN, rule="red")
    feedback = FeedbackRef(source="s", id="f")
    raised = replace(step(Kind.SEVERITY_CHANGED, 60), colour=Colour.RED, feedback=feedback)
    case, _ = changed([SIGNALLED, raised], signalled(grave), 5, Item(channel="call"))
    assert last_run([SIGNALLED, raised]).signal is None
    assert case.rule == "red"


def kinds(change: steps.Change) -> list[CaseEventKind]:
    return [one.kind for one in change.steps]


def test_targets_count_from_the_original_start() -> None:
    case, change = changed([OPENED], policy(ALL), 5)
    assert kinds(change) == [Kind.POLICY_APPLIED]
    assert (case.policy, case.rule) == ("policy@2", "red")
    assert case.deadlines.respond == NOW + 8 * HOUR
    assert change.steps[0].actor == PERSON
    assert change.steps[0].detail["application"] == "ap-1"


def test_pauses_survive() -> None:
    """glpi#6902."""
    case, _ = changed(WAITED, policy({Metric.PLAN: 20}), 6)
    assert case.deadlines.plan == NOW + 23 * HOUR


def test_a_pause_that_lasts_survives_as_long_as_the_new_terms_have_it() -> None:
    waiting = WAITED[:3]
    case, _ = changed(waiting, policy({Metric.PLAN: 20}), 4)
    clock = case.clocks[0]
    assert clock.paused_at == NOW + 2 * HOUR
    resumed = apply(case, step(Kind.RESUMED, 300), CALENDARS)
    assert resumed.deadlines.plan == NOW + 23 * HOUR


def test_a_clock_that_need_not_wait_any_more_runs_from_then_on() -> None:
    waiting = WAITED[:3]
    active = policy({Metric.RESPOND: 8, Metric.PLAN: 20})
    rule = active.policy.rules[0]
    still = {
        name: one.model_copy(update={"pauses": frozenset()}) for name, one in rule.clocks.items()
    }
    document = active.policy.model_copy(
        update={"rules": (rule.model_copy(update={"clocks": still}), active.policy.rules[1])}
    )
    case, _ = changed(waiting, replace(active, policy=document), 4)
    plan = case.latest(Metric.PLAN)
    assert plan is not None
    assert (plan.paused_at, plan.due_at) == (None, NOW + 22 * HOUR)


def test_steps_that_were_taken_stay_taken() -> None:
    half = replace(step(Kind.WARNED, 720, Metric.RESPOND), rung="half")
    case, _ = changed([OPENED, half], policy(ALL), 13)
    assert case.clocks[0].taken == {"half"}


def test_what_has_run_out_stays_so() -> None:
    breach = step(Kind.BREACHED, 24 * 60, Metric.RESPOND)
    case, _ = changed([OPENED, breach], policy({Metric.RESPOND: 30}), 25)
    assert (case.clocks[0].due_at, case.clocks[0].result) == (NOW + 24 * HOUR, Result.BREACHED)


def test_a_clock_that_is_not_wanted_any_more_is_not_needed() -> None:
    case, change = changed([OPENED], policy({Metric.RESPOND: 8}), 5)
    assert kinds(change) == [Kind.POLICY_APPLIED]
    results = {one.metric: one.result for one in case.clocks}
    assert results == {
        Metric.RESPOND: Result.RUNNING,
        Metric.PLAN: Result.NOT_NEEDED,
        Metric.LAND: Result.NOT_NEEDED,
    }


def test_a_clock_that_is_wanted_now_begins_when_it_would_have_and_waited_as_the_case_did() -> None:
    case, change = changed(WAITED, policy(ALL), 6)
    assert kinds(change) == [Kind.POLICY_APPLIED, Kind.CLOCK_STARTED, Kind.CLOCK_STARTED]
    assert (case.deadlines.respond, case.deadlines.land) == (NOW + 8 * HOUR, NOW + 33 * HOUR)


def test_a_clock_that_begins_while_the_case_waits_stands_still() -> None:
    case, _ = changed(WAITED[:3], policy(ALL), 4)
    land = case.latest(Metric.LAND)
    assert land is not None
    assert land.paused_at == NOW + 2 * HOUR


def test_who_was_reached_before_the_clock_was_asked_for_was_reached() -> None:
    called = Step(Kind.CONTACTED, NOW + 3 * HOUR, PERSON, detail={"contact": "call"})
    case, change = changed([ONLY_PLAN, called], policy(ALL), 20)
    assert kinds(change)[-1] is Kind.RESPONDED
    respond = case.latest(Metric.RESPOND)
    assert respond is not None
    assert (respond.fulfilled_at, respond.result) == (NOW + 3 * HOUR, Result.MET)


def test_an_internal_note_reached_nobody() -> None:
    note = Step(Kind.CONTACTED, NOW + 3 * HOUR, PERSON, detail={"contact": "internal"})
    case, _ = changed([ONLY_PLAN, note], policy(ALL), 20)
    respond = case.latest(Metric.RESPOND)
    assert respond is not None
    assert respond.open


@pytest.mark.parametrize("kind", [Kind.PLANNED, Kind.LANDED])
def test_for_what_was_done_already_no_clock_begins(kind: CaseEventKind) -> None:
    told = [replace(OPENED, terms=(terms(Metric.RESPOND),)), step(Kind.ACKNOWLEDGED, 1)]
    told.append(step(Kind.PLANNED, 2))
    if kind is Kind.LANDED:
        told.append(step(Kind.LANDED, 3))
    case, _ = changed(told, policy(ALL), 1)
    assert case.latest(Metric.PLAN) is None
    assert (case.latest(Metric.LAND) is None) is (kind is Kind.LANDED)


def test_of_a_raised_case_the_respond_clock_begins_when_it_was_raised() -> None:
    amber = replace(ONLY_PLAN, colour=Colour.AMBER)
    raised = replace(
        step(Kind.SEVERITY_CHANGED, 600), terms=(terms(Metric.PLAN),), since=NOW + 10 * HOUR
    )
    case, _ = changed([amber, raised], policy(ALL), 12)
    assert case.deadlines.respond == NOW + 18 * HOUR
    assert case.deadlines.land == NOW + 30 * HOUR


def test_what_was_stopped_by_a_policy_begins_again_by_another() -> None:
    stopped, change = changed([OPENED], policy({Metric.RESPOND: 8}), 5)
    told = [OPENED, *change.steps]
    assert stopped.latest(Metric.PLAN) is not None
    case, again = changed(told, policy(ALL), 6)
    plan = case.latest(Metric.PLAN)
    assert plan is not None
    assert (plan.cycle, plan.due_at, plan.open) == (2, NOW + 20 * HOUR, True)
    assert kinds(again) == [Kind.POLICY_APPLIED, Kind.CLOCK_STARTED, Kind.CLOCK_STARTED]


def test_a_run_of_before_the_case_was_reopened_is_not_this_one() -> None:
    way = (Kind.ACKNOWLEDGED, Kind.PLANNED, Kind.STARTED, Kind.LANDED, Kind.CLOSED)
    told = [OPENED, *(step(kind, 60 * hours) for hours, kind in enumerate(way, 1))]
    again = replace(step(Kind.REOPENED, 600), terms=(terms(Metric.RESPOND),))
    case, _ = changed([*told, again], policy(ALL), 11)
    land = case.latest(Metric.LAND)
    assert land is not None
    assert (land.cycle, land.due_at) == (2, NOW + 40 * HOUR)


@pytest.mark.parametrize(
    ("item", "rule", "found_by"),
    [
        (ITEM, "gold", FoundBy.LABELS),
        (replace(ITEM, tier=None), "red", FoundBy.LABELS),
        (None, "red", FoundBy.NAME),
    ],
)
def test_the_rule_is_found_by_labels_else_by_name(
    item: Item | None, rule: str, found_by: FoundBy
) -> None:
    case, change = changed([OPENED], policy(ALL, gold={Metric.RESPOND: 4}), 1, item)
    assert (case.rule, change.found_by) == (rule, found_by)


def test_without_labels_and_name_the_case_itself_tells() -> None:
    told = [replace(OPENED, detail={"policy": "policy@1", "rule": "gone"})]
    case, change = changed(told, policy(ALL), 1, None)
    assert (case.rule, change.found_by) == ("red", FoundBy.CASE)


def test_what_has_gone_over_already_has_nothing_to_do() -> None:
    _, change = changed([OPENED], policy(ALL), 1)
    _, again = changed([OPENED, *change.steps], policy(ALL), 2)
    assert again.steps == ()


@given(tried, st.sampled_from([policy(ALL), policy({Metric.PLAN: 9}, gold={Metric.LAND: 4})]))
def test_whatever_has_happened_it_can_be_applied_once_and_the_second_time_changes_nothing(
    drawn: list[Drawn],
    active: Active,
) -> None:
    told = [OPENED]
    for one in in_order(drawn):
        try:
            fold([*told, one], CALENDARS)
        except WrongTransition:
            continue
        told.append(one)
    if stored(told).case.state not in WORKING:
        return
    heard = [one for one in told if one.kind in KINDS]
    now = told[-1].at + HOUR
    before = stored(told)
    change = steps.by_policy(before, last_run(heard), ITEM, active, CALENDARS, now, ORDER)
    after = fold([*told, *change.steps], CALENDARS)
    for was, clock in zip(before.case.clocks, after.clocks, strict=False):
        assert (was.started_at, was.cycle) == (clock.started_at, clock.cycle)
        assert clock.taken >= was.taken
        if not was.open or was.breached_at is not None:
            assert clock.due_at == was.due_at
    rule = active.policy.rule(after.rule or "")
    assert rule is not None
    wanted = set(rule.clocks)
    assert {clock.metric for clock in after.clocks if clock.open} <= wanted
    again = stored([*told, *change.steps])
    history = last_run([*heard, *(new for new in change.steps if new.kind in KINDS)])
    second = steps.by_policy(again, history, ITEM, active, CALENDARS, now, ORDER)
    assert second.steps == ()


OFFICE = Calendar("office", 1, "UTC", (*((Interval(540, 1080),),) * 5, CLOSED, CLOSED))
LATER = replace(OFFICE, version=2, week=(ALL_DAY,) * 7)
NEVER = replace(OFFICE, version=3, week=((Interval(540, 541),), *(CLOSED,) * 6))
BOTH = {**CALENDARS, **{one.ref: one for one in (OFFICE, LATER, NEVER)}}


def in_office() -> list[Step]:
    plan = Terms(Metric.PLAN, 9 * HOUR, OFFICE.ref, frozenset({State.WAITING_CUSTOMER}))
    return [replace(OPENED, terms=(terms(Metric.RESPOND), plan))]


def one_of(told: list[Step]) -> StoredCase:
    return replace(stored([OPENED]), case=fold(told, BOTH))


def test_another_version_of_its_calendar_moves_a_clock_and_no_other() -> None:
    one = one_of(in_office())
    change = steps.by_calendar(one, LATER, BOTH, NOW + HOUR, ORDER)
    case = apply(one.case, change.steps[0], BOTH)
    assert kinds(change) == [Kind.CALENDAR_APPLIED]
    assert [clock.terms.calendar for clock in case.clocks] == ["always@1", "office@2"]
    # NOW is a Sunday: nine hours of the office end on Monday evening.
    assert case.deadlines.plan == NOW + 9 * HOUR
    assert case.clocks[0] == one.case.clocks[0]
    after = replace(one, case=case)
    assert steps.by_calendar(after, LATER, BOTH, NOW + HOUR, ORDER).steps == ()


def test_a_clock_without_a_deadline_under_the_new_calendar_keeps_what_it_has() -> None:
    one = one_of(in_office())
    change = steps.by_calendar(one, NEVER, BOTH, NOW, ORDER)
    assert (change.steps, change.out_of_reach) == ((), (Metric.PLAN,))


def test_a_clock_that_ran_out_keeps_its_calendar() -> None:
    breach = step(Kind.BREACHED, 60, Metric.PLAN)
    one = one_of([*in_office(), breach])
    assert steps.by_calendar(one, LATER, BOTH, NOW + timedelta(days=9), ORDER).steps == ()
