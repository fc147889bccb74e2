"""What `/v1/records` answers with."""

import uuid

from pydantic import BaseModel, Field

from heedful.common.contracts import (
    Aspect,
    Channel,
    Correction,
    Effort,
    Emotion,
    Enrichment,
    Found,
    Intent,
    Light,
    Need,
    Opinion,
    Perception,
    Satisfaction,
    Score,
    Sentiment,
    Urgency,
    UtcTime,
    Versions,
)


class RecordView(BaseModel):
    """One feedback with all that nlp understood of it.

    A label without evidence is null, or not in its list. Offsets are half-open and count Unicode
    code points of `text`.
    """

    source: str
    id: str
    channel: Channel
    text: str = Field(description="As it was published: personal data is masked.")
    language: str
    occurred_at: UtcTime
    received_at: UtcTime
    touchpoint: str | None
    department: str | None
    conversation_id: str | None
    score: Score | None = Field(description="That the customer gave.")
    customer_id: uuid.UUID | None = Field(
        description="Who it is of today, after merges and splits; null: of nobody known."
    )
    matched_by: str | None = Field(description="identifier or conversation; null: of nobody known")
    enrichment_id: str = Field(description="What `POST /v1/corrections` asks for.")
    enriched_at: UtcTime
    light: Light
    sentiment: Sentiment | None
    emotions: list[Emotion]
    opinions: list[Opinion]
    aspects: list[Aspect]
    perceptions: list[Perception]
    effort: Effort | None
    need: Need | None
    urgency: Urgency | None
    intent: Intent | None
    needs_response: bool | None = Field(
        description="Whether somebody waits for an answer; null: the text does not tell."
    )
    churn: Found | None = Field(description="They say that they leave or may.")
    solicited: Found | None = Field(description="Praise or a score was asked or paid for.")
    satisfaction: Satisfaction | None
    corrections: list[Correction] = Field(
        description="The labels here that somebody has set, one of each label."
    )
    versions: Versions


_SAID = (
    "source",
    "id",
    "channel",
    "text",
    "occurred_at",
    "received_at",
    "touchpoint",
    "department",
    "conversation_id",
    "score",
)
_UNDERSTOOD = tuple(
    name for name in RecordView.model_fields if name in Enrichment.model_fields and name != "id"
)


def record_view(
    enrichment: Enrichment, customer_id: uuid.UUID | None, *, identified: bool
) -> RecordView:
    """A feedback and who it is of.

    Args:
        identified: it carries an identifier of the customer itself.
    """
    matched_by = "identifier" if identified else "conversation"
    return RecordView(
        **{name: getattr(enrichment.feedback, name) for name in _SAID},
        **{name: getattr(enrichment, name) for name in _UNDERSTOOD},
        enrichment_id=enrichment.id,
        customer_id=customer_id,
        matched_by=None if customer_id is None else matched_by,
    )
