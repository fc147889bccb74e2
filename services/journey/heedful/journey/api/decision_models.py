"""What the API of decisions on who is who takes and answers with."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from heedful.common.contracts import Actor, IdentifierType, Name
from heedful.journey.api.models import IdentifierView, IdentityItem, MoveView
from heedful.journey.store_decisions import SHOWN_MEMBERS, DecisionKind

MAX_PARTED = 100

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$"),
]


class Deciding(BaseModel):
    """Base of request bodies."""

    model_config = ConfigDict(extra="forbid")

    reason: Words
    evidence: Words | None = Field(default=None, description="What shows it.")


class MergeCustomersBody(Deciding):
    other: uuid.UUID = Field(description="The customer that is the same person.")
    two_customer_ids: bool = Field(
        default=False,
        description="true: also when each of them has a customer id, which the rules never join.",
    )


class KeepApartBody(Deciding):
    other: uuid.UUID = Field(description="The customer that is another person.")


class IdentifierBody(BaseModel):
    """An identifier, in any spelling."""

    model_config = ConfigDict(extra="forbid")

    type: IdentifierType
    value: Name
    source: Name | None = Field(default=None, description="Of external identifiers: whose it is.")


class UnmergeCustomerBody(Deciding):
    identifiers: list[IdentifierBody] = Field(min_length=1, max_length=MAX_PARTED)


class RevokeDecisionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Words


class RevocationView(BaseModel):
    at: datetime
    actor: Actor
    reason: str | None = Field(description="null once somebody it is about is forgotten.")


class SideView(BaseModel):
    """One side of a decision, as it is now."""

    customers: list[uuid.UUID] = Field(description="Whose these identifiers are.")
    identifiers: list[IdentifierView] = Field(
        description=f"At most {SHOWN_MEMBERS}; without those that are forgotten."
    )


class DecisionView(BaseModel):
    """What a person decided: `merge`: both sides are one person. `unmerge`: the left side was
    parted from the right one. `keep_apart`: they are two people."""

    id: uuid.UUID
    kind: DecisionKind
    at: datetime
    actor: Actor
    reason: str | None = Field(description="null once somebody it is about is forgotten.")
    evidence: str | None
    two_customer_ids: bool
    in_force: bool
    revoked: RevocationView | None
    left: SideView
    right: SideView


class Identities(BaseModel):
    id: uuid.UUID
    merged_from: list[uuid.UUID]
    identifiers: list[IdentityItem]
    merges: list[MoveView]
    decisions: list[DecisionView] = Field(description="Of people; those revoked as well.")


class WhyView(BaseModel):
    code: str
    label_zh: str
    label_en: str
    speaks_for: bool


class SuggestionView(BaseModel):
    """Two customers that may be one person."""

    customers: list[uuid.UUID] = Field(min_length=2, max_length=2)
    score: float = Field(ge=0, le=1, description="Which to look at first; no probability.")
    reasons: list[WhyView]
