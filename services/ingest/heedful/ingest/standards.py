"""The data standard of a tenant: what an item of a channel must have. Pure.

A standard says per channel (or `*` for those without one of their own) which fields are demanded,
which touchpoint an item belongs to by what it carries, and on which scale a score is given. It
judges every item of every route; the sender of an API request is told, what a channel sent goes
to quarantine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from heedful.common.contracts import Channel, Name, Number, ScoreKind
from heedful.ingest.models import Posted, PostedFeedback
from heedful.ingest.records import Submission

EVERY_CHANNEL = "*"
MAX_RULES = 200
_ATTRIBUTE = "attributes."
_FIELDS = "identifiers|conversation_id|touchpoint|department|occurred_at|language|score|id"

FieldName = Annotated[
    str, StringConstraints(pattern=rf"^({_FIELDS}|attributes\.[a-z][a-z0-9_]{{0,63}})$")
]
ChannelName = Annotated[
    str, StringConstraints(pattern=rf"^(\*|{'|'.join(channel.value for channel in Channel)})$")
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TouchpointRule(_Part):
    """The first rule whose field has this value gives the item its touchpoint."""

    field: FieldName
    equals: Name | None = None
    starts_with: Name | None = None
    touchpoint: Name

    def fits(self, posted: Posted) -> bool:
        found = _value(posted, self.field)
        if not isinstance(found, str):
            return False
        if self.equals is not None:
            return found == self.equals
        return self.starts_with is None or found.startswith(self.starts_with)


class Scale(_Part):
    minimum: Number
    maximum: Number


class Rules(_Part):
    """What items of one kind must have."""

    required: tuple[FieldName, ...] = Field(default=(), max_length=20)
    touchpoints: tuple[TouchpointRule, ...] = Field(default=(), max_length=MAX_RULES)
    allowed_touchpoints: tuple[Name, ...] = Field(
        default=(), max_length=1000, description="Empty: any."
    )
    scales: dict[ScoreKind, Scale] = Field(
        default_factory=dict, description="A score of this kind has this scale."
    )


class Standard(_Part):
    """The data standard of one channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "feedback": {
                        "required": ["identifiers", "touchpoint"],
                        "touchpoints": [
                            {
                                "field": "attributes.queue",
                                "equals": "billing",
                                "touchpoint": "callcentre.billing",
                            }
                        ],
                        "scales": {"csat": {"minimum": 1, "maximum": 5}},
                    }
                }
            ]
        }
    )

    feedback: Rules = Rules()
    interaction: Rules = Rules()


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that an item lacks."""

    field: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}; {self.mend}"


@dataclass(frozen=True, slots=True)
class TenantRules:
    """The standards of one tenant by channel."""

    standards: Mapping[str, Standard] = field(default_factory=dict)
    max_future: timedelta = timedelta(hours=1)

    def judge(
        self, given: Submission, received_at: datetime
    ) -> tuple[Submission, Sequence[Violation]]:
        """The item with its touchpoint, and all that is wrong with it."""
        rules = self._rules(given.posted)
        if rules is None:
            return given, self._future(given.posted, received_at)
        placed = _placed(given, rules)
        found = [
            *_missing(placed.posted, rules),
            *_touchpoint(placed.posted, rules),
            *_scale(placed.posted, rules),
            *self._future(placed.posted, received_at),
        ]
        return placed, found

    def _rules(self, posted: Posted) -> Rules | None:
        if not self.standards:
            return None
        channel = posted.channel.value if posted.channel else EVERY_CHANNEL
        standard = self.standards.get(channel) or self.standards.get(EVERY_CHANNEL)
        if standard is None:
            return None
        return standard.feedback if isinstance(posted, PostedFeedback) else standard.interaction

    def _future(self, posted: Posted, received_at: datetime) -> Sequence[Violation]:
        if posted.occurred_at is None or posted.occurred_at - received_at <= self.max_future:
            return ()
        ahead = (posted.occurred_at - received_at).total_seconds()
        return [
            Violation(
                "occurred_at",
                f"is {ahead / 3600:.1f} hours in the future",
                "check the sender's clock and the time's offset (+08:00 is Beijing)",
            )
        ]


class Standards(Protocol):
    """Where the rules of each tenant are."""

    async def of(self, tenant: str) -> TenantRules: ...


def _placed(given: Submission, rules: Rules) -> Submission:
    for rule in rules.touchpoints:
        if rule.fits(given.posted):
            posted = given.posted.model_copy(update={"touchpoint": rule.touchpoint})
            mapped = {**given.provenance.mapping, "touchpoint": f"standard: by {rule.field}"}
            provenance = given.provenance.model_copy(update={"mapping": mapped})
            return replace(given, posted=posted, provenance=provenance)
    return given


def _missing(posted: Posted, rules: Rules) -> Sequence[Violation]:
    return [
        Violation(name, "is missing", "this tenant's data standard demands it of this channel")
        for name in rules.required
        if not _value(posted, name)
    ]


def _touchpoint(posted: Posted, rules: Rules) -> Sequence[Violation]:
    allowed = rules.allowed_touchpoints
    if not allowed or posted.touchpoint is None or posted.touchpoint in allowed:
        return ()
    return [
        Violation(
            "touchpoint",
            "is not one of the data standard's",
            f"use one of {', '.join(allowed[:10])}{' …' if len(allowed) > 10 else ''}, or add it",
        )
    ]


def _scale(posted: Posted, rules: Rules) -> Sequence[Violation]:
    score = posted.score if isinstance(posted, PostedFeedback) else None
    if score is None or (wanted := rules.scales.get(score.kind)) is None:
        return ()
    if (score.minimum, score.maximum) == (wanted.minimum, wanted.maximum):
        return ()
    return [
        Violation(
            "score",
            f"has the scale {score.minimum:g} to {score.maximum:g}",
            f"{score.kind.value} is given from {wanted.minimum:g} to {wanted.maximum:g} here",
        )
    ]


def _value(posted: Posted, name: str) -> object:
    if name.startswith(_ATTRIBUTE):
        return posted.attributes.get(name.removeprefix(_ATTRIBUTE))
    return getattr(posted, name, None)
