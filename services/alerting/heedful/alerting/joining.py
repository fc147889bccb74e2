"""The steps of a case when more is heard of it. Pure: time is passed in.

Stands on reference/sla.md §4.4 and §4.9b.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from heedful.alerting.case import FIRST_LIGHT, SERVICE, Case, Step
from heedful.alerting.clocks import Terms
from heedful.alerting.folding import apply
from heedful.alerting.policies.document import Rule
from heedful.alerting.records import Classified, StoredCase
from heedful.alerting.rulebook import Active
from heedful.alerting.states import OVER, State
from heedful.common.contracts import CaseEventKind, ClockMetric, Colour, FeedbackRef

NOT_ACTIONABLE = "not_actionable"
"""Why a case is dismissed whose labels came late and ask for nothing."""

SETTLED = frozenset({State.LANDED, State.VERIFIED, *OVER}) - {State.MERGED}
"""The improvement is there, or nothing is to be done: what comes now comes again."""


def explains(steps: Iterable[Step], one: Classified, case: Case) -> bool:
    """Whether by these steps the case has the light of this feedback, and had another one: then
    its reasons are why."""
    return case.colour is not one.shown and any(step.colour is one.shown for step in steps)


def opened(one: Classified, active: Active, rule: Rule, now: datetime) -> Step:
    """The first step of the case of this feedback."""
    return Step(
        kind=CaseEventKind.OPENED,
        at=now,
        actor=SERVICE,
        colour=one.shown,
        feedback=_ref(one),
        terms=active.terms(rule, one.feedback.received_at),
        since=one.feedback.received_at,
        detail=_measure(active, rule),
        notify=rule.notify,
    )


def begun(case_id: str, one: Classified, active: Active, step: Step) -> StoredCase:
    """The case as it is after the first step."""
    heard, item = one.feedback, one.feedback.item
    return StoredCase(
        id=case_id,
        tenant=heard.key.tenant,
        source=heard.key.source,
        feedback_id=heard.key.id,
        channel=item.channel,
        received_at=heard.received_at,
        reasons=one.reasons,
        topic=item.topic,
        touchpoint=item.touchpoint,
        department=item.department,
        region=item.region,
        late_source=heard.received_at - heard.occurred_at > active.policy.late_after,
        case=apply(None, step, {held.ref: held for held in active.named.values()}),
    )


def joined(
    stored: StoredCase, one: Classified, active: Active, rule: Rule, now: datetime
) -> list[Step]:
    """A further feedback about the matter of a case that was not merged into another one."""
    case, received_at = stored.case, one.feedback.received_at
    terms = active.terms(rule, received_at)
    if case.state in SETTLED:
        return [reopened(case, one, active, rule, now)]
    steps = [_linked(one, now)]
    if one.colour is Colour.RED and case.colour is not Colour.RED:
        return [*steps, raised(one, active, rule, now, received_at)]
    return [*steps, *asked_again(case, one, terms, now)]


def changed(
    stored: StoredCase,
    one: Classified,
    active: Active,
    rule: Rule,
    now: datetime,
    *,
    first: bool,
    waiting: bool,
) -> list[Step]:
    """A feedback of a case, or of one that was merged into it, has another light than before.

    Args:
        first: until now it had none.
        waiting: something else on the case has none yet, so what asks for less takes nothing away.
    """
    case, received_at = stored.case, one.feedback.received_at
    red, grey = one.colour is Colour.RED, case.colour is Colour.GREY
    if case.state in SETTLED:
        return [reopened(case, one, active, rule, now)] if red else []
    if first and grey and (red or not waiting):
        return list(_first_light(one, active, rule, now))
    if red and case.colour is not Colour.RED:
        # What was red all along counts from its receipt, what somebody made red from then.
        return [raised(one, active, rule, now, received_at if first else now)]
    if first and grey and rule.clocks:
        return [_changed(one, active, rule, now, received_at)]
    asked = asked_again(case, one, active.terms(rule, received_at), now) if first else ()
    return [_linked(one, now), *asked]


def _first_light(one: Classified, active: Active, rule: Rule, now: datetime) -> Iterator[Step]:
    """The labels of a case that was opened without any."""
    step = _changed(one, active, rule, now, one.feedback.received_at)
    raised = one.colour is Colour.RED
    yield replace(
        step,
        detail={**step.detail, FIRST_LIGHT: "true"},
        notify=rule.notify if raised else (),
    )
    if not rule.clocks:
        yield Step(
            kind=CaseEventKind.DISMISSED,
            at=now,
            actor=SERVICE,
            detail={"reason": NOT_ACTIONABLE},
        )


def _linked(one: Classified, now: datetime) -> Step:
    return Step(CaseEventKind.FEEDBACK_LINKED, now, SERVICE, feedback=_ref(one))


def raised(one: Classified, active: Active, rule: Rule, now: datetime, since: datetime) -> Step:
    """The case is as grave as this from `since` on."""
    return replace(_changed(one, active, rule, now, since), notify=rule.notify)


def _changed(one: Classified, active: Active, rule: Rule, now: datetime, since: datetime) -> Step:
    return Step(
        kind=CaseEventKind.SEVERITY_CHANGED,
        at=now,
        actor=SERVICE,
        colour=one.shown,
        feedback=_ref(one),
        terms=active.terms(rule, since),
        since=since,
        detail=_measure(active, rule),
    )


def reopened(case: Case, one: Classified, active: Active, rule: Rule, now: datetime) -> Step:
    """It comes again after it was settled: every clock that has ended runs anew."""
    received_at = one.feedback.received_at
    return Step(
        kind=CaseEventKind.REOPENED,
        at=now,
        actor=SERVICE,
        colour=Colour.RED if Colour.RED in (one.shown, case.colour) else one.shown,
        feedback=_ref(one),
        terms=active.terms(rule, received_at),
        since=max(received_at, case.over_at or received_at),
        detail=_measure(active, rule),
        notify=rule.notify,
    )


def asked_again(
    case: Case, one: Classified, terms: tuple[Terms, ...], now: datetime
) -> Iterator[Step]:
    """Clocks of answers run again for what came after the last answer."""
    received_at = one.feedback.received_at
    if one.colour is Colour.RED:
        yield from _again(case, terms, ClockMetric.RESPOND, received_at, now)
    yield from _again(case, terms, ClockMetric.NEXT_REPLY, received_at, now)


def _again(
    case: Case,
    terms: tuple[Terms, ...],
    metric: ClockMetric,
    received_at: datetime,
    now: datetime,
) -> Iterator[Step]:
    """What was said after the last answer waits for an answer of its own."""
    last = case.latest(metric)
    wanted = tuple(one for one in terms if one.metric is metric)
    if not wanted or last is None or last.fulfilled_at is None:
        return
    if received_at > last.fulfilled_at:
        yield Step(
            kind=CaseEventKind.CLOCK_STARTED,
            at=now,
            actor=SERVICE,
            clock=metric,
            cycle=last.cycle + 1,
            terms=wanted,
            since=received_at,
        )


def _measure(active: Active, rule: Rule) -> dict[str, str]:
    return {"policy": active.ref, "rule": rule.name}


def _ref(one: Classified) -> FeedbackRef:
    return FeedbackRef(source=one.key.source, id=one.key.id)
