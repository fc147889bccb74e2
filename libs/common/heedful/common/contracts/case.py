"""What happened to a case: the payload of `heedful.case.event.v1`, append-only."""

from enum import StrEnum

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.enrichment import Colour
from heedful.common.contracts.interaction import Actor


class CaseEventKind(OpenEnum):
    OPENED = "opened"
    FEEDBACK_LINKED = "feedback_linked"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    PLANNED = "planned"
    LANDED = "landed"
    CLOSED = "closed"
    WARNED = "warned"
    BREACHED = "breached"
    CORRECTED = "corrected"
    ERASED = "erased"
    OTHER = "other"


class ClockMetric(StrEnum):
    RESPOND = "respond"
    PLAN = "plan"
    LAND = "land"


class Deadlines(Contract):
    respond: UtcTime
    plan: UtcTime
    land: UtcTime


class FeedbackRef(Contract):
    """The key that identifies a feedback for ever."""

    source: Name
    id: Name


class CaseEvent(Contract):
    """`sequence` counts from 1 without gaps within one case; state is the fold over it."""

    tenant: Name
    id: Name
    case_id: Name
    sequence: int = Field(ge=1)
    kind: CaseEventKind
    at: UtcTime
    actor: Actor
    colour: Colour
    feedback: FeedbackRef | None = None
    clock: ClockMetric | None = None
    deadlines: Deadlines | None = None
    note: Words | None = Field(default=None, max_length=2000)
