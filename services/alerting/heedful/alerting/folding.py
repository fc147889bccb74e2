"""A case is the fold over its events. Pure; what is stored must equal it.

Stands on reference/sla.md §4.1 and §4.2: `case_event` is append-only, and the state is nothing
but what the events say, in their sequence.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from heedful.alerting import clocks as running
from heedful.alerting import states
from heedful.alerting.audit.events import ERASED
from heedful.alerting.case import FIRST_LIGHT, Case, Step, pauses_in
from heedful.alerting.clocks import ANSWERED, Calendars, Clock, Ended, Terms
from heedful.alerting.states import WAITING, State, WrongTransition
from heedful.common.contracts import CaseEventKind, ClockMetric


def apply(case: Case | None, step: Step, calendars: Calendars) -> Case:
    """The case after one more step.

    Args:
        calendars: those of its clocks and of the step's terms.

    Raises:
        WrongTransition: the state does not allow it.
    """
    if case is None:
        if step.kind is not CaseEventKind.OPENED or step.colour is None:
            raise WrongTransition(step.kind, None, ())
        policy, rule = step.detail.get("policy"), step.detail.get("rule")
        return _started(Case(State.NEW, step.colour, 1, 1, policy, rule), step, calendars)
    if step.kind is CaseEventKind.OPENED:
        raise WrongTransition(step.kind, case.state, ())
    states.check(step.kind, case.state)
    after = replace(
        case,
        sequence=case.sequence + 1,
        colour=step.colour or case.colour,
        policy=step.detail.get("policy", case.policy),
        rule=step.detail.get("rule", case.rule),
        progress=case.progress.after(step.kind, step.at, step.actor.type),
    )
    if (target := states.LEADS_TO.get(step.kind)) is not None:
        after = _moved(after, target, step.at, calendars)
    effect = _EFFECTS.get(step.kind)
    return after if effect is None else effect(after, step, calendars)


def fold(steps: Iterable[Step], calendars: Calendars) -> Case:
    """The case after all of its steps, in their sequence.

    Raises:
        WrongTransition: the steps are not the events of one case.
    """
    case: Case | None = None
    for step in steps:
        case = apply(case, step, calendars)
    if case is None:
        raise WrongTransition(CaseEventKind.OPENED, None, ())
    return case


def _moved(case: Case, state: State, at: datetime, calendars: Calendars) -> Case:
    """In another state; waiting that ends is added up, and clocks follow."""
    waited = case.paused_at
    changes: dict[str, Any] = {"state": state}
    if state in WAITING and waited is None:
        changes |= {"paused_at": at, "resumes_to": case.state}
    elif state not in WAITING and waited is not None:
        changes |= {"paused_at": None, "pause_used": case.pause_used + (at - waited)}
    if state in states.OVER:
        changes["over_at"] = at
    if state is State.MERGED and waited is None:
        changes["resumes_to"] = case.state
    moved = tuple(running.entered(one, state, at, calendars) for one in case.clocks)
    return replace(case, clocks=moved, **changes)


def _started(case: Case, step: Step, calendars: Calendars) -> Case:
    """Clocks of the step's terms begin, but for those that still run."""
    begun = list(case.clocks)
    for terms in step.terms:
        last = case.latest(terms.metric)
        if last is not None and last.open:
            continue
        cycle = 1 if last is None else last.cycle + 1
        pauses = pauses_in(step.detail)
        clock = running.start(terms, step.since or step.at, cycle, calendars, pauses)
        begun.append(running.entered(clock, case.state, step.at, calendars))
    return replace(case, clocks=tuple(begun))


def _retargeted(case: Case, step: Step, calendars: Calendars) -> Case:
    """Open clocks go on under new terms, and stand still or run as these say of the state."""
    terms = {one.metric: one for one in step.terms}

    def changed(clock: Clock) -> Clock:
        if not clock.open or clock.metric not in terms:
            return clock
        moved = running.retarget(clock, terms[clock.metric], calendars)
        return running.entered(moved, case.state, step.at, calendars)

    return replace(case, clocks=tuple(map(changed, case.clocks)))


def _applied(case: Case, step: Step, calendars: Calendars) -> Case:
    """A policy is applied: what runs gets its targets, and what it does not want stops (§4.7)."""
    return _only_wanted(_retargeted(case, step, calendars), step, calendars)


def _severity(case: Case, step: Step, calendars: Calendars) -> Case:
    """What runs gets the new targets from its own start; what is new starts now (§4.4)."""
    news = replace(step, terms=tuple(one for one in step.terms if _is_news(case, one, step)))
    after = _started(_retargeted(case, step, calendars), news, calendars)
    return _only_wanted(after, step, calendars) if FIRST_LIGHT in step.detail else after


def _is_news(case: Case, terms: Terms, step: Step) -> bool:
    """A plan that was made stays made; who was answered waits again for what was said later."""
    last = case.latest(terms.metric)
    if last is None or last.fulfilled_at is None:
        return True
    return terms.metric in ANSWERED and (step.since or step.at) > last.fulfilled_at


