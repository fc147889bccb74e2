"""What callers post: the contracts without what the server sets (tenant, received_at).

`id` and `source` make a post repeatable: the same pair with the same body is a duplicate, with
another body a conflict. Without an id one is made, and a repeated post is a new item.
"""

import hashlib
from datetime import datetime

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator
from pydantic_core import PydanticCustomError

from heedful.common.contracts import (
    Actor,
    Channel,
    Dialogue,
    Direction,
    Feedback,
    Identifiers,
    Interaction,
    InteractionKind,
    Name,
    Number,
    Provenance,
    Redaction,
    Score,
    Speaker,
    WrittenTime,
)
from heedful.common.contracts.feedback import MAX_TEXT_CHARS, Attributes, Text

DEFAULT_SOURCE = "api"
# PostgreSQL keeps no such character in a text.
_NO_NUL = r"^[^\x00]*$"
Written = WrittenTime


class _Posted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: Name | None = Field(default=None, description="Yours; makes the post repeatable.")
    source: Name = Field(default=DEFAULT_SOURCE, description="The system that posts.")
    occurred_at: Written | None = Field(default=None, description="Default: now.")
    identifiers: Identifiers = ()
    conversation_id: Name | None = None
    touchpoint: Name | None = None
    department: Name | None = None
    attributes: Attributes = Field(default_factory=dict)
    backfill: StrictBool = Field(
        default=False, description="History: never opens cases or notifies."
    )

    def digest(self) -> bytes:
        """SHA-256 of what the caller means: key order, white space and a default that is given
        or left out make no difference, so a newer client may repeat an older one's post."""
        # What `model_dump` calls.
        given = self.__pydantic_serializer__.to_python(self, mode="json", exclude_defaults=True)
        return hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).digest()


class PostedFeedback(_Posted):
    """One utterance of one customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "call-20261124-0815",
                    "source": "callcentre",
                    "channel": "call",
                    "text": "你好，我昨天在你们店里做的保养，今天高速上刹车突然变软了。",
                    "occurred_at": "2026-11-24T08:15:00+08:00",
                    "identifiers": [{"type": "phone", "value": "13900001234"}],
                    "conversation_id": "call-20261124-0815",
                    "touchpoint": "callcentre.inbound",
                }
            ]
        }
    )

    channel: Channel
    text: Text
    language: str | None = Field(default=None, max_length=35, pattern=_NO_NUL)
    score: Score | None = None
    dialogue: Dialogue | None = Field(
        default=None,
        description="Who said what. Without a `text`, the customer's turns are the text.",
    )

    @model_validator(mode="before")
    @classmethod
    def _text_of_dialogue(cls, given: object) -> object:
        if not isinstance(given, dict) or given.get("text") or not given.get("dialogue"):
            return given
        turns = given["dialogue"]
        if not isinstance(turns, list | tuple):
            return given
        said = [turn.get("text") for turn in turns if _is_customers(turn)]
        return {**given, "text": "\n".join(part for part in said if isinstance(part, str))}

    @field_validator("dialogue")
    @classmethod
    def _bounded(cls, dialogue: Dialogue | None) -> Dialogue | None:
        if sum(len(turn.text) for turn in dialogue or ()) > MAX_TEXT_CHARS:
            raise PydanticCustomError(
                "dialogue_too_long", f"its turns have more than {MAX_TEXT_CHARS} characters"
            )
        return dialogue

    @field_validator("score")
    @classmethod
    def _on_its_scale(cls, score: Score | None) -> Score | None:
        if score is None or score.minimum <= score.value <= score.maximum > score.minimum:
            return score
        raise PydanticCustomError(
            "score_off_scale", "value must lie on its scale, from minimum to a larger maximum"
        )

    def to_contract(
        self,
        tenant: str,
        id_: str,
        received_at: datetime,
        provenance: Provenance,
        redaction: Redaction,
    ) -> Feedback:
        return Feedback(
            tenant=tenant,
            source=self.source,
            id=id_,
            channel=self.channel,
            text=self.text,
            occurred_at=self.occurred_at or received_at,
            received_at=received_at,
            language=self.language,
            score=self.score,
            identifiers=self.identifiers,
            conversation_id=self.conversation_id,
            touchpoint=self.touchpoint,
            department=self.department,
            attributes=self.attributes,
            backfill=self.backfill,
            dialogue=self.dialogue,
            provenance=provenance,
            redaction=redaction,
        )


class PostedInteraction(_Posted):
    """An order, visit, contact, service record, payment or departure of one customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "out-20261124-0931",
                    "source": "callcentre",
                    "kind": "contact",
                    "direction": "outbound",
                    "actor": {"type": "human", "id": "agent-17"},
                    "occurred_at": "2026-11-24T09:31:00+08:00",
                    "identifiers": [{"type": "phone", "value": "13900001234"}],
                }
            ]
        }
    )

    kind: InteractionKind
    direction: Direction = Direction.NONE
    actor: Actor | None = None
    channel: Channel | None = None
    summary: str | None = Field(default=None, max_length=2000, pattern=_NO_NUL)
    duration_s: Number | None = Field(default=None, ge=0)
    amount: Number | None = None

    def to_contract(
        self,
        tenant: str,
        id_: str,
        received_at: datetime,
        provenance: Provenance,
        redaction: Redaction,
    ) -> Interaction:
        return Interaction(
            tenant=tenant,
            source=self.source,
            id=id_,
            kind=self.kind,
            occurred_at=self.occurred_at or received_at,
            received_at=received_at,
            direction=self.direction,
            actor=self.actor,
            channel=self.channel,
            touchpoint=self.touchpoint,
            department=self.department,
            identifiers=self.identifiers,
            conversation_id=self.conversation_id,
            summary=self.summary,
            duration_s=self.duration_s,
            amount=self.amount,
            attributes=self.attributes,
            backfill=self.backfill,
            provenance=provenance,
            redaction=redaction,
        )


Posted = PostedFeedback | PostedInteraction


def _is_customers(turn: object) -> bool:
    return isinstance(turn, dict) and turn.get("speaker") == Speaker.CUSTOMER
