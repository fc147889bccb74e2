"""What `/v1/customers/{id}/signals` and `/v1/customers/{id}/value` answer with."""

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from heedful.common.contracts import Colour, SignalKind
from heedful.journey.api.models import EventRef


class Standing(StrEnum):
    TOLD = "told"
    DUE = "due"
    HISTORY = "history"


class SignalView(BaseModel):
    """A signal of a customer's journey."""

    kind: SignalKind
    label_zh: str
    label_en: str
    standing: Standing = Field(
        description="told: alerting knows of it; due: it is told at `at`, or within seconds, "
        "unless something happens before; history: it showed, and it was too late or too long ago "
        "to tell anybody."
    )
    at: datetime
    colour: Colour
    confidence: float | None = Field(description="Null: it is a fact and not an estimate.")
    summary_zh: str
    summary_en: str
    topics: list[str]
    trigger: EventRef = Field(description="The event that it shows by.")
    evidence: list[EventRef] = Field(description="What to look at, in the order of time.")


class SignalsView(BaseModel):
    """`customer_id` differs from the one asked for when that was merged into this one."""

    customer_id: uuid.UUID
    signals: list[SignalView] = Field(description="The newest first, at most 100.")


class ValueView(BaseModel):
    """What a customer has bought: orders, or payments of who has no order. Amounts are in the
    tenant's own currency, as they were posted."""

    customer_id: uuid.UUID
    purchases: int = Field(description="Days on which they bought.")
    first_at: datetime | None
    last_at: datetime | None
    paid: float | None = Field(description="In all. Null: no purchase has an amount.")
    paid_last_year: float | None = Field(description="In the 365 days before now.")
    days_between: float | None = Field(description="On average; null with less than two purchases.")
    without_amount: int = Field(description="Orders or payments that say no amount.")