def _only_wanted(case: Case, step: Step, calendars: Calendars) -> Case:
    wanted = {one.metric for one in step.terms}
    kept = tuple(
        one if one.metric in wanted else running.end(one, Ended.NOT_NEEDED, step.at, calendars)
        for one in case.clocks
    )
    return replace(case, clocks=kept)


def _fulfilled(metric: ClockMetric) -> Callable[[Case, Step, Calendars], Case]:
    def effect(case: Case, step: Step, calendars: Calendars) -> Case:
        by = _by(step)
        done = tuple(
            running.fulfil(one, step.at, by, calendars)
            if one.metric is metric and one.open
            else one
            for one in case.clocks
        )
        return replace(case, clocks=done)

    return effect


def _by(step: Step) -> str:
    """Who or what fulfilled a clock; an erasure takes away which interaction it was."""
    source, id_ = step.detail.get("source"), step.detail.get("interaction_id")
    if source is None:
        return f"{step.actor.type}:{step.actor.id}"
    return f"interaction:{ERASED}" if source == ERASED else f"interaction:{source}:{id_}"


def _answered(case: Case, step: Step, calendars: Calendars) -> Case:
    return case if step.clock is None else _fulfilled(step.clock)(case, step, calendars)


def _planned(case: Case, step: Step, calendars: Calendars) -> Case:
    owner = step.detail["owner"]
    planned = replace(
        case,
        owner=case.owner or owner,
        action_owner=owner,
        action=step.detail["action"],
        action_due=datetime.fromisoformat(step.detail["due"]),
    )
    return _fulfilled(ClockMetric.PLAN)(planned, step, calendars)


def _landed(case: Case, step: Step, calendars: Calendars) -> Case:
    done = replace(
        case, root_cause=step.detail["root_cause"], action_taken=step.detail["action_taken"]
    )
    return _fulfilled(ClockMetric.LAND)(done, step, calendars)


def _paused(case: Case, step: Step, calendars: Calendars) -> Case:
    return _moved(case, State(step.detail["state"]), step.at, calendars)


def _resumed(case: Case, step: Step, calendars: Calendars) -> Case:
    back = case.resumes_to or State.IN_PROGRESS
    return replace(_moved(case, back, step.at, calendars), resumes_to=None)


def _dismissed(case: Case, step: Step, calendars: Calendars) -> Case:
    ended = tuple(running.end(one, Ended.DISMISSED, step.at, calendars) for one in case.clocks)
    return replace(case, clocks=ended, dismissal=step.detail["reason"], proposed_by=None)


def _merged(case: Case, step: Step, calendars: Calendars) -> Case:
    ended = tuple(running.end(one, Ended.MERGED, step.at, calendars) for one in case.clocks)
    return replace(case, clocks=ended, merged_into=step.detail["into"])


def _unmerged(case: Case, step: Step, calendars: Calendars) -> Case:
    back = State.NEW if case.resumes_to is None else case.resumes_to
    revived = replace(
        case,
        clocks=tuple(running.revive(one) for one in case.clocks),
        merged_into=None,
        resumes_to=None,
        over_at=None,
    )
    return _moved(revived, back, step.at, calendars)


def _reopened(case: Case, step: Step, calendars: Calendars) -> Case:
    again = replace(
        case,
        cycle=case.cycle + 1,
        action_owner=None,
        action=None,
        action_due=None,
        root_cause=None,
        action_taken=None,
        dismissal=None,
        over_at=None,
    )
    return _started(again, step, calendars)


def _rung(case: Case, step: Step, calendars: Calendars) -> Case:
    taken = tuple(
        replace(
            one,
            taken=one.taken | {step.rung or step.kind.value},
            breached_at=one.due_at if step.kind is CaseEventKind.BREACHED else one.breached_at,
        )
        if one.metric is step.clock and one.cycle == step.cycle and one.ended is None
        else one
        for one in case.clocks
    )
    return replace(case, clocks=taken)


_EFFECTS: Mapping[CaseEventKind, Callable[[Case, Step, Calendars], Case]] = {
    CaseEventKind.SEVERITY_CHANGED: _severity,
    CaseEventKind.CLOCK_STARTED: _started,
    CaseEventKind.POLICY_APPLIED: _applied,
    CaseEventKind.CALENDAR_APPLIED: _retargeted,
    CaseEventKind.ASSIGNED: lambda case, step, _: replace(case, owner=step.detail["owner"]),
    CaseEventKind.RESPONDED: _answered,
    CaseEventKind.PLANNED: _planned,
    CaseEventKind.PAUSED: _paused,
    CaseEventKind.RESUMED: _resumed,
    CaseEventKind.LANDED: _landed,
    CaseEventKind.CLOSED: _fulfilled(ClockMetric.NEXT_REPLY),
    CaseEventKind.DISMISSAL_PROPOSED: lambda case, step, _: replace(
        case, proposed_by=step.actor.id, dismissal=step.detail["reason"]
    ),
    CaseEventKind.DISMISSED: _dismissed,
    CaseEventKind.MERGED: _merged,
    CaseEventKind.UNMERGED: _unmerged,
    CaseEventKind.REOPENED: _reopened,
    CaseEventKind.WARNED: _rung,
    CaseEventKind.ESCALATED: _rung,
    CaseEventKind.BREACHED: _rung,
}
