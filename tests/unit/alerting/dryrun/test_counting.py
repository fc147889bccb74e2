"""What a policy would have made of many, against what there was."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

from heedful.alerting.clocks import Clock
from heedful.alerting.dryrun.counting import Cases, Kept, Notices, Outcome
from heedful.alerting.dryrun.life import opened_by
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import ClockMetric, Colour
from tests.unit.alerting.applying.orders import ITEM, policy, stored
from tests.unit.alerting.journeys import HOUR, NOW, OPENED

RESPOND = ClockMetric.RESPOND
TODAY = NOW.date()


def clocks(*, breached: bool) -> tuple[Clock, ...]:
    (clock, *_) = stored([OPENED]).case.clocks
    return (replace(clock, breached_at=clock.due_at if breached else None),)


def test_there_was_one_that_there_would_have_been() -> None:
    outcome = Outcome(UTC)
    life = opened_by(ITEM, NOW, policy({RESPOND: 8}), NOW + 9 * HOUR)
    outcome.add_case(NOW, Colour.RED, clocks(breached=False), life)
    assert outcome.rules == {"red": Cases(would_open=1)}
    assert outcome.colours == {Colour.RED: Cases(opened=1, would_open=1)}
    assert outcome.days == {TODAY: Cases(opened=1, would_open=1)}
    assert outcome.clocks == {RESPOND: Kept(runs=1, would_run=1, would_breach=1)}
    told = {who: one.told for (_, who), one in outcome.notices.items()}
    assert told == {
        Recipient.OWNER: 4,
        Recipient.LEAD: 3,
        Recipient.BOARD: 2,
        Recipient.MANAGER: 1,
    }


def test_there_was_one_that_there_would_not_have_been() -> None:
    outcome = Outcome(UTC)
    outcome.add_case(NOW, Colour.AMBER, clocks(breached=True), None)
    assert outcome.colours == {Colour.AMBER: Cases(opened=1)}
    assert outcome.clocks == {RESPOND: Kept(runs=1, breached=1)}
    assert (outcome.rules, outcome.notices) == ({}, {})


def test_there_would_have_been_more() -> None:
    outcome = Outcome(UTC)
    life = opened_by(ITEM, NOW, policy({RESPOND: 8}), NOW + 5 * HOUR)
    assert life is not None
    outcome.add_unheard(NOW, life)
    assert outcome.days == {TODAY: Cases(more=1)}
    assert outcome.clocks == {}
    assert outcome.notices == {(TODAY, Recipient.OWNER): Notices(unanswered=1)}


def test_days_are_those_of_the_zone() -> None:
    outcome = Outcome(timezone(timedelta(hours=14)))
    late = NOW + 8 * HOUR
    outcome.add_case(late, Colour.RED, (), opened_by(ITEM, late, policy({RESPOND: 8}), late))
    assert list(outcome.days) == [TODAY + timedelta(days=1)]
