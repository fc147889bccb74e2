"""What a link to a case is good for after each step of it."""

import pytest

from heedful.alerting.case import Step
from heedful.alerting.folding import fold
from heedful.alerting.links.link import LinkAction
from heedful.alerting.links.standing import Standing, standing
from heedful.common.contracts import CaseEventKind, ClockMetric
from tests.unit.alerting.journeys import CALENDARS, OPENED, step

ACKNOWLEDGE, CLAIM = LinkAction.ACKNOWLEDGE, LinkAction.CLAIM
OPEN, ANSWERED, TAKEN = Standing.OPEN, Standing.ANSWERED, Standing.TAKEN
SEEN = step(CaseEventKind.ACKNOWLEDGED, 1)
OWNED = step(CaseEventKind.ASSIGNED, 2)
CALLED = step(CaseEventKind.RESPONDED, 3, ClockMetric.RESPOND)
DISMISSED = step(CaseEventKind.DISMISSED, 4)
AGAIN = step(CaseEventKind.REOPENED, 5)


@pytest.mark.parametrize(
    ("steps", "acknowledge", "claim"),
    [
        ((), OPEN, OPEN),
        ((SEEN,), TAKEN, OPEN),
        ((OWNED,), OPEN, TAKEN),
        ((SEEN, OWNED), TAKEN, TAKEN),
        ((CALLED,), ANSWERED, ANSWERED),
        ((DISMISSED,), TAKEN, TAKEN),
        ((CALLED, DISMISSED), ANSWERED, ANSWERED),
        ((CALLED, DISMISSED, AGAIN), OPEN, OPEN),
    ],
)
def test_each_step_leaves_what_is_still_to_be_done(
    steps: tuple[Step, ...], acknowledge: Standing, claim: Standing
) -> None:
    case = fold((OPENED, *steps), CALENDARS)
    assert standing(case, ACKNOWLEDGE, "wang") is acknowledge
    assert standing(case, CLAIM, "wang") is claim


def test_an_owner_may_claim_again() -> None:
    assert standing(fold((OPENED, OWNED), CALENDARS), CLAIM, "li") is OPEN
