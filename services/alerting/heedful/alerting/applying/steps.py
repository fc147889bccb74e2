"""What becomes of a case when a version is applied to its clocks. Pure: time is passed in.

Stands on reference/sla.md §4.5 to §4.7: targets are measured from the original start less the
pauses, steps that were taken stay taken, and what has run out stays so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from heedful.alerting import clocks as running
from heedful.alerting.calendars import BeyondLookAhead, Calendar
from heedful.alerting.case import Case, Step, pauses_in, pauses_out
from heedful.alerting.clocks import Calendars, Clock, Ended, Terms
from heedful.alerting.folding import apply
from heedful.alerting.history import History
from heedful.alerting.policies.document import PolicyDocument, Rule
from heedful.alerting.policies.judging import Facts, judge
from heedful.alerting.policies.matching import Item, match
from heedful.alerting.records import StoredCase
from heedful.alerting.rulebook import Active
from heedful.common.contracts import Actor, CaseEventKind, ClockMetric, Colour

APPLICATION = "application"
"""In the detail of every step that an application takes: its id."""

_OF_ANSWERS = (ClockMetric.RESPOND, ClockMetric.NEXT_REPLY)


class FoundBy(StrEnum):
    """How the rule of a case was found: by its labels, by the name of its rule until now, or by
    what the case itself knows."""

    LABELS = "labels"
    NAME = "name"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Order:
    """Who applies what.

    Attributes:
        application: id under which it is done; a preview has none.
    """

    actor: Actor
    application: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to a case; without steps nothing.

    Attributes:
        out_of_reach: clocks that keep what they have, for within the look-ahead of their new
            calendar there is no deadline.
    """

    steps: tuple[Step, ...] = ()
    out_of_reach: tuple[ClockMetric, ...] = ()
    found_by: FoundBy | None = None


def rule_of(
    policy: PolicyDocument, stored: StoredCase, item: Item | None, signal: Facts | None = None
) -> tuple[Rule, FoundBy]:
    """The rule that a case falls under.

    Args:
        item: what is known of the feedback that the case is measured by; None: it was forgotten.
        signal: that the case is measured by in place of a feedback.
    """
    case = stored.case
    if signal is not None:
        return judge(policy, signal, item_of_case(stored)).rule, FoundBy.LABELS
    if item is not None:
        colour = item.colour if case.colour is Colour.GREY else case.colour.value
        return match(policy, replace(item, colour=colour)), FoundBy.LABELS
    named = policy.rule(case.rule or "")
    if named is not None:
        return named, FoundBy.NAME
    return match(policy, item_of_case(stored)), FoundBy.CASE


def item_of_case(stored: StoredCase) -> Item:
    """What a case itself knows of its feedback."""
    colour = stored.case.colour
    return Item(
        channel=stored.channel,
        colour=None if colour is Colour.GREY else colour.value,
        topic=stored.topic,
        topics=() if stored.topic is None else (stored.topic,),
        touchpoint=stored.touchpoint,
        department=stored.department,
        region=stored.region,
    )


def by_policy(
    stored: StoredCase,
    history: History,
    item: Item | None,
    active: Active,
    calendars: Calendars,
    now: datetime,
    order: Order,
) -> Change:
    """The case goes over to a policy: its clocks get the targets of its rule there, those that the
    rule has not stop, and those that it has more begin when they would have.

    Args:
        active: the version that is applied, with the calendars that its names stand for.
        calendars: these, and those of the case's clocks.
    """
    rule, found_by = rule_of(active.policy, stored, item, history.signal)
    wanted = active.terms(rule, stored.received_at)
    reach = _Reach(stored.case, now, calendars)
    terms = tuple(reach.kept(one) for one in wanted)
    detail = {"policy": active.ref, "rule": rule.name, APPLICATION: order.application}
    applied = Step(CaseEventKind.POLICY_APPLIED, now, order.actor, terms=terms, detail=detail)
    after = apply(stored.case, applied, calendars)
    lacking = [one for one in terms if _lacks(after, one.metric, history)]
    starting = [_started(after, one, history, now, order) for one in lacking]
    started = [step for step in starting if reach.starts(step)]
    if not started and replace(after, sequence=stored.case.sequence) == stored.case:
        return Change(out_of_reach=tuple(reach.missed), found_by=found_by)
    met = [step for one in started for step in _met(one, history)]
    return Change((applied, *started, *met), tuple(reach.missed), found_by)


