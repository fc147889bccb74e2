"""What the API of cases shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import Row

from heedful.alerting.audit.events import ERASED
from heedful.alerting.case import Case
from heedful.alerting.clocks import Clock, Result
from heedful.alerting.states import State
from heedful.alerting.store_verifications import Looked
from heedful.alerting.verification.series import Measure
from heedful.alerting.verification.verdict import Outcome
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    Deadlines,
)

_HIDDEN = ("first_light", "policy", "rule", "source", "interaction_id", "whys", "pauses")
"""Of an event's detail: shown elsewhere, or of no use to people."""


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
    cycle: int = Field(description="1, and one more each time that it is reopened.")
    channel: str
    topic: str | None
    touchpoint: str | None
    department: str | None
    region: str | None
    received_at: datetime
    opened_at: datetime
    over_at: datetime | None = Field(description="Since when it is closed, dismissed or merged.")
    late_source: bool = Field(description="It was said long before it was received.")
    policy: str | None = Field(description="The version of the policy that it is measured by.")
    rule: str | None = Field(description="The rule of the policy that it fell under.")
    deadlines: Deadlines
    feedback: list[FeedbackOut]
    reasons: list[ReasonOut]
    owner: str | None
    action_owner: str | None
    action: str | None
    action_due: datetime | None
    root_cause: str | None
    action_taken: str | None
    dismissal: str | None = Field(description="The reason; with `proposed_by` only proposed.")
    proposed_by: str | None
    merged_into: str | None
    issue_id: str | None = Field(description="The open issue that tells in its place.")
    erased_at: datetime | None = Field(
        description="When words and keys were taken out: an erasure, or the case's age."
    )


class PauseOut(BaseModel):
    start: datetime
    end: datetime | None


class ClockOut(BaseModel):
    """One run of a clock."""

    metric: ClockMetric
    cycle: int
    target_s: float = Field(description="Working time of its calendar, in seconds.")
    calendar: str = Field(description="`always@1` never closes.")
    started_at: datetime
    due_at: datetime = Field(description="As if a pause that lasts ended with no time.")
    pauses: list[PauseOut]
    enforced: bool
    fulfilled_at: datetime | None
    fulfilled_by: str | None
    breached_at: datetime | None
    result: Result


class WhyOut(BaseModel):
    answer: str
    evidence: str | None


class EventOut(BaseModel):
    id: str
    sequence: int
    kind: CaseEventKind
    at: datetime
    recorded_at: datetime
    actor: Actor
    colour: Colour
    clock: ClockMetric | None
    cycle: int | None
    step: str | None = Field(description="The step of the policy's ladder that was taken.")
    note: str | None
    whys: list[WhyOut]
    detail: dict[str, str]


class FixOut(BaseModel):
    """A fix that is looked at when its days are over."""

    topic: str
    touchpoint: str | None
    measure: Measure
    after_days: int
    due_at: datetime
    decided_at: datetime | None
    outcome: Outcome | None


class CaseDetail(CaseOut):
    clocks: list[ClockOut]
    fixes: list[FixOut]
    events: list[EventOut]


def case_out(row: Row[Any], case: Case, feedback: Sequence[Row[Any]]) -> CaseOut:
    """A row of cases with its fold."""
    return CaseOut.model_validate(case_fields(row, case, feedback))


def case_fields(row: Row[Any], case: Case, feedback: Sequence[Row[Any]]) -> dict[str, Any]:
    """The fields of `CaseOut`."""
    own = {name: getattr(row, name) for name in CaseOut.model_fields if hasattr(row, name)}
    return {
        **own,
        "deadlines": case.deadlines,
        "feedback": [
            FeedbackOut(
                source=one.source, id=one.feedback_id, channel=one.channel, colour=one.colour
            )
            for one in feedback
        ],
    }


def clock_out(clock: Clock) -> ClockOut:
    return ClockOut(
        metric=clock.metric,
        cycle=clock.cycle,
        target_s=clock.terms.target / timedelta(seconds=1),
        calendar=clock.terms.calendar,
        started_at=clock.started_at,
        due_at=clock.due_at,
        pauses=[PauseOut(start=begin, end=end) for begin, end in clock.pauses],
        enforced=clock.terms.enforced,
        fulfilled_at=clock.fulfilled_at,
        fulfilled_by=clock.fulfilled_by,
        breached_at=clock.breached_at,
        result=clock.result,
    )


def fix_out(looked: Looked) -> FixOut:
    plan = looked.fix.plan
    return FixOut(
        topic=plan.topic,
        touchpoint=plan.touchpoint,
        measure=plan.measure,
        after_days=plan.after_days,
        due_at=looked.due_at,
        decided_at=looked.decided_at,
        outcome=None if looked.outcome is None else Outcome(looked.outcome),
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
        cycle=row.cycle,
        step=row.rung,
        note=row.note,
        whys=_whys(row.detail.get("whys")),
        detail={name: value for name, value in row.detail.items() if name not in _HIDDEN},
    )


def _whys(kept: str | None) -> list[WhyOut]:
    if kept is None or kept == ERASED:
        return []
    return [WhyOut.model_validate(one) for one in orjson.loads(kept)]
