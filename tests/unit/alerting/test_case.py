"""The fold over a case's events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.case import (
    SERVICE,
    Case,
    State,
    Step,
    WrongTransition,
    apply,
    fold,
    landing_of,
    plan_of,
)
from heedful.alerting.clocks import Targets, deadlines
from heedful.common.contracts import CaseEventKind, Colour

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
TARGETS = Targets(*(timedelta(hours=hours) for hours in (24, 48, 72, 1)))
OPENED = Step(
    kind=CaseEventKind.OPENED,
    at=NOW,
    actor=SERVICE,
    colour=Colour.RED,
    deadlines=deadlines(NOW, TARGETS),
)
CHAIN = (
    CaseEventKind.ACKNOWLEDGED,
    CaseEventKind.PLANNED,
    CaseEventKind.LANDED,
    CaseEventKind.CLOSED,
)


def step(kind: CaseEventKind, number: int = 0, colour: Colour | None = None) -> Step:
    detail: dict[str, str] = {}
    if kind is CaseEventKind.PLANNED:
        detail = plan_of(f"owner {number}", "call back", NOW + timedelta(hours=number))
    if kind is CaseEventKind.LANDED:
        detail = landing_of(f"cause {number}", "repaired")
    return Step(
        kind=kind, at=NOW + timedelta(minutes=number), actor=SERVICE, colour=colour, detail=detail
    )


def test_the_whole_way() -> None:
    case = fold([OPENED, *(step(kind, number) for number, kind in enumerate(CHAIN, 2))])
    assert case.state is State.CLOSED
    assert case.sequence == 5
    assert (case.owner, case.action) == ("owner 3", "call back")
    assert case.action_due == NOW + timedelta(hours=3)
    assert (case.root_cause, case.action_taken) == ("cause 4", "repaired")


@pytest.mark.parametrize("kind", CHAIN[1:])
def test_no_step_is_left_out(kind: CaseEventKind) -> None:
    with pytest.raises(WrongTransition) as caught:
        fold([OPENED, step(kind)])
    assert caught.value.state is State.NEW
    assert State.NEW not in caught.value.allowed
    assert all(state in str(caught.value) for state in caught.value.allowed)


def test_it_begins_with_opened_and_only_once() -> None:
    with pytest.raises(WrongTransition):
        fold([])
    with pytest.raises(WrongTransition):
        fold([step(CaseEventKind.ACKNOWLEDGED)])
    with pytest.raises(WrongTransition):
        fold([OPENED, OPENED])


def test_a_late_light_changes_the_colour() -> None:
    grey = Step(
        kind=CaseEventKind.OPENED,
        at=NOW,
        actor=SERVICE,
        colour=Colour.GREY,
        deadlines=OPENED.deadlines,
    )
    case = fold([grey, step(CaseEventKind.FEEDBACK_LINKED, colour=Colour.RED)])
    assert (case.colour, case.state) == (Colour.RED, State.NEW)


steps = st.builds(
    step,
    st.sampled_from([kind for kind in CaseEventKind if kind is not CaseEventKind.OPENED]),
    st.integers(0, 500),
    st.none() | st.sampled_from(Colour),
)


@given(st.lists(steps, max_size=40))
def test_what_is_stored_equals_the_fold(tried: list[Step]) -> None:
    """A store that keeps the case and appends what is allowed never drifts from its events."""
    kept, events = apply(None, OPENED), [OPENED]
    for one in tried:
        try:
            kept = apply(kept, one)
        except WrongTransition:
            continue
        events.append(one)
        assert kept == fold(events)
    assert kept.sequence == len(events)
    assert order(kept) == [event.kind for event in events if event.kind in CHAIN]


def order(case: Case) -> list[CaseEventKind]:
    """The moves that lead to a state: always the same ones, in the same order."""
    reached = {State.NEW: 0, State.ACKNOWLEDGED: 1, State.PLANNED: 2, State.LANDED: 3}
    return list(CHAIN[: reached.get(case.state, 4)])


@given(st.lists(steps, max_size=20))
def test_only_moves_move(tried: list[Step]) -> None:
    case = apply(None, OPENED)
    for one in tried:
        if one.kind in CHAIN:
            continue
        after = apply(case, one)
        assert after.state is case.state
        assert after.sequence == case.sequence + 1
        case = after
    assert case.deadlines == OPENED.deadlines
