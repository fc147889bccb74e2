"""What a customer said: the payload of `heedful.feedback.received.v1`."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from heedful.common.contracts.base import Contract, Name, Number, OpenEnum, UtcTime, Words
from heedful.common.contracts.dialogue import Dialogue
from heedful.common.contracts.provenance import Provenance
from heedful.common.contracts.redaction import Redaction

MAX_TEXT_CHARS = 100_000
MAX_IDENTIFIERS = 16
MAX_ATTRIBUTES = 32
MAX_LANGUAGE_CHARS = 35

Text = Annotated[Words, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS)]
AttributeKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AttributeValue = Annotated[Words, StringConstraints(max_length=500)]
Attributes = Annotated[dict[AttributeKey, AttributeValue], Field(max_length=MAX_ATTRIBUTES)]


class Channel(OpenEnum):
    """Where the words were said."""

    CALL = "call"
    CHAT = "chat"
    SURVEY = "survey"
    REVIEW = "review"
    SOCIAL = "social"
    EMAIL = "email"
    TICKET = "ticket"
    APP = "app"
    STORE = "store"
    EMPLOYEE = "employee"
    OTHER = "other"


class IdentifierType(StrEnum):
    """How a system knows a person. Strong ones name one person; device and phone may be shared."""

    CUSTOMER_ID = "customer_id"
    PHONE = "phone"
    EMAIL = "email"
    WECHAT_OPENID = "wechat_openid"
    WECHAT_UNIONID = "wechat_unionid"
    MEMBER_CARD = "member_card"
    DEVICE = "device"
    EXTERNAL = "external"


class Identifier(Contract):
    type: IdentifierType
    value: Name


class ScoreKind(OpenEnum):
    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    STARS = "stars"
    OTHER = "other"


class Score(Contract):
    """A number that the customer gave, with its scale: 8 of 10 is not 8 of 8."""

    kind: ScoreKind
    value: Number
    minimum: Number
    maximum: Number


Identifiers = Annotated[tuple[Identifier, ...], Field(max_length=MAX_IDENTIFIERS)]


class Feedback(Contract):
    """One utterance of one customer, as ingest accepted it.

    `(tenant, source, id)` identifies it for ever. `received_at` is the first durable accept and
    starts every clock; `occurred_at` is when the customer said it.
    """

    tenant: Name
    source: Name
    id: Name
    channel: Channel
    text: Text
    occurred_at: UtcTime
    received_at: UtcTime
    language: Words | None = Field(
        default=None, max_length=MAX_LANGUAGE_CHARS, description="BCP 47 tag, if known"
    )
    score: Score | None = None
    identifiers: Identifiers = ()
    conversation_id: Name | None = None
    touchpoint: Name | None = Field(default=None, description="e.g. store.visit, app.checkout")
    department: Name | None = None
    attributes: Attributes = Field(default_factory=dict)
    backfill: bool = Field(
        default=False, description="true: history; it never opens cases or notifies"
    )
    dialogue: Dialogue | None = Field(
        default=None, description="all that was said, where `text` is the customer's part of it"
    )
    provenance: Provenance | None = None
    redaction: Redaction | None = None
