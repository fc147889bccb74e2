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
from heedful.alerting.policies.judging import FACTS, KIND
from heedful.alerting.signals.signal import SignalOutcome
from heedful.alerting.signals.store import Placed
from heedful.alerting.states import State
from heedful.alerting.store_verifications import Looked
from heedful.alerting.verification.series import Measure
from heedful.alerting.verification.verdict import Outcome
from heedful.common.contracts import (
    SIGNAL_LABELS,
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    Deadlines,
    SignalItem,
    SignalKind,
)

_HIDDEN = frozenset(
    {"first_light", "policy", "rule", "source", "interaction_id", "whys", "pauses"}
) | (FACTS - {KIND})
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
    due_at: datetime | None = Field(
        description="The earliest deadline that still has to be kept; null: there is none."
    )
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


class SignalOut(BaseModel):
    """A signal of journey that gave rise to the case or joined it."""

    id: str = Field(examples=["9b1deb4d-3b7d-5bad-9bdd-2b0d7b3dcb6d"])
    kind: SignalKind = Field(examples=["repeated_contact"])
    label_zh: str = Field(examples=["同一问题多次联系"])
    label_en: str = Field(examples=["Repeated contact on one matter"])
    colour: Colour = Field(description="The light that journey gave it.")
    confidence: float | None = Field(
        description="How sure it is, 0 to 1; null: its rule leaves nothing to chance.",
        examples=[None],
    )
    summary_zh: str = Field(
        description="Why it shows; empty after an erasure.",
        examples=["5 天内第 3 次为同一问题联系：delivery.late"],
    )
    summary_en: str = Field(examples=["Contact 3 on the same matter within 5 days: delivery.late"])
    detected_at: datetime
    taken_at: datetime
    outcome: SignalOutcome = Field(description="noted: the case was settled, and stays so.")
    customer_id: str | None = Field(description="Of journey, as it was then.")
    evidence: list[SignalItem] = Field(description="What to look at, in the order of time.")


class CaseDetail(CaseOut):
    clocks: list[ClockOut]
    fixes: list[FixOut]
    signals: list[SignalOut]
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


def signal_out(placed: Placed) -> SignalOut:
    zh, en = SIGNAL_LABELS[placed.kind]
    return SignalOut(
        id=placed.id,
        kind=placed.kind,
        label_zh=zh,
        label_en=en,
        colour=placed.colour,
        confidence=placed.confidence,
        summary_zh=placed.summary_zh,
        summary_en=placed.summary_en,
        detected_at=placed.detected_at,
        taken_at=placed.taken_at,
        outcome=placed.outcome,
        customer_id=placed.customer_id,
        evidence=list(placed.evidence),
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