def by_calendar(
    stored: StoredCase, calendar: Calendar, calendars: Calendars, now: datetime, order: Order
) -> Change:
    """Clocks that run under another version of the calendar go over to this one.

    Args:
        calendars: this one, and those of the case's clocks.
    """
    reach = _Reach(stored.case, now, calendars)
    moved = tuple(
        terms
        for clock in stored.case.clocks
        if runs_under(clock, calendar)
        and (terms := reach.moved(clock, replace(clock.terms, calendar=calendar.ref)))
        is not clock.terms
    )
    detail = {"calendar": calendar.ref, APPLICATION: order.application}
    step = Step(CaseEventKind.CALENDAR_APPLIED, now, order.actor, terms=moved, detail=detail)
    return Change((step,) if moved else (), tuple(reach.missed))


def runs_under(clock: Clock, calendar: Calendar) -> bool:
    """Whether an open clock is of another version of this calendar; what ran out keeps its own."""
    ref = clock.terms.calendar
    ours = ref.rpartition("@")[0] == calendar.name and ref != calendar.ref
    return ours and clock.open and clock.breached_at is None


class _Reach:
    """Which terms give a case's clocks a deadline, and which clocks have none under theirs."""

    def __init__(self, case: Case, now: datetime, calendars: Calendars) -> None:
        self._case = case
        self._now = now
        self._calendars = calendars
        self.missed: list[ClockMetric] = []

    def kept(self, terms: Terms) -> Terms:
        """The terms, or those that the open clock has if under these it would have no end."""
        clock = self._case.latest(terms.metric)
        return terms if clock is None or not clock.open else self.moved(clock, terms)

    def moved(self, clock: Clock, terms: Terms) -> Terms:
        try:
            moved = running.retarget(clock, terms, self._calendars)
            running.entered(moved, self._case.state, self._now, self._calendars)
        except BeyondLookAhead:
            self.missed.append(clock.metric)
            return clock.terms
        return terms

    def starts(self, step: Step) -> bool:
        """Whether the clock that a step starts has an end."""
        (terms,) = step.terms
        since, pauses = step.since or step.at, pauses_in(step.detail)
        try:
            running.start(terms, since, 1, self._calendars, pauses)
        except BeyondLookAhead:
            self.missed.append(terms.metric)
            return False
        return True


def _lacks(case: Case, metric: ClockMetric, history: History) -> bool:
    """Whether a clock is wanted that this run of the case never had, for something that is still
    to be done."""
    if metric is ClockMetric.PLAN and case.action is not None:
        return False
    if metric is ClockMetric.LAND and case.root_cause is not None:
        return False
    last = case.latest(metric)
    if last is None or last.ended is Ended.NOT_NEEDED:
        return True
    return not last.open and last.started_at < history.since


def _started(case: Case, terms: Terms, history: History, now: datetime, order: Order) -> Step:
    last = case.latest(terms.metric)
    return Step(
        kind=CaseEventKind.CLOCK_STARTED,
        at=now,
        actor=order.actor,
        clock=terms.metric,
        cycle=1 if last is None else last.cycle + 1,
        terms=(terms,),
        since=history.grave_since if terms.metric in _OF_ANSWERS else history.since,
        detail={APPLICATION: order.application, **pauses_out(history.pauses(terms.pauses))},
    )


def _met(started: Step, history: History) -> Iterator[Step]:
    """A person had reached the customer before the clock was asked for."""
    contact = history.contact_after(started.since or started.at)
    if started.clock in _OF_ANSWERS and contact is not None:
        yield replace(
            contact,
            kind=CaseEventKind.RESPONDED,
            clock=started.clock,
            cycle=started.cycle,
            colour=None,
            note=None,
        )
