"""When an issue tells: what waits, what does not, and what is told again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from heedful.alerting.storms.model import Silenced
from heedful.alerting.storms.pacing import look, moment
from heedful.alerting.webhook import EventType
from heedful.common.contracts import ClockMetric, Colour, Deadlines
from tests.unit.alerting.storms.made import HOUR, MINUTE, NOW, PACE, SECOND, issue, left, told

BREACHED, WARNING = EventType.BREACHED, EventType.WARNING
SOON = Deadlines(respond=NOW + 2 * MINUTE)


@pytest.mark.parametrize(
    ("one", "after"),
    [
        (left(), PACE.group_wait),
        (left(at=NOW + 20 * SECOND), PACE.group_wait),
        (left(BREACHED), timedelta(0)),
        (left(BREACHED, colour=Colour.AMBER), PACE.group_wait),
        (left(not_before=NOW + HOUR), HOUR),
        (left(BREACHED, not_before=NOW + HOUR), HOUR),
    ],
)
def test_the_first_flush_gathers_from_the_opening_on(one: Silenced, after: timedelta) -> None:
    assert moment(one, issue()) - NOW == after


@pytest.mark.parametrize(
    ("one", "before", "after"),
    [
        (left(), MINUTE, 4 * MINUTE),
        (left(), HOUR, PACE.group_wait),
        (left(EventType.ESCALATED), MINUTE, 4 * MINUTE),
        (left(BREACHED), HOUR, timedelta(0)),
        (left(BREACHED), 10 * SECOND, 20 * SECOND),
        (left(BREACHED, colour=Colour.AMBER), MINUTE, 4 * MINUTE),
        (left(WARNING), MINUTE, 4 * MINUTE),
        (left(WARNING, deadlines=SOON), MINUTE, MINUTE),
        (left(WARNING, deadlines=Deadlines(), clock=ClockMetric.PLAN), MINUTE, 4 * MINUTE),
    ],
)
def test_later_ones_keep_their_distance_unless_it_is_urgent(
    one: Silenced, before: timedelta, after: timedelta
) -> None:
    """A red breach waits for nothing but the last message; a warning for half of what is left."""
    assert moment(one, told(NOW - before, opened_at=NOW - 2 * HOUR)) - NOW == after


def test_red_goes_first_and_of_these_what_is_gravest() -> None:
    waiting = [
        left(BREACHED, case_id="amber", colour=Colour.AMBER),
        left(case_id="opened"),
        left(WARNING, case_id="warned"),
        left(BREACHED, case_id="breached"),
        left(EventType.CLOSED, case_id="closed"),
    ]
    found = look(issue(), waiting, 5, NOW)
    names = [one.case_id for one in found.told]
    assert names == ["breached", "warned", "opened", "closed", "amber"]


def test_what_people_may_be_told_only_later_waits() -> None:
    at_nine = left(colour=Colour.AMBER, not_before=NOW + HOUR)
    found = look(issue(), [at_nine, left(BREACHED)], 2, NOW)
    assert [one.type for one in found.told] == [BREACHED]
    assert found.next_at == NOW + PACE.group_interval


@pytest.mark.parametrize(
    ("passed", "unsettled", "event"),
    [
        (PACE.repeat - SECOND, 1, None),
        (PACE.repeat, 1, EventType.ISSUE_UPDATED),
        (PACE.repeat, 0, None),
        (PACE.quiet_after - SECOND, 0, None),
        (PACE.quiet_after, 0, EventType.ISSUE_CLOSED),
    ],
)
def test_without_news_it_is_told_again_until_it_is_settled_and_quiet(
    passed: timedelta, unsettled: int, event: EventType | None
) -> None:
    found = look(told(NOW), [], unsettled, NOW + passed)
    assert found.event is event
    assert found.again == (frozenset({"ep"}) if event else frozenset())


def test_who_has_had_news_is_not_told_again_with_those_who_had_none() -> None:
    """Each endpoint has a time of its own, as each receiver has in Alertmanager."""
    late = NOW + PACE.repeat
    known = {"ep": late - MINUTE, "other": NOW}
    found = look(replace(told(late - MINUTE, opened_at=NOW), told_to=known), [], 3, late)
    assert found.again == {"other"}


def test_one_that_was_closed_tells_all_that_is_left() -> None:
    at_nine = left(not_before=NOW + HOUR)
    found = look(told(NOW, closed_at=NOW), [left(), at_nine], 4, NOW)
    assert (found.event, found.told, found.later) == (
        EventType.ISSUE_CLOSED,
        (left(),),
        (at_nine,),
    )
    assert found.next_at is None


@pytest.mark.parametrize("waits", [[], [left()], [left(at=NOW + MINUTE)]])
def test_it_is_looked_at_in_every_interval(waits: list[Silenced]) -> None:
    """For nobody says when the last case is settled."""
    now: datetime = NOW + MINUTE
    found = look(told(now), waits, 1, now)
    assert found.event is None
    assert found.next_at is not None
    assert now < found.next_at <= now + PACE.group_interval
