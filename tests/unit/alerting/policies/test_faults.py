"""What only calendars can tell of a policy."""

from dataclasses import replace
from datetime import timedelta

from heedful.alerting import clocks, ladder
from heedful.alerting.calendars import ALWAYS, CLOSED, Calendar, Interval
from heedful.alerting.calendars.faults import least_worked
from heedful.alerting.ladder import Pace
from heedful.alerting.policies.builtin import builtin
from heedful.alerting.policies.document import ClockTerms, PolicyDocument, Rule
from heedful.alerting.policies.faults import faults
from heedful.common.contracts import ClockMetric
from tests.unit.alerting.journeys import HOUR, NOW, terms

RARE = Calendar(name="rare", version=1, zone="UTC", week=(*(CLOSED,) * 6, (Interval(540, 600),)))
NAMED = {ALWAYS.name: ALWAYS, RARE.name: RARE}
MOST = least_worked(RARE)
"""An hour a week: some 54 hours in 400 days. The last step of the ladder is at 200 percent."""


def policy(target: timedelta, *, enforced: bool = True) -> PolicyDocument:
    clock = ClockTerms(target=target, calendar=RARE.name, enforced=enforced)
    rules = (Rule(name="red", clocks={ClockMetric.PLAN: clock}), Rule(name="rest"))
    return builtin(24 * HOUR, 48 * HOUR, 72 * HOUR, HOUR).model_copy(update={"rules": rules})


def test_all_of_its_ladder_lies_within_the_look_ahead() -> None:
    assert faults(policy(MOST / 2), NAMED) == []
    (one,) = faults(policy(MOST / 2 + timedelta(minutes=1)), NAMED)
    assert one.at == "rules.0.clocks.plan.target"
    assert "rare@1 has only about" in one.message
    assert "give the step overdue-100 a smaller percentage" in one.message


def test_a_clock_that_tells_nobody_has_no_ladder() -> None:
    assert faults(policy(MOST, enforced=False), NAMED) == []
    (one,) = faults(policy(MOST + timedelta(minutes=1), enforced=False), NAMED)
    assert "overdue-100" not in one.message


def test_a_policy_of_before_climbs_as_far_as_the_calendar_goes() -> None:
    """What cannot be reached must not keep a case from being opened."""
    calendars = {RARE.ref: RARE}
    held = replace(terms(ClockMetric.PLAN), target=MOST, calendar=RARE.ref)
    clock = clocks.start(held, NOW, 1, calendars)
    for hours in (None, RARE):
        pace = Pace(policy(MOST).ladders["default"], hours)
        names = [one.name for one in ladder.ahead(clock, pace, calendars)]
        assert names == ["half", "three-quarters", "last-call", "breach"]
