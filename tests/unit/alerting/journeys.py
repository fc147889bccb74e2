"""Steps of cases for the tests of what is pure: every kind, at times that only grow."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from heedful.alerting.calendars import ALWAYS, Calendar
from heedful.alerting.case import SERVICE, Step
from heedful.alerting.clocks import Terms
from heedful.alerting.states import State
from heedful.common.contracts import Actor, ActorType, CaseEventKind, ClockMetric, Colour

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERSON = Actor(type=ActorType.HUMAN, id="wang")
CALENDARS: dict[str, Calendar] = {ALWAYS.ref: ALWAYS}
TARGETS = {ClockMetric.RESPOND: 24, ClockMetric.PLAN: 48, ClockMetric.LAND: 72}
WAITS = frozenset({State.WAITING_CUSTOMER})


def terms(metric: ClockMetric, hours: float | None = None) -> Terms:
    """Of the built-in policy, or with another target."""
    target = TARGETS.get(metric, 8) if hours is None else hours
    pauses = frozenset() if metric is ClockMetric.RESPOND else WAITS
    return Terms(metric, target * HOUR, ALWAYS.ref, pauses)


ALL_TERMS = tuple(terms(metric) for metric in TARGETS)
OPENED = Step(
    kind=CaseEventKind.OPENED,
    at=NOW,
    actor=SERVICE,
    colour=Colour.RED,
    terms=ALL_TERMS,
    since=NOW,
    detail={"policy": "policy@1", "rule": "red"},
)


def step(
    kind: CaseEventKind,
    minutes: float = 0,
    clock: ClockMetric | None = None,
    cycle: int = 1,
    waiting: State = State.WAITING_CUSTOMER,
) -> Step:
    """A step of that kind, whole, so many minutes after the first."""
    at = NOW + timedelta(minutes=minutes)
    detail = {
        CaseEventKind.ASSIGNED: {"owner": "li"},
        CaseEventKind.PLANNED: {"owner": "li", "action": "call", "due": at.isoformat()},
        CaseEventKind.PAUSED: {"state": waiting.value},
        CaseEventKind.LANDED: {"root_cause": "part", "action_taken": "replaced"},
        CaseEventKind.DISMISSAL_PROPOSED: {"reason": "test"},
        CaseEventKind.DISMISSED: {"reason": "test"},
        CaseEventKind.MERGED: {"into": "other"},
    }.get(kind, {})
    starts = {
        CaseEventKind.REOPENED: ALL_TERMS,
        CaseEventKind.SEVERITY_CHANGED: ALL_TERMS,
        CaseEventKind.POLICY_APPLIED: tuple(terms(one, 90) for one in TARGETS),
        CaseEventKind.CLOCK_STARTED: (terms(clock or ClockMetric.RESPOND),),
    }.get(kind, ())
    return Step(
        kind=kind,
        at=at,
        actor=PERSON,
        colour=Colour.RED if kind is CaseEventKind.SEVERITY_CHANGED else None,
        clock=clock,
        cycle=cycle if clock else None,
        rung=kind.value if kind in (CaseEventKind.WARNED, CaseEventKind.BREACHED) else None,
        terms=starts,
        detail=detail,
    )


Drawn = tuple[CaseEventKind, int, ClockMetric | None, int, State]
"""Kind, minutes since the step before, clock, cycle, and for whom it would wait."""

_LATER = [kind for kind in CaseEventKind if kind is not CaseEventKind.OPENED]
tried = st.lists(
    st.tuples(
        st.sampled_from(_LATER),
        st.integers(0, 3000),
        st.none() | st.sampled_from(ClockMetric),
        st.integers(1, 3),
        st.sampled_from([State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY]),
    ),
    max_size=40,
)


def in_order(drawn: list[Drawn]) -> list[Step]:
    """The drawn steps, each so many minutes after the one before."""
    found, minutes = [], 0
    for kind, wait, clock, cycle, waiting in drawn:
        minutes += wait
        found.append(step(kind, minutes, clock, cycle, waiting))
    return found
