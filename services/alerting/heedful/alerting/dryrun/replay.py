"""The life of a case as it would have been under another policy, from its recorded steps. Pure.

What people did is what they did: when they reached the customer, planned, waited, landed. What a
policy decides is decided by the other one: which feedback opens a case, its clocks, who is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from heedful.alerting.applying.steps import APPLICATION, item_of_case
from heedful.alerting.case import FIRST_LIGHT, SERVICE, Case, Step
from heedful.alerting.dryrun.life import Life, Told, calendars_of, opening, runs_of
from heedful.alerting.folding import apply
from heedful.alerting.history import reached
from heedful.alerting.joining import NOT_ACTIONABLE
from heedful.alerting.policies.document import Rule
from heedful.alerting.policies.judging import Facts, judge
from heedful.alerting.policies.matching import Item, match, without_labels
from heedful.alerting.policies.signals import Effect
from heedful.alerting.records import StoredCase
from heedful.alerting.rulebook import Active
from heedful.alerting.states import WrongTransition
from heedful.common.contracts import CaseEventKind, ClockMetric, Colour, FeedbackRef

KINDS = frozenset(CaseEventKind) - {
    CaseEventKind.WARNED,
    CaseEventKind.ESCALATED,
    CaseEventKind.BREACHED,
    CaseEventKind.POLICY_APPLIED,
    CaseEventKind.CALENDAR_APPLIED,
}
"""The steps that are replayed: those that the policy of then made are made by the other one."""

_MEASURED = (CaseEventKind.OPENED, CaseEventKind.SEVERITY_CHANGED, CaseEventKind.REOPENED)
_ANSWERED = (ClockMetric.RESPOND, ClockMetric.NEXT_REPLY)


@dataclass(frozen=True, slots=True)
class Heard:
    """A feedback of a case; without an item its labels are not kept."""

    received_at: datetime
    item: Item | None


def replayed(
    stored: StoredCase,
    steps: Iterable[Step],
    heard: Mapping[FeedbackRef, Heard],
    active: Active,
    now: datetime,
) -> Life | None:
    """The case under another policy; None: none of its feedback would have opened one.

    Args:
        steps: all of `KINDS`, in their sequence.
        heard: its feedback.

    Raises:
        BeyondLookAhead: a clock would have no deadline.
    """
    replay = _Replay(stored, heard, active)
    for step in steps:
        replay.take(step)
    return replay.life(now)


@dataclass(slots=True)
class _Replay:
    """The case as it would be after the steps so far."""

    stored: StoredCase
    heard: Mapping[FeedbackRef, Heard]
    active: Active
    case: Case | None = None
    opened: tuple[Rule, Colour] | None = None
    told: list[Told] = field(default_factory=list)
    ended: dict[int, datetime] = field(default_factory=dict)
    by_name: bool = False

    def take(self, step: Step) -> None:
        calendars = calendars_of(self.active.named)
        for one in self._as_it_would_be(step):
            try:
                self.case = apply(self.case, one, calendars)
            except WrongTransition:
                # It was a step of a state in which the case would not have been.
                continue
            self._note_ends(self.case, one.at)

    def life(self, now: datetime) -> Life | None:
        if self.case is None or self.opened is None:
            return None
        rule, colour = self.opened
        last = self.active.policy.rule(self.case.rule or "") or rule
        runs = runs_of(self.case, last, self.active, self.ended, now)
        return Life(rule, colour, runs, tuple(self.told), self.by_name)

    def _as_it_would_be(self, step: Step) -> Iterator[Step]:
        if self.case is None:
            yield from self._begun(step)
        elif step.kind in _MEASURED:
            yield from self._measured(step)
        elif step.kind is CaseEventKind.CLOCK_STARTED and APPLICATION not in step.detail:
            yield from self._started(self.case, step)
        elif reached(step):
            yield from _answers(self.case, step)
        elif not _by_a_policy(step):
            yield step

    def _begun(self, step: Step) -> Iterator[Step]:
        """Until there is a case, every feedback may open it."""
        rule = self._rule(step)
        if rule is None or not rule.clocks:
            return
        colour = self._colour(step) or Colour.GREY
        self.opened = rule, colour
        self.told.append(Told(step.at, rule))
        yield opening(step.at, self._received_at(step), colour, self.active, rule)

    def _measured(self, step: Step) -> Iterator[Step]:
        """What the policy says of a light that changed, or of a matter that came again."""
        rule = self._rule(step)
        if rule is None:
            return
        first = FIRST_LIGHT in step.detail
        if not first or step.colour is Colour.RED:
            self.told.append(Told(step.at, rule))
        terms = self.active.terms(rule, self._received_at(step))
        detail = {**step.detail, "policy": self.active.ref, "rule": rule.name}
        yield replace(step, terms=terms, detail=detail)
        if first and not rule.clocks:
            detail = {"reason": NOT_ACTIONABLE}
            yield Step(CaseEventKind.DISMISSED, step.at, SERVICE, detail=detail)

    def _started(self, case: Case, step: Step) -> Iterator[Step]:
        """A further run of a clock, if the other policy has such a clock."""
        rule = self.active.policy.rule(case.rule or "")
        terms = () if rule is None else self.active.terms(rule, self._received_at(step))
        wanted = tuple(one for one in terms if one.metric is step.clock)
        if wanted:
            yield replace(step, terms=wanted)

    def _rule(self, step: Step) -> Rule | None:
        """The rule that the step's feedback falls under; None: nothing of it is known."""
        policy, colour = self.active.policy, self._colour(step)
        signal = Facts.read(step.detail)
        if signal is not None:
            meant = judge(policy, signal, item_of_case(self.stored))
            opens = self.case is not None or meant.effect is Effect.OPEN
            return meant.rule if opens and step.kind in _MEASURED else None
        item = self._item(step)
        if item is not None:
            shown = None if colour is None else colour.value
            return match(policy, replace(item, colour=shown) if shown else without_labels(item))
        if step.kind not in _MEASURED:
            return None
        name = step.detail.get("rule", (self.case.rule if self.case else None) or "")
        # Of what had no light in time there are no labels to be kept.
        self.by_name = self.by_name or colour is not None
        return policy.rule(name) or match(
            policy, replace(item_of_case(self.stored), colour=colour and colour.value)
        )

    def _colour(self, step: Step) -> Colour | None:
        """Of the feedback that the step tells of; None: it had no light then."""
        if step.kind in _MEASURED:
            return None if step.colour is Colour.GREY else step.colour
        item = self._item(step)
        return None if item is None or item.colour is None else Colour(item.colour)

    def _item(self, step: Step) -> Item | None:
        known = self._known(step)
        return None if known is None else known.item

    def _received_at(self, step: Step) -> datetime:
        known = self._known(step)
        if step.since is not None:
            return step.since
        return step.at if known is None else known.received_at

    def _known(self, step: Step) -> Heard | None:
        return None if step.feedback is None else self.heard.get(step.feedback)

    def _note_ends(self, case: Case, at: datetime) -> None:
        for number, clock in enumerate(case.clocks):
            if clock.ended is None:
                self.ended.pop(number, None)
            else:
                self.ended.setdefault(number, at)


def _answers(case: Case, step: Step) -> Iterator[Step]:
    """A contact fulfils whatever would have waited for one."""
    for clock in case.clocks:
        if clock.metric in _ANSWERED and clock.open and step.at > clock.started_at:
            yield replace(
                step,
                kind=CaseEventKind.RESPONDED,
                clock=clock.metric,
                cycle=clock.cycle,
                colour=None,
            )


def _by_a_policy(step: Step) -> bool:
    """Whether a policy of then did it: dismissed what it had no clock for, or started one."""
    if step.kind is CaseEventKind.CLOCK_STARTED:
        return True
    return (
        step.kind is CaseEventKind.DISMISSED
        and step.actor == SERVICE
        and step.detail.get("reason") == NOT_ACTIONABLE
    )
