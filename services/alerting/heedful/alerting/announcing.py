"""What the log hears of a case: each step as an event, in sequence under the key of its case."""

from datetime import datetime

from heedful.alerting.records import Recorded
from heedful.common.bus.base import Outgoing
from heedful.common.contracts import CaseEvent, CaseEventKind
from heedful.common.events import partition_key, to_record
from heedful.common.topics import CASE_EVENT

SERVICE = "alerting"
"""Whose records these are in the outbox."""

_TIMED = frozenset(
    {
        CaseEventKind.OPENED,
        CaseEventKind.SEVERITY_CHANGED,
        CaseEventKind.CLOCK_STARTED,
        CaseEventKind.RESUMED,
        CaseEventKind.REOPENED,
        CaseEventKind.POLICY_APPLIED,
        CaseEventKind.CALENDAR_APPLIED,
    }
)
"""Steps that move a deadline."""


def announcement(one: Recorded, recorded_at: datetime, key_secret: bytes) -> Outgoing:
    """The record of a step.

    Args:
        key_secret: of record keys; the same for every service.
    """
    stored, step = one.stored, one.step
    event = CaseEvent(
        tenant=stored.tenant,
        id=one.event_id,
        case_id=stored.id,
        sequence=stored.case.sequence,
        kind=step.kind,
        at=step.at,
        actor=step.actor,
        colour=stored.case.colour,
        feedback=step.feedback,
        clock=step.clock,
        cycle=step.cycle,
        step=step.rung,
        deadlines=stored.case.deadlines if step.kind in _TIMED else None,
        note=step.note,
    )
    return to_record(
        CASE_EVENT,
        event,
        id=event.id,
        source=f"/{event.tenant}/alerting",
        key=partition_key(key_secret, event.tenant, None, (), event.case_id),
        time=recorded_at,
    )
