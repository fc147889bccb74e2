"""What the events of a case say that its fold does not keep: since when it is what it is, who
reached the customer, when it waited. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from heedful.alerting.case import Step
from heedful.alerting.policies.judging import Facts
from heedful.alerting.states import State
from heedful.alerting.work import ContactKind
from heedful.common.contracts import ActorType, CaseEventKind, FeedbackRef

KINDS = frozenset(
    {
        CaseEventKind.OPENED,
        CaseEventKind.REOPENED,
        CaseEventKind.SEVERITY_CHANGED,
        CaseEventKind.CONTACTED,
        CaseEventKind.RESPONDED,
        CaseEventKind.PLANNED,
        CaseEventKind.LANDED,
        CaseEventKind.PAUSED,
        CaseEventKind.RESUMED,
        CaseEventKind.CLOSED,
        CaseEventKind.DISMISSED,
        CaseEventKind.MERGED,
        CaseEventKind.UNMERGED,
    }
)
"""The events that a history is made of."""

Pause = tuple[datetime, datetime | None]

_OVER = (CaseEventKind.CLOSED, CaseEventKind.DISMISSED, CaseEventKind.MERGED)
_END_WAITING = (CaseEventKind.RESUMED, *_OVER)


@dataclass(frozen=True, slots=True)
class Wait:
    """The case waited for somebody; without an end it does still."""

    state: State
    begin: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """One run of a case: from when it was opened or reopened.

    Attributes:
        since: when what opened it was received.
        grave_since: when what made it as grave as it is was received.
        feedback: by which its rule was chosen; None after an erasure.
        signal: of journey, by which its rule was chosen in place of a feedback.
        contacts: steps by which a person reached the customer, or tried to.
        over_at: when nothing was left to do.
    """

    since: datetime
    grave_since: datetime
    feedback: FeedbackRef | None = None
    signal: Facts | None = None
    waits: tuple[Wait, ...] = ()
    contacts: tuple[Step, ...] = ()
    planned_at: datetime | None = None
    landed_at: datetime | None = None
    over_at: datetime | None = None

    def contact_after(self, start: datetime) -> Step | None:
        """The first contact after a moment, whenever it was reported."""
        later = (one for one in self.contacts if one.at > start)
        return min(later, key=lambda one: one.at, default=None)

    def pauses(self, states: frozenset[State]) -> tuple[Pause, ...]:
        """When a clock that pauses in these states stood still; from one to another is one."""
        found: list[Pause] = []
        for wait in self.waits:
            if wait.state not in states:
                continue
            if found and found[-1][1] == wait.begin:
                found[-1] = (found[-1][0], wait.end)
            else:
                found.append((wait.begin, wait.end))
        return tuple(found)


def last_run(steps: Iterable[Step]) -> History:
    """The run that a case is in.

    Args:
        steps: all of its steps of `KINDS`, in their sequence.

    Raises:
        ValueError: they do not begin with `opened`.
    """
    found = None
    for step in steps:
        found = _after(found, step)
    if found is None:
        raise ValueError("a case has at least the step opened")
    return found


def first_run(steps: Iterable[Step]) -> History:
    """As `last_run`, of the run before it was ever reopened."""
    found = None
    for step in steps:
        if step.kind is CaseEventKind.REOPENED:
            break
        found = _after(found, step)
    if found is None:
        raise ValueError("a case has at least the step opened")
    return found


def reached(step: Step) -> bool:
    """Whether a person turned to the customer (§4.3)."""
    return (
        step.kind in (CaseEventKind.CONTACTED, CaseEventKind.RESPONDED)
        and step.actor.type is ActorType.HUMAN
        and step.detail.get("contact") != ContactKind.INTERNAL
    )


def _after(found: History | None, step: Step) -> History:
    if step.kind is CaseEventKind.OPENED or found is None:
        since = step.since or step.at
        return History(since, since, step.feedback, Facts.read(step.detail))
    if step.kind is CaseEventKind.REOPENED:
        since = step.since or step.at
        signal = Facts.read(step.detail)
        return History(since, since, step.feedback or found.feedback, signal)
    if step.kind is CaseEventKind.SEVERITY_CHANGED:
        feedback = step.feedback or found.feedback
        signal = Facts.read(step.detail)
        return replace(found, grave_since=step.since or step.at, feedback=feedback, signal=signal)
    if step.kind is CaseEventKind.PLANNED:
        return replace(found, planned_at=step.at)
    if step.kind is CaseEventKind.LANDED:
        return replace(found, landed_at=step.at)
    if step.kind is CaseEventKind.PAUSED:
        wait = Wait(State(step.detail["state"]), step.at)
        return replace(found, waits=(*_ended(found, step.at), wait))
    if step.kind is CaseEventKind.UNMERGED:
        return replace(found, over_at=None)
    if step.kind in _END_WAITING:
        over = step.at if step.kind in _OVER else None
        return replace(found, waits=_ended(found, step.at), over_at=over)
    return replace(found, contacts=(*found.contacts, step)) if reached(step) else found


def _ended(found: History, at: datetime) -> tuple[Wait, ...]:
    if found.waits and found.waits[-1].end is None:
        return (*found.waits[:-1], replace(found.waits[-1], end=at))
    return found.waits
