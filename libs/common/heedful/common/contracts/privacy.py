"""Erasure of a customer and its receipts: the payloads of `heedful.privacy.*`.

The record of an erasure outlives what it erased, so neither payload needs to hold a customer's
words, and a receipt holds nothing that leads to a customer. An erasure must name what is to go:
items by their keys, which whoever reads the other topics knows, and identifiers and conversations
sealed, for heedful's own services.
"""

from typing import Annotated

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words

MAX_ERASED = 500
"""Items, customers or names in one part of an erasure, so that it fits into a record."""
MAX_SEALED_CHARS = 100_000


class ItemKind(OpenEnum):
    FEEDBACK = "feedback"
    INTERACTION = "interaction"
    OTHER = "other"


class ErasureReason(OpenEnum):
    """Why, after article 47 of the Personal Information Protection Law and article 17 GDPR."""

    REQUEST = "request"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OTHER = "other"


class ErasedItem(Contract):
    """`(tenant, kind, source, id)` of a feedback or an interaction."""

    kind: ItemKind
    source: Name
    id: Name


class Erasure(Contract):
    """One part of the erasure of one customer; parts of one erasure are obeyed each by itself.

    What a service finds only later (it was under way at the time) comes as a further part.
    """

    tenant: Name
    id: Name
    part: int = Field(ge=1)
    requested_at: UtcTime
    requested_by: Name = Field(
        description="`human:` and the id of the person, or the id of the API key"
    )
    reason: ErasureReason = ErasureReason.REQUEST
    customer_ids: Annotated[tuple[Name, ...], Field(max_length=MAX_ERASED)] = Field(
        default=(), description="every id that the customer has had"
    )
    items: Annotated[tuple[ErasedItem, ...], Field(max_length=MAX_ERASED)] = ()
    sealed: Words | None = Field(
        default=None,
        max_length=MAX_SEALED_CHARS,
        description="identifiers and conversations of the customer, for heedful's services",
    )


class Place(OpenEnum):
    TOPIC = "topic"
    OTHER = "other"


class Remaining(Contract):
    """What is still there, and by when it goes by itself."""

    place: Place
    name: Name
    until: UtcTime


class Deleted(Contract):
    """How many of one kind a service deleted, e.g. 3 `events`."""

    kind: Name
    count: int = Field(ge=0)


class ErasureReceipt(Contract):
    """What one service deleted for one part of an erasure. Holds no personal data."""

    tenant: Name
    erasure_id: Name
    part: int = Field(ge=1)
    service: Name
    version: Name = Field(description="of the service that did it")
    completed_at: UtcTime
    deleted: Annotated[tuple[Deleted, ...], Field(max_length=64)] = ()
    remaining: Annotated[tuple[Remaining, ...], Field(max_length=64)] = ()
