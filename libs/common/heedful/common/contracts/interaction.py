"""What happened between a customer and the business: `heedful.interaction.recorded.v1`."""

from enum import StrEnum

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.feedback import Attributes, Channel, Identifiers
from heedful.common.contracts.provenance import Provenance
from heedful.common.contracts.redaction import Redaction


class InteractionKind(OpenEnum):
    CAMPAIGN = "campaign"
    BROWSE = "browse"
    ORDER = "order"
    PAYMENT = "payment"
    VISIT = "visit"
    SERVICE = "service"
    CONTACT = "contact"
    REFUND = "refund"
    CHURN = "churn"
    OTHER = "other"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NONE = "none"


class ActorType(StrEnum):
    HUMAN = "human"
    BOT = "bot"
    SYSTEM = "system"
    CUSTOMER = "customer"


class Actor(Contract):
    """Who did it. Only an outbound contact by a human fulfils a respond clock."""

    type: ActorType
    id: Name | None = None


class Interaction(Contract):
    """An order, visit, contact, service record, payment or departure of one customer."""

    tenant: Name
    source: Name
    id: Name
    kind: InteractionKind
    occurred_at: UtcTime
    received_at: UtcTime
    direction: Direction = Direction.NONE
    actor: Actor | None = None
    channel: Channel | None = None
    touchpoint: Name | None = None
    department: Name | None = None
    identifiers: Identifiers = ()
    conversation_id: Name | None = None
    summary: Words | None = Field(default=None, max_length=2000)
    duration_s: float | None = Field(default=None, ge=0)
    amount: float | None = Field(
        default=None, description="in the currency of `attributes.currency`"
    )
    attributes: Attributes = Field(default_factory=dict)
    backfill: bool = False
    provenance: Provenance | None = None
    redaction: Redaction | None = None
