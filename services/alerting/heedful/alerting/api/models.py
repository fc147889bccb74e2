"""What the API of cases shows and takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Row

from heedful.alerting import clocks
from heedful.alerting.case import State
from heedful.alerting.clocks import Result
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    Deadlines,
    Name,
    WrittenTime,
)

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$"),
]


class Taken(BaseModel):
    """Base of request bodies."""

    model_config = ConfigDict(extra="forbid")


class Noted(Taken):
    note: Words | None = None


class PlanBody(Taken):
    owner: Name
    action: Words
    due: WrittenTime


class LandBody(Taken):
    root_cause: Name
    action_taken: Words


class FeedbackOut(BaseModel):
    source: str
    id: str
    channel: str
    colour: Colour


class ReasonOut(BaseModel):
    code: str
    label_zh: str
    label_en: str


class CaseOut(BaseModel):
    """A case as lists show it."""

    id: str
    state: State
    colour: Colour
    sequence: int = Field(description="Number of its last event.")
    channel: str
    received_at: datetime
    opened_at: datetime
    deadlines: Deadlines
    feedback: list[FeedbackOut]
    reasons: list[ReasonOut]
    owner: str | None
    action: str | None
    action_due: datetime | None
    root_cause: str | None
    action_taken: str | None
    erased_at: datetime | None = Field(
        description="When words and keys were taken out: an erasure, or the case's age."
    )


class ClockOut(BaseModel):
    metric: ClockMetric
    started_at: datetime
    due_at: datetime
    fulfilled_at: datetime | None
    fulfilled_by: str | None
    breached_at: datetime | None
    result: Result


class EventOut(BaseModel):
    id: str
    sequence: int
    kind: CaseEventKind
    at: datetime
    recorded_at: datetime
    actor: Actor
    colour: Colour
    clock: ClockMetric | None
    note: str | None
    detail: dict[str, str]


class CaseDetail(CaseOut):
    clocks: list[ClockOut]
    events: list[EventOut]


def case_fields(row: Row[Any], feedback: Sequence[Row[Any]]) -> dict[str, Any]:
    """The fields of `CaseOut`."""
    return {
        "id": row.id,
        "state": row.state,
        "colour": row.colour,
        "sequence": row.sequence,
        "channel": row.channel,
        "received_at": row.received_at,
        "opened_at": row.opened_at,
        "deadlines": Deadlines(respond=row.respond_due, plan=row.plan_due, land=row.land_due),
        "feedback": [
            FeedbackOut(
                source=one.source, id=one.feedback_id, channel=one.channel, colour=one.colour
            )
            for one in feedback
        ],
        "reasons": row.reasons,
        "owner": row.owner,
        "action": row.action,
        "action_due": row.action_due,
        "root_cause": row.root_cause,
        "action_taken": row.action_taken,
        "erased_at": row.erased_at,
    }


def clock_out(row: Row[Any]) -> ClockOut:
    return ClockOut(
        metric=row.metric,
        started_at=row.started_at,
        due_at=row.due_at,
        fulfilled_at=row.fulfilled_at,
        fulfilled_by=row.fulfilled_by,
        breached_at=row.breached_at,
        result=clocks.result(row.due_at, row.fulfilled_at, row.breached_at),
    )


def event_out(row: Row[Any]) -> EventOut:
    return EventOut(
        id=row.id,
        sequence=row.sequence,
        kind=row.kind,
        at=row.at,
        recorded_at=row.recorded_at,
        actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
        colour=row.colour,
        clock=row.clock,
        note=row.note,
        detail=row.detail,
    )
