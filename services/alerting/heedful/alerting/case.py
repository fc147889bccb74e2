"""What a case is: the fold over its events. Pure; the stored columns must equal it.

Stands on reference/sla.md §4.1 and §4.2: `case_event` is append-only, and the state is nothing
but what the events say, in their sequence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    Deadlines,
    FeedbackRef,
)
from heedful.common.errors import HeedfulError

SERVICE = Actor(type=ActorType.SYSTEM, id="heedful-alerting")
"""Who acts when nobody does: openings, warnings, breaches."""


class State(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    LANDED = "landed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to a case, before it has its place in the sequence.

    Attributes:
        at: when it happened, which may be before it is recorded.
        colour: set when the step changes the light.
        detail: what only this kind has; see `plan_of` and `landing_of` for the names.
    """

    kind: CaseEventKind
    at: datetime
    actor: Actor
    colour: Colour | None = None
    feedback: FeedbackRef | None = None
    clock: ClockMetric | None = None
    deadlines: Deadlines | None = None
    note: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """The state of a case after some of its events."""

    state: State
    colour: Colour
    sequence: int
    deadlines: Deadlines
    owner: str | None = None
    action: str | None = None
    action_due: datetime | None = None
    root_cause: str | None = None
    action_taken: str | None = None


class WrongTransition(HeedfulError):
    """The state does not allow the step. `allowed` are the states that do."""

    def __init__(self, kind: CaseEventKind, state: State | None, allowed: tuple[State, ...]):
        names = " or ".join(allowed) or "none"
        now = f"is {state}" if state is not None else "does not exist yet"
        super().__init__(f"a case can be {kind} only from the state {names}; this one {now}")
        self.kind = kind
        self.state = state
        self.allowed = allowed


_MOVES: Mapping[CaseEventKind, tuple[tuple[State, ...], State]] = {
    CaseEventKind.ACKNOWLEDGED: ((State.NEW,), State.ACKNOWLEDGED),
    CaseEventKind.PLANNED: ((State.ACKNOWLEDGED,), State.PLANNED),
    CaseEventKind.LANDED: ((State.PLANNED, State.IN_PROGRESS), State.LANDED),
    CaseEventKind.CLOSED: ((State.LANDED,), State.CLOSED),
}


def apply(case: Case | None, step: Step) -> Case:
    """The case after one more step.

    Raises:
        WrongTransition: the state does not allow it.
    """
    if case is None:
        if step.kind is not CaseEventKind.OPENED or step.deadlines is None or step.colour is None:
            raise WrongTransition(step.kind, None, ())
        return Case(State.NEW, step.colour, 1, step.deadlines)
    if step.kind is CaseEventKind.OPENED:
        raise WrongTransition(step.kind, case.state, ())
    changes: dict[str, Any] = {"sequence": case.sequence + 1}
    if step.colour is not None:
        changes["colour"] = step.colour
    if step.kind in _MOVES:
        allowed, target = _MOVES[step.kind]
        if case.state not in allowed:
            raise WrongTransition(step.kind, case.state, allowed)
        changes["state"] = target
    changes.update(_known_of(step))
    return replace(case, **changes)


def fold(steps: Iterable[Step]) -> Case:
    """The case after all of its steps, in their sequence.

    Raises:
        WrongTransition: the steps are not the events of one case.
    """
    case: Case | None = None
    for step in steps:
        case = apply(case, step)
    if case is None:
        raise WrongTransition(CaseEventKind.OPENED, None, ())
    return case


def plan_of(owner: str, action: str, due: datetime) -> dict[str, str]:
    """Detail of `planned`."""
    return {"owner": owner, "action": action, "due": due.isoformat()}


def landing_of(root_cause: str, action_taken: str) -> dict[str, str]:
    """Detail of `landed`."""
    return {"root_cause": root_cause, "action_taken": action_taken}


def _known_of(step: Step) -> dict[str, Any]:
    if step.kind is CaseEventKind.PLANNED:
        return {
            "owner": step.detail["owner"],
            "action": step.detail["action"],
            "action_due": datetime.fromisoformat(step.detail["due"]),
        }
    if step.kind is CaseEventKind.LANDED:
        return {
            "root_cause": step.detail["root_cause"],
            "action_taken": step.detail["action_taken"],
        }
    return {}
