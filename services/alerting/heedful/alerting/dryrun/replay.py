"""The life of a case as it would have been under another policy, from its recorded steps. Pure.

What people did is what they did: when they reached the customer, planned, waited, landed. What the
policy decides is taken from the other policy: by which item a case begins, its clocks, who is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from heedful.alerting import ladder
from heedful.alerting.applying.steps import item_of_case
from heedful.alerting.case import FIRST_LIGHT, SERVICE, Case, Step
from heedful.alerting.clocks import Calendars, Clock
from heedful.alerting.folding import apply
from heedful.alerting.history import reached
from heedful.alerting.joining import NOT_ACTIONABLE
from heedful.alerting.ladder import Pace, Reached
from heedful.alerting.policies.document import Rule
from heedful.alerting.policies.matching import Item, match, without_labels
from heedful.alerting.records import StoredCase
from heedful.alerting.rulebook import Active, pace_of
from heedful.alerting.states import WrongTransition
from heedful.common.contracts import CaseEventKind, ClockMetric, Colour, FeedbackRef

KINDS = frozenset(CaseEventKind) - {
    CaseEventKind.WARNED,
    CaseEventKind.ESCALATED,
    CaseEventKind.BREACHED,
    CaseEventKind.POLICY_APPLIED,
    CaseEventKind.CALENDAR_APPLIED,
}
"""The steps that are replayed: those that the policy made are made by the other one."""

_HEARD = (
    CaseEventKind.OPENED,
    CaseEventKind.FEEDBACK_LINKED,
    CaseEventKind.SEVERITY_CHANGED,
    CaseEventKind.REOPENED,
)
_ANSWERED = (ClockMetric.RESPOND, ClockMetric.NEXT_REPLY)


@dataclass(frozen=True, slots=True)
class Heard:
    """A feedback of a case; without an item its labels are not kept."""

    received_at: datetime
    item: Item | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock, and the steps of the ladder that it reached.

    Attributes:
        breached: it ran out before anybody fulfilled or ended it.
    """

    clock: Clock
    reached: tuple[Reached, ...]

    @property
    def breached(self) -> bool:
        return any(one.kind is CaseEventKind.BREACHED for one in self.reached)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody is told that a case was opened, reopened or raised."""

    at: datetime
    rule: Rule


@dataclass(frozen=True, slots=True)
class Life:
    """What a case would have been.

    Attributes:
        rule: by which it was opened.
        by_name: a rule was found by its name, for the labels are not kept any more.
    """

    rule: Rule
    colour: Colour
    runs: tuple[Run, ...]
    told: tuple[Told, ...]
    by_name: bool = False


def replayed(
    stored: StoredCase,
    steps: Iterable[Step],
    heard: Mapping[FeedbackRef, Heard],
    active: Active,
    calendars: Calendars,
    now: datetime,
) -> Life | None:
    """The case under another policy; None: none of its feedback would have opened one.

    Args:
        steps: all of `KINDS`, in their sequence.
        heard: what is known of its feedback.

    Raises:
        BeyondLookAhead: a clock would have no deadline.
    """
    replay = _Replay(stored, heard, active, calendars)
    for step in steps:
        replay.take(step)
    return replay.life(now)


def opened_by(
    item: Item, received_at: datetime, active: Active, calendars: Calendars, now: datetime
) -> Life | None:
    """The case of a feedback that was on none, if nobody did anything; None: it would be none.

    Raises:
        BeyondLookAhead: a clock would have no deadline.
    """
    rule = match(active.policy, item)
    if not rule.clocks:
        return None
    colour = Colour(item.colour or Colour.GREY)
    step = _opening(received_at, received_at, colour, active, rule)
    case = apply(None, step, calendars)
    told = (Told(received_at, rule),)
    return Life(rule, colour, _runs(case, rule, active, calendars, {}, now), told)


@dataclass(slots=True)
class _Replay:
    """The case as it would be after the steps so far."""

    stored: StoredCase
    heard: Mapping[FeedbackRef, Heard]
    active: Active
    calendars: Calendars
    case: Case | None = None
    opened: tuple[Rule, Colour] | None = None
    told: list[Told] = field(default_factory=list)
    ended: dict[int, datetime] = field(default_factory=dict)
    by_name: bool = False

    def take(self, step: Step) -> None:
        for one in self._as_it_would_be(step):
            try:
                self.case = apply(self.case, one, self.calendars)
            except WrongTransition:
                # It was a step of a state in which the case would not have been.
                continue
            self._note_ends(self.case, one.at)

    def life(self, now: datetime) -> Life | None:
        if self.case is None or self.opened is None:
            return None
        rule, colour = self.opened
        last = self.active.policy.rule(self.case.rule or "") or rule
        runs = _runs(self.case, last, self.active, self.calendars, self.ended, now)
        return Life(rule, colour, runs, tuple(self.told), self.by_name)

    def _as_it_would_be(self, step: Step) -> Iterator[Step]:
        if step.kind in _HEARD:
            yield from self._heard(step)
        elif self.case is None or _by_the_policy(step):
            return
        elif step.kind is CaseEventKind.CLOCK_STARTED:
            yield from self._started(self.case, step)
        elif reached(step):
            yield from _answers(self.case, step)
        else:
            yield step

    def _heard(self, step: Step) -> Iterator[Step]:
        known = None if step.feedback is None else self.heard.get(step.feedback)
        if step.kind is CaseEventKind.FEEDBACK_LINKED:
            colour = None if known is None or known.item is None else known.item.colour
        else:
            colour = step.colour
        rule = self._rule(step, known, None if colour is None else Colour(colour))
        if rule is None:
            return
        received_at = known.received_at if known is not None else step.since or step.at
        if self.case is None:
            if rule.clocks:
                self.opened = rule, Colour(colour or Colour.GREY)
                self.told.append(Told(step.at, rule))
                yield _opening(step.at, received_at, self.opened[1], self.active, rule)
        elif step.kind is CaseEventKind.FEEDBACK_LINKED:
            yield step
        else:
            if FIRST_LIGHT not in step.detail or step.colour is Colour.RED:
                self.told.append(Told(step.at, rule))
            detail = {**step.detail, "policy": self.active.ref, "rule": rule.name}
            terms = self.active.terms(rule, received_at)
            yield replace(step, terms=terms, detail=detail)
            if FIRST_LIGHT in step.detail and not rule.clocks:
                detail = {"reason": NOT_ACTIONABLE}
                yield Step(CaseEventKind.DISMISSED, step.at, SERVICE, detail=detail)

    def _rule(self, step: Step, known: Heard | None, colour: Colour | None) -> Rule | None:
        policy = self.active.policy
        if known is not None and known.item is not None:
            if colour is Colour.GREY:
                return match(policy, without_labels(known.item))
            shown = known.item.colour if colour is None else colour.value
            return match(policy, replace(known.item, colour=shown))
        if step.kind is CaseEventKind.FEEDBACK_LINKED:
            # What it said is not kept, and the case knows only of what opened it.
            return None if self.case is None else policy.rules[-1]
        name = step.detail.get("rule", self.case.rule if self.case else None)
        named = policy.rule(name or "")
        self.by_name = self.by_name or colour is not Colour.GREY
        if named is not None:
            return named
        item = item_of_case(self.stored)
        return match(policy, replace(item, colour=None if colour is Colour.GREY else colour))

    def _started(self, case: Case, step: Step) -> Iterator[Step]:
        """A further run of a clock, if the other policy has such a clock."""
        rule = self.active.policy.rule(case.rule or "")
        received_at = step.since or step.at
        terms = () if rule is None else self.active.terms(rule, received_at)
        wanted = tuple(one for one in terms if one.metric is step.clock)
        if wanted:
            yield replace(step, terms=wanted)

    def _note_ends(self, case: Case, at: datetime) -> None:
        for number, clock in enumerate(case.clocks):
            if clock.ended is None:
                self.ended.pop(number, None)
            else:
                self.ended.setdefault(number, at)


def _opening(
    at: datetime, received_at: datetime, colour: Colour, active: Active, rule: Rule
) -> Step:
    return Step(
        kind=CaseEventKind.OPENED,
        at=at,
        actor=SERVICE,
        colour=colour,
        terms=active.terms(rule, received_at),
        since=received_at,
        detail={"policy": active.ref, "rule": rule.name},
    )


def _answers(case: Case, step: Step) -> Iterator[Step]:
    """A contact fulfils what would have waited for one, whatever it fulfilled then."""
    for clock in case.clocks:
        if clock.metric in _ANSWERED and clock.open and step.at > clock.started_at:
            yield replace(
                step,
                kind=CaseEventKind.RESPONDED,
                clock=clock.metric,
                cycle=clock.cycle,
                colour=None,
            )


def _by_the_policy(step: Step) -> bool:
    """Whether it was dismissed because the policy of then had no clock for it."""
    return (
        step.kind is CaseEventKind.DISMISSED
        and step.actor == SERVICE
        and step.detail.get("reason") == NOT_ACTIONABLE
    )


def _runs(
    case: Case,
    rule: Rule,
    active: Active,
    calendars: Calendars,
    ended: Mapping[int, datetime],
    now: datetime,
) -> tuple[Run, ...]:
    pace = pace_of(active.policy, rule, active.named)
    return tuple(
        Run(clock, tuple(_climbed(clock, pace, calendars, ended.get(number), now)))
        for number, clock in enumerate(case.clocks)
    )


def _climbed(
    clock: Clock, pace: Pace, calendars: Calendars, ended_at: datetime | None, now: datetime
) -> Iterator[Reached]:
    """The steps of the ladder until it was fulfilled, ended or stood still."""
    stops = (clock.fulfilled_at, clock.paused_at, ended_at, now)
    stop = min(one for one in stops if one is not None)
    pauses = tuple(one for one in clock.pauses if one[1] is not None)
    free = replace(clock, fulfilled_at=None, ended=None, pauses=pauses)
    for one in ladder.ahead(free, pace, calendars):
        if one.at < stop:
            yield one
