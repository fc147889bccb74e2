"""The life of a case as it would have been under another policy."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.case import FIRST_LIGHT, SERVICE, Step
from heedful.alerting.clocks import Result
from heedful.alerting.dryrun.life import Life, opened_by
from heedful.alerting.dryrun.replay import Heard, replayed
from heedful.alerting.folding import fold
from heedful.alerting.policies.judging import Facts
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect, SignalRule
from heedful.alerting.rulebook import Active
from heedful.alerting.states import WrongTransition
from heedful.common.contracts import CaseEventKind, ClockMetric, Colour, FeedbackRef, SignalKind
from tests.unit.alerting.applying.orders import ITEM, policy, stored
from tests.unit.alerting.journeys import (
    ALL_TERMS,
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
REF = FeedbackRef(source="calls", id="f1")
OTHER = FeedbackRef(source="calls", id="f2")
RED = replace(OPENED, feedback=REF)
CALLED = Step(Kind.CONTACTED, NOW + 6 * HOUR, PERSON, detail={"contact": "call"})
AS_IT_WAS = {Metric.RESPOND: 24.0, Metric.PLAN: 48.0, Metric.LAND: 72.0}


def lived(
    told: list[Step],
    active: Active,
    hours: float = 100,
    heard: Mapping[FeedbackRef, Item | None] | None = None,
) -> Life | None:
    """Under this policy, looked at so many hours after its start."""
    known = {ref: Heard(NOW, item) for ref, item in (heard or {REF: ITEM}).items()}
    return replayed(stored(told), told, known, active, NOW + hours * HOUR)


def breached(life: Life | None) -> dict[ClockMetric, bool]:
    assert life is not None
    return {run.clock.metric: run.breached for run in life.runs}


def test_what_was_done_in_time_then_may_be_late_now() -> None:
    told = [RED, CALLED, step(Kind.ACKNOWLEDGED, 400), step(Kind.PLANNED, 600)]
    found = lived(told, policy({Metric.RESPOND: 4, Metric.PLAN: 20}))
    assert breached(found) == {Metric.RESPOND: True, Metric.PLAN: False}
    assert breached(lived(told, policy({Metric.RESPOND: 8, Metric.PLAN: 9}))) == {
        Metric.RESPOND: False,
        Metric.PLAN: True,
    }


def test_the_ladder_is_climbed_until_the_clock_is_fulfilled() -> None:
    found = lived([RED, CALLED], policy({Metric.RESPOND: 8}))
    assert found is not None
    (run,) = found.runs
    assert [one.name for one in run.reached] == ["half"]
    nobody = lived([RED], policy({Metric.RESPOND: 8}), hours=9)
    assert nobody is not None
    names = [one.name for one in nobody.runs[0].reached]
    assert names == ["half", "three-quarters", "last-call", "breach"]


def test_waiting_is_taken_off_as_the_other_policy_says() -> None:
    told = [RED, step(Kind.ACKNOWLEDGED, 60), step(Kind.PAUSED, 120), step(Kind.RESUMED, 600)]
    found = lived([*told, step(Kind.PLANNED, 1500)], policy({Metric.PLAN: 18}))
    assert found is not None
    (run,) = found.runs
    assert (run.clock.due_at, run.breached) == (NOW + 26 * HOUR, False)


def test_while_it_waits_nothing_is_reached() -> None:
    waiting = [RED, step(Kind.ACKNOWLEDGED, 60), step(Kind.PAUSED, 120)]
    found = lived(waiting, policy({Metric.PLAN: 18}))
    assert found is not None
    assert found.runs[0].reached == ()


def test_what_was_dismissed_runs_out_no_more() -> None:
    found = lived([RED, step(Kind.DISMISSED, 60)], policy({Metric.RESPOND: 8}))
    assert found is not None
    assert found.runs[0].reached == ()


def test_the_labels_choose_the_rule() -> None:
    active = policy({Metric.RESPOND: 24}, gold={Metric.RESPOND: 2})
    gold, plain = lived([RED], active), lived([RED], active, heard={REF: replace(ITEM, tier=None)})
    assert gold is not None
    assert plain is not None
    assert (gold.rule.name, plain.rule.name) == ("gold", "red")
    assert not gold.by_name


def test_without_labels_the_rule_of_that_name_is_taken() -> None:
    active = policy({Metric.RESPOND: 24}, gold={Metric.RESPOND: 2})
    found = lived([RED], active, heard={REF: None})
    assert found is not None
    assert (found.rule.name, found.by_name) == ("red", True)


def test_a_case_that_the_other_policy_does_not_open() -> None:
    amber = replace(RED, colour=Colour.AMBER)
    assert lived([amber], policy(AS_IT_WAS)) is None


def test_it_may_be_opened_by_what_came_later() -> None:
    amber = replace(RED, colour=Colour.AMBER)
    raised = replace(
        step(Kind.SEVERITY_CHANGED, 300), feedback=OTHER, since=NOW + 5 * HOUR, terms=ALL_TERMS
    )
    heard = {REF: replace(ITEM, colour="amber"), OTHER: ITEM}
    found = lived([amber, raised, CALLED], policy({Metric.RESPOND: 8}), heard=heard)
    assert found is not None
    assert found.runs[0].clock.started_at == NOW + 5 * HOUR
    assert found.runs[0].clock.fulfilled_at == NOW + 6 * HOUR


def test_what_had_no_light_in_time_is_judged_without_and_then_by_its_light() -> None:
    grey = replace(RED, colour=Colour.GREY)
    light = replace(
        step(Kind.SEVERITY_CHANGED, 30),
        feedback=REF,
        colour=Colour.RED,
        since=NOW,
        detail={FIRST_LIGHT: "true"},
    )
    found = lived([grey, light], policy({Metric.RESPOND: 8}))
    assert found is not None
    assert (found.colour, found.runs[0].clock.started_at) == (Colour.RED, NOW)


def test_what_the_policy_of_then_dismissed_is_decided_by_this_one() -> None:
    dismissed = Step(Kind.DISMISSED, NOW + HOUR, SERVICE, detail={"reason": "not_actionable"})
    found = lived([RED, dismissed], policy({Metric.RESPOND: 8}))
    assert breached(found) == {Metric.RESPOND: True}


def test_a_contact_counts_that_no_clock_waited_for() -> None:
    told = [replace(RED, terms=(terms(Metric.PLAN),)), CALLED]
    assert breached(lived(told, policy({Metric.RESPOND: 8}))) == {Metric.RESPOND: False}


def test_feedback_that_was_no_case_is_told_of_until_now() -> None:
    found = opened_by(ITEM, NOW, policy({Metric.RESPOND: 8}), NOW + 5 * HOUR)
    assert found is not None
    assert [one.name for one in found.runs[0].reached] == ["half"]
    green = replace(ITEM, colour="green")
    assert opened_by(green, NOW, policy({Metric.RESPOND: 8}), NOW) is None


@given(tried, st.integers(0, 400))
def test_under_the_policy_of_then_it_is_what_it_was(drawn: list[Drawn], hours: int) -> None:
    """Of every run the start, the end and what became of it."""
    told = [RED]
    for one in in_order(drawn):
        if one.kind is Kind.POLICY_APPLIED or one.kind is Kind.SEVERITY_CHANGED:
            continue
        if one.kind is Kind.REOPENED:
            one = replace(one, since=one.at)  # as it is written
        try:
            case = fold([*told, one], CALENDARS)
        except WrongTransition:
            continue
        if not _as_written(told, one):
            continue
        told.append(one)
    case = fold(told, CALENDARS)
    now = max(told[-1].at, NOW + timedelta(hours=hours))
    known = {REF: Heard(NOW, ITEM)}
    life = replayed(stored(told), told, known, policy(AS_IT_WAS), now)
    assert life is not None
    was = [(one.metric, one.cycle, one.started_at, one.due_at, one.fulfilled_at, one.ended)
           for one in case.clocks]  # fmt: skip
    now_is = [
        (one.metric, one.cycle, one.started_at, one.due_at, one.fulfilled_at, one.ended)
        for one in (run.clock for run in life.runs)
    ]
    assert now_is == was
    for run, clock in zip(life.runs, case.clocks, strict=True):
        if clock.fulfilled_at is not None:
            late = clock.fulfilled_at > clock.due_at
            assert run.breached is (late and clock.result is Result.BREACHED)


def _as_written(told: list[Step], one: Step) -> bool:
    """Whether a service would write this: a contact fulfils what waits for one, and no clock runs
    that the policy has not."""
    if one.kind is Kind.CLOCK_STARTED:
        return False
    if one.kind not in (Kind.CONTACTED, Kind.RESPONDED):
        return True
    clock = fold(told, CALENDARS).latest(Metric.RESPOND)
    waits = clock is not None and clock.open and one.at > clock.started_at
    fulfils = one.kind is Kind.RESPONDED
    return waits is fulfils and (not fulfils or one.clock is Metric.RESPOND)


def test_a_signal_opens_what_the_other_policy_lets_it_open() -> None:
    risk = Facts(SignalKind.CHURN_RISK, Colour.AMBER).written()
    told = [replace(OPENED, detail={**OPENED.detail, **risk})]
    active = policy({Metric.RESPOND: 8})

    def under(effect: Effect) -> Life | None:
        entry = SignalRule(name="all", effect=effect, colour=Colour.RED)
        document = active.policy.model_copy(update={"signals": (entry,)})
        return lived(told, replace(active, policy=document))

    found = under(Effect.OPEN)
    assert found is not None
    assert (found.rule.name, breached(found)) == ("red", {Metric.RESPOND: True})
    assert under(Effect.JOIN) is None
