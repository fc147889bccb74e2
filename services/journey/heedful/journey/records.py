"""From a payload of a topic to the row that journey remembers."""

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from heedful.common.contracts import Enrichment, Interaction
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.journey.identifiers import Node, nodes
from heedful.journey.measures import Measures, of_feedback, of_interaction
from heedful.journey.search.said import Said
from heedful.journey.spellings import stripped

# An escaped NUL, not an escaped backslash before "u0000": PostgreSQL's jsonb has no NUL.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LIKE_NUL = rb"\u0000"


@dataclass(frozen=True, slots=True)
class Event:
    """A feedback or an interaction. `(tenant, kind, source, id)` identifies it for ever.

    Attributes:
        enriched_at: of feedback: of two enrichments of one feedback the later one counts.
        measures: what insights read of it beside the rest.
        said: of feedback: what can be searched. `payload` is without the embedding.
    """

    tenant: str
    kind: str
    source: str
    id: str
    occurred_at: datetime
    received_at: datetime
    enriched_at: datetime | None
    channel: str | None
    touchpoint: str | None
    department: str | None
    interaction_kind: str | None
    colour: str | None
    polarity: str | None
    topics: tuple[str, ...]
    conversation_id: str | None
    nodes: tuple[Node, ...]
    measures: Measures
    payload: str
    said: Said | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.tenant, self.kind, self.source, self.id


def read(delivery: Delivery, region: str) -> Event:
    """The event of one record.

    Args:
        region: country of phone numbers without a country code.

    Raises:
        InvalidMessage: the payload cannot be stored, now or later.
    """
    data = delivery.event.data or b""
    # To look for the plain bytes first takes a hundredth of the time.
    if _LIKE_NUL in data and _NUL.search(data):
        raise InvalidMessage("nul_character", "the payload holds the character U+0000")
    payload = delivery.payload
    if isinstance(payload, Enrichment):
        return _of_feedback(payload, data.decode(), region)
    if isinstance(payload, Interaction):
        return _of_interaction(payload, data.decode(), region)
    raise InvalidMessage("unexpected_type", "journey reads feedback and interactions")


def without(event: Event, gone: Collection[uuid.UUID], region: str) -> Event:
    """The event as if it had not carried these identifiers.

    Args:
        region: country of phone numbers without a country code.
    """
    return replace(
        event,
        nodes=tuple(node for node in event.nodes if node.id not in gone),
        payload=stripped(event.payload, event.tenant, event.source, gone, region),
    )


def _of_feedback(payload: Enrichment, data: str, region: str) -> Event:
    said = payload.feedback
    return Event(
        tenant=payload.tenant,
        kind="feedback",
        source=said.source,
        id=said.id,
        occurred_at=said.occurred_at,
        received_at=said.received_at,
        enriched_at=payload.enriched_at,
        channel=said.channel,
        touchpoint=said.touchpoint,
        department=said.department,
        interaction_kind=None,
        colour=payload.light.colour,
        polarity=None if payload.sentiment is None else payload.sentiment.polarity,
        topics=tuple(dict.fromkeys(aspect.topic for aspect in payload.aspects)),
        conversation_id=said.conversation_id,
        nodes=nodes(payload.tenant, said.source, said.identifiers, region),
        measures=of_feedback(payload),
        payload=data if payload.embedding is None else _without_embedding(data),
        said=Said(payload.tenant, said.source, said.id, said.text, payload.embedding),
    )


def _without_embedding(data: str) -> str:
    """It is kept where it is searched, and a third of a short payload."""
    payload = orjson.loads(data)
    del payload["embedding"]
    return orjson.dumps(payload).decode()


def _of_interaction(payload: Interaction, data: str, region: str) -> Event:
    return Event(
        tenant=payload.tenant,
        kind="interaction",
        source=payload.source,
        id=payload.id,
        occurred_at=payload.occurred_at,
        received_at=payload.received_at,
        enriched_at=None,
        channel=payload.channel,
        touchpoint=payload.touchpoint,
        department=payload.department,
        interaction_kind=payload.kind,
        colour=None,
        polarity=None,
        topics=(),
        conversation_id=payload.conversation_id,
        nodes=nodes(payload.tenant, payload.source, payload.identifiers, region),
        measures=of_interaction(payload),
        payload=data,
    )
