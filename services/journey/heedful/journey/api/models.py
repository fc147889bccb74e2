"""What the API of journey answers with."""

import uuid
from datetime import datetime

from pydantic import BaseModel, Field

from heedful.common.http.openapi import Refusal, refusing

RANGE = Refusal(
    400,
    "bad-range",
    "`from` is not earlier than `to`",
    "`from` must be earlier than `to`; `to` is not included",
)
BAD_RANGE = refusing(RANGE)


class IdentifierView(BaseModel):
    """`shared`: several people use it, so it says nothing about who somebody is."""

    type: str
    value: str
    source: str | None = Field(default=None, description="Of external identifiers: whose it is.")
    shared: bool


class EventRef(BaseModel):
    """What showed it: a feedback, an interaction, a decision, an erasure, …"""

    kind: str
    source: str
    id: str


class CustomerItem(BaseModel):
    id: uuid.UUID
    identifiers: list[IdentifierView]
    first_seen: datetime
    last_seen: datetime
    events: int


class CustomerView(BaseModel):
    """One customer. `id` differs from the one asked for when that was merged into this one."""

    id: uuid.UUID
    merged_from: list[uuid.UUID]
    identifiers: list[IdentifierView]
    first_seen: datetime | None
    last_seen: datetime | None
    events: int
    channels: dict[str, int] = Field(description="Events by channel.")
    lights: dict[str, int] = Field(description="Feedback by light.")


class TimelineItem(BaseModel):
    kind: str = Field(description="feedback or interaction")
    source: str
    id: str
    occurred_at: datetime
    received_at: datetime
    channel: str | None
    touchpoint: str | None
    department: str | None
    interaction_kind: str | None = Field(description="order, visit, contact, …")
    light: str | None
    polarity: str | None
    topics: list[str]
    text: str | None = Field(description="Of feedback: its beginning.")
    summary: str | None = Field(description="Of interactions.")
    conversation_id: str | None
    matched_by: str = Field(description="identifier or conversation")


class IdentityItem(IdentifierView):
    first_seen: datetime
    evidence: EventRef


class MoveView(BaseModel):
    """A merge of a customer into another, or a split of one (`into_id`) from another."""

    kind: str = Field(description="merge or split")
    from_id: uuid.UUID
    into_id: uuid.UUID
    at: datetime
    reason: str
    evidence: EventRef


class ShareView(BaseModel):
    """A proportion with its Wilson 95 % interval."""

    share: float
    low: float
    high: float


class Touchpoint(BaseModel):
    touchpoint: str
    events: int
    feedback: int
    lights: dict[str, int]
    red_share: ShareView | None = Field(description="Of its feedback; null without feedback.")
    enough: bool = Field(description="At least 20 feedback items.")
    colour: str = Field(
        description="red or green when surely one more than the other, amber when not, "
        "grey when there is too little feedback"
    )


class Summary(BaseModel):
    events: int
    feedback: int
    interactions: int
    customers: int
    lights: dict[str, int]
