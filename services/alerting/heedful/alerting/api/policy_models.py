"""What the API of policies takes and shows."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from heedful.alerting.policies.builtin import builtin
from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.policies.judging import Facts
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect
from heedful.alerting.policies.store import Policy
from heedful.common.contracts import (
    Channel,
    ClockMetric,
    Colour,
    IntentLabel,
    Name,
    SignalKind,
    WrittenTime,
)
from heedful.common.contracts.enrichment import Probability

_HOUR = timedelta(hours=1)
EXAMPLE: dict[str, Any] = builtin(24 * _HOUR, 48 * _HOUR, 72 * _HOUR, _HOUR).model_dump(
    mode="json", exclude_none=True
)

PolicyVersion = Annotated[int, Path(alias="version", ge=1, le=2_000_000_000, examples=[3])]


class PolicyBody(PolicyDocument):
    """A policy: which items become cases, by which clocks, and who hears when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    @property
    def document(self) -> PolicyDocument:
        return PolicyDocument(**{name: getattr(self, name) for name in PolicyDocument.model_fields})


class PolicyOut(BaseModel):
    """One version; it never changes. Version 0 is built in."""

    version: int = Field(examples=[3])
    active: bool = Field(description="Clocks that start now are started by it.")
    created_at: datetime | None
    created_by: str | None
    activated_at: datetime | None
    document: PolicyDocument = Field(examples=[EXAMPLE])


class SignalBody(BaseModel):
    """A signal of journey to try a policy with."""

    model_config = ConfigDict(extra="forbid")

    kind: SignalKind = Field(examples=["churn_risk"])
    colour: Colour = Field(default=Colour.AMBER, description="The light that journey gives it.")
    confidence: Probability | None = Field(default=None, examples=[0.95])

    @property
    def facts(self) -> Facts:
        return Facts(self.kind, self.colour, self.confidence)


class ItemBody(BaseModel):
    """An item to try a policy with: what nlp would say of it."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel = Channel.OTHER
    colour: Colour | None = Field(default=None, description="null: no labels came in time.")
    needs_response: bool | None = None
    intent: IntentLabel | None = Field(default=None, examples=["complaint"])
    urgencies: list[Name] = Field(default_factory=list, max_length=50, examples=[["legal"]])
    topics: list[Name] = Field(default_factory=list, max_length=100)
    touchpoint: Name | None = None
    department: Name | None = None
    tier: Name | None = Field(default=None, examples=["gold"])
    received_at: WrittenTime = Field(description="When the clocks would start.")
    signal: SignalBody | None = Field(
        default=None,
        description="In place of labels: the item is what this signal is about.",
    )

    @property
    def item(self) -> Item:
        return Item(
            channel=self.channel.value,
            colour=self.colour.value if self.colour else None,
            needs_response=self.needs_response,
            intent=self.intent.value if self.intent else None,
            urgencies=tuple(self.urgencies),
            topic=self.topics[0] if self.topics else None,
            topics=tuple(self.topics),
            touchpoint=self.touchpoint,
            department=self.department,
            tier=self.tier,
        )


class TriedStep(BaseModel):
    """A step of the ladder as it would come if nobody did anything."""

    clock: ClockMetric
    step: str = Field(examples=["half"])
    at: datetime
    told_at: datetime
    notify: list[str] = Field(examples=[["owner"]])


class Tried(BaseModel):
    """What would become of the item."""

    rule: str = Field(examples=["red"])
    opens: bool = Field(
        description="Whether it would become a case, if there is none of its matter."
    )
    effect: Effect | None = Field(description="Of a signal; null of feedback.")
    deadlines: dict[ClockMetric, datetime] = Field(
        examples=[{"respond": "2026-11-25T00:15:00Z", "plan": "2026-11-26T00:15:00Z"}]
    )
    steps: list[TriedStep]


def policy_out(policy: Policy) -> PolicyOut:
    return PolicyOut(
        version=policy.version,
        active=policy.active,
        created_at=policy.created_at,
        created_by=policy.created_by,
        activated_at=policy.activated_at,
        document=policy.document,
    )


def builtin_out(document: PolicyDocument, *, active: bool) -> PolicyOut:
    """The policy of a tenant that has none of its own."""
    return PolicyOut(
        version=0,
        active=active,
        created_at=None,
        created_by=None,
        activated_at=None,
        document=document,
    )
