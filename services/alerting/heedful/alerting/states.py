"""The states of a case and the moves between them. Pure.

Stands on reference/sla.md §4.2. `waiting_*`, `dismissed` and `merged` are left by the step that
undoes them, so where they lead is known by the case and not by this table.
"""

from collections.abc import Mapping
from enum import StrEnum

from heedful.common.contracts import CaseEventKind
from heedful.common.errors import HeedfulError


class State(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    LANDED = "landed"
    VERIFIED = "verified"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"


WAITING = frozenset({State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY})
OVER = frozenset({State.CLOSED, State.DISMISSED, State.MERGED})
"""Nothing is left to do, and no clock runs."""
WORKING = frozenset(State) - OVER
_BEFORE_LANDING = frozenset(
    {State.NEW, State.ACKNOWLEDGED, State.PLANNED, State.IN_PROGRESS, *WAITING}
)
_REOPENABLE = frozenset({State.LANDED, State.VERIFIED, State.CLOSED, State.DISMISSED})

ALLOWED: Mapping[CaseEventKind, frozenset[State]] = {
    CaseEventKind.FEEDBACK_LINKED: WORKING,
    CaseEventKind.SEVERITY_CHANGED: WORKING,
    CaseEventKind.ACKNOWLEDGED: frozenset({State.NEW}),
    CaseEventKind.ASSIGNED: WORKING,
    CaseEventKind.CONTACTED: WORKING,
    CaseEventKind.RESPONDED: frozenset(State),
    CaseEventKind.PLANNED: frozenset({State.ACKNOWLEDGED}),
    CaseEventKind.STARTED: frozenset({State.PLANNED}),
    CaseEventKind.PAUSED: frozenset(
        {State.ACKNOWLEDGED, State.PLANNED, State.IN_PROGRESS, *WAITING}
    ),
    CaseEventKind.RESUMED: WAITING,
    CaseEventKind.LANDED: frozenset({State.PLANNED, State.IN_PROGRESS}),
    CaseEventKind.VERIFIED: frozenset({State.LANDED}),
    CaseEventKind.CLOSED: frozenset({State.LANDED, State.VERIFIED}),
    CaseEventKind.DISMISSAL_PROPOSED: _BEFORE_LANDING,
    CaseEventKind.DISMISSED: _BEFORE_LANDING,
    CaseEventKind.MERGED: _BEFORE_LANDING,
    CaseEventKind.UNMERGED: frozenset({State.MERGED}),
    CaseEventKind.SPLIT: WORKING,
    CaseEventKind.REOPENED: _REOPENABLE,
    CaseEventKind.CLOCK_STARTED: WORKING,
    CaseEventKind.POLICY_APPLIED: WORKING,
    CaseEventKind.CALENDAR_APPLIED: WORKING,
}
"""In which states each step can be taken; what is not named here can always be."""

LEADS_TO: Mapping[CaseEventKind, State] = {
    CaseEventKind.ACKNOWLEDGED: State.ACKNOWLEDGED,
    CaseEventKind.PLANNED: State.PLANNED,
    CaseEventKind.STARTED: State.IN_PROGRESS,
    CaseEventKind.LANDED: State.LANDED,
    CaseEventKind.VERIFIED: State.VERIFIED,
    CaseEventKind.CLOSED: State.CLOSED,
    CaseEventKind.DISMISSED: State.DISMISSED,
    CaseEventKind.MERGED: State.MERGED,
    CaseEventKind.REOPENED: State.NEW,
}


class WrongTransition(HeedfulError):
    """The state does not allow the step. `allowed` are the states that do."""

    def __init__(
        self, kind: CaseEventKind, state: State | None, allowed: tuple[State, ...]
    ) -> None:
        names = " or ".join(allowed) or "none"
        now = f"is {state}" if state is not None else "does not exist yet"
        super().__init__(f"a case can be {kind} only from the state {names}; this one {now}")
        self.kind = kind
        self.state = state
        self.allowed = allowed


def check(kind: CaseEventKind, state: State) -> None:
    """
    Raises:
        WrongTransition: the step cannot be taken in this state.
    """
    allowed = ALLOWED.get(kind)
    if allowed is not None and state not in allowed:
        raise WrongTransition(kind, state, tuple(one for one in State if one in allowed))
