"""What happened to a case: the payload of `heedful.case.event.v1`, append-only."""

from enum import StrEnum

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.enrichment import Colour
from heedful.common.contracts.interaction import Actor


class CaseEventKind(OpenEnum):
    """What can happen to a case.

    Its clocks are moved by `opened`, `severity_changed`, `clock_started`, `responded`, `planned`,
    `paused`, `resumed`, `landed`, `reopened`, `policy_applied` and `calendar_applied`, and tell of
    themselves by `warned`, `escalated` and `breached`; the others are about the work on it.
    """

    OPENED = "opened"
    FEEDBACK_LINKED = "feedback_linked"
    SEVERITY_CHANGED = "severity_changed"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    NOTED = "noted"
    CONTACTED = "contacted"
    RESPONDED = "responded"
    PLANNED = "planned"
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    LANDED = "landed"
    VERIFIED = "verified"
    CLOSED = "closed"
    DISMISSAL_PROPOSED = "dismissal_proposed"
    DISMISSED = "dismissed"
    MERGED = "merged"
    UNMERGED = "unmerged"
    SPLIT = "split"
    REOPENED = "reopened"
    CLOCK_STARTED = "clock_started"
    WARNED = "warned"
    ESCALATED = "escalated"
    BREACHED = "breached"
    POLICY_APPLIED = "policy_applied"
    CALENDAR_APPLIED = "calendar_applied"
    REPLY_WANTED = "reply_wanted"
    SIGNALLED = "signalled"
    CORRECTED = "corrected"
    ERASED = "erased"
    OTHER = "other"


class ClockMetric(StrEnum):
    """`next_reply` is of conversations: from the oldest message that nobody has answered."""

    RESPOND = "respond"
    PLAN = "plan"
    LAND = "land"
    NEXT_REPLY = "next_reply"


class Deadlines(Contract):
    """When the clocks of a case run out; absent where a case has no such clock."""

    respond: UtcTime | None = None
    plan: UtcTime | None = None
    land: UtcTime | None = None
    next_reply: UtcTime | None = None


class FeedbackRef(Contract):
    """The key that identifies a feedback for ever."""

    source: Name
    id: Name


class CaseEvent(Contract):
    """`sequence` counts from 1 without gaps within one case; state is the fold over it.

    `cycle` counts the runs of one clock; `step` is the step of the policy's ladder that was taken.
    """

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
    cycle: int | None = Field(default=None, ge=1)
    step: Name | None = None
    deadlines: Deadlines | None = None
    note: Words | None = Field(default=None, max_length=2000)
