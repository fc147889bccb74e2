"""What a case does when its issue has a plan."""

import pytest

from heedful.alerting.folding import fold
from heedful.alerting.storms.tasks import Answer, Plan, planned, reply_wanted
from heedful.common.contracts import CaseEventKind, ClockMetric
from tests.unit.alerting.journeys import CALENDARS, HOUR, NOW, OPENED, PERSON, step

PLAN = Plan(owner="li", action="recall the part", due=NOW + 48 * HOUR, at=NOW, actor=PERSON)
AT = NOW + HOUR
K = CaseEventKind


@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        ((), [K.ACKNOWLEDGED, K.PLANNED]),
        ((K.ACKNOWLEDGED,), [K.PLANNED]),
        ((K.ACKNOWLEDGED, K.PLANNED), []),
        ((K.ACKNOWLEDGED, K.PLANNED, K.STARTED), []),
        ((K.ACKNOWLEDGED, K.PLANNED, K.PAUSED), []),
        ((K.DISMISSED,), []),
        ((K.ACKNOWLEDGED, K.PAUSED), None),
    ],
)
def test_a_case_without_a_plan_gets_the_plan_of_its_issue(
    before: tuple[CaseEventKind, ...], kinds: list[CaseEventKind] | None
) -> None:
    """One that waits gets it when it goes on."""
    steps = [OPENED, *(step(kind, 1, ClockMetric.PLAN) for kind in before)]
    case = fold(steps, CALENDARS)
    found = planned(case, PLAN, "i1", AT)
    assert (found if found is None else [one.kind for one in found]) == kinds


def test_its_plan_clock_is_fulfilled_as_of_the_plan() -> None:
    found = planned(fold([OPENED], CALENDARS), PLAN, "i1", AT)
    assert found is not None
    case = fold([OPENED, *found], CALENDARS)
    clock = case.latest(ClockMetric.PLAN)
    assert clock is not None
    assert (clock.fulfilled_at, clock.fulfilled_by) == (AT, "human:wang")
    assert (case.action_owner, case.action) == ("li", "recall the part")
    assert {one.detail["issue"] for one in found} == {"i1"}


def test_a_reply_that_is_wanted_fulfils_nothing() -> None:
    reply = reply_wanted(Answer("a1", "we call you back", AT, PERSON), "i1")
    before, after = fold([OPENED], CALENDARS), fold([OPENED, reply], CALENDARS)
    assert after.clocks == before.clocks
    assert (reply.note, reply.detail) == ("we call you back", {"issue": "i1", "answer": "a1"})
