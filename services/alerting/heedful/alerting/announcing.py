"""What the log hears of a case: each step as an event, in sequence under the key of its case."""

from datetime import datetime

from heedful.alerting.records import Recorded
from heedful.common.bus.base import Outgoing
from heedful.common.contracts import CaseEvent
from heedful.common.events import partition_key, to_record
from heedful.common.topics import CASE_EVENT

SERVICE = "alerting"
"""Whose records these are in the outbox."""


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
        deadlines=step.deadlines,
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
