"""Issues and notices for the tests of what is pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from heedful.alerting.policies.document import Storm
from heedful.alerting.storms.model import Issue, Silenced, silenced
from heedful.alerting.webhook import EventType, Notice
from heedful.common.contracts import ClockMetric, Colour, Deadlines

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PACE = Storm()


def issue(**changes: Any) -> Issue:
    """Opened now, and nobody was told of it."""
    made = Issue("i1", "acme", "vehicle.brake", "workshop", "east", PACE, NOW, NOW)
    return replace(made, **changes)


def told(at: datetime, **changes: Any) -> Issue:
    """An issue of which `ep` was told then."""
    return issue(told_at=at, flushes=1, told_to={"ep": at}, **changes)


def notice(type_: EventType = EventType.OPENED, **changes: Any) -> Notice:
    clocked = type_ in (EventType.WARNING, EventType.BREACHED, EventType.ESCALATED)
    made = Notice(
        type=type_,
        at=NOW,
        case_id="c1",
        tenant="acme",
        sequence=1,
        colour="red",
        state="new",
        clock=ClockMetric.RESPOND if clocked else None,
        deadlines=Deadlines(respond=NOW + HOUR),
        received_at=NOW,
        source="calls",
        feedback_id="f1",
        channel="call",
        reasons=(),
        url="https://heedful.example.com/v1/cases/c1",
    )
    return replace(made, **changes)


def left(
    type_: EventType = EventType.OPENED,
    at: datetime = NOW,
    endpoints: frozenset[str] = frozenset({"ep"}),
    **changes: Any,
) -> Silenced:
    """What a case leaves to its issue then."""
    if isinstance(changes.get("colour"), Colour):
        changes["colour"] = changes["colour"].value
    return silenced(notice(type_, **changes), endpoints, at)
