"""Feedback and interactions for the tests of journey, as short as they can be said."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from heedful.common.bus.base import LogRecord
from heedful.common.contracts import (
    Aspect,
    Channel,
    Colour,
    Contract,
    Embedding,
    Enrichment,
    Feedback,
    Identifier,
    IdentifierType,
    Interaction,
    InteractionKind,
    Light,
    Polarity,
    Sentiment,
    Versions,
)
from heedful.common.events import Delivery, deterministic_id, from_record, to_record
from heedful.common.topics import FEEDBACK_ENRICHED, INTERACTION_RECORDED, Topic

TENANT = "acme"
START = datetime(2026, 11, 1, 8, tzinfo=UTC)
VERSIONS = Versions(model="m1", lexicon="l1", taxonomy="t1", policy="p1")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def identifiers(*names: str) -> tuple[Identifier, ...]:
    """From `type:value`."""
    parts = [name.split(":", 1) for name in names]
    return tuple(Identifier(type=IdentifierType(kind), value=value) for kind, value in parts)


def feedback(
    number: int,
    *names: str,
    hours: float | None = None,
    enriched: float | None = None,
    colour: Colour = Colour.GREY,
    topics: Sequence[str] = (),
    tenant: str = TENANT,
    source: str = "crm",
    embedding: Embedding | None = None,
    **fields: Any,
) -> Delivery:
    """An enriched feedback; `number` is its id and, unless told, the hour when it was said."""
    when = at(number if hours is None else hours)
    said = Feedback.model_validate(
        {
            "tenant": tenant,
            "source": source,
            "id": f"f{number}",
            "channel": Channel.CHAT,
            "text": "很好",
            "occurred_at": when,
            "received_at": when,
            "identifiers": identifiers(*names),
            **fields,
        }
    )
    payload = Enrichment(
        tenant=tenant,
        id=deterministic_id(tenant, source, said.id, "enrich"),
        feedback=said,
        enriched_at=when if enriched is None else at(enriched),
        language="zh",
        sentiment=Sentiment(polarity=Polarity.POSITIVE, confidence=0.9),
        aspects=tuple(
            Aspect(topic=topic, polarity=Polarity.POSITIVE, confidence=0.9) for topic in topics
        ),
        light=Light(colour=colour),
        versions=VERSIONS,
        embedding=embedding,
    )
    return delivery(FEEDBACK_ENRICHED, payload, payload.id, source, when)


def interaction(
    number: int,
    *names: str,
    hours: float | None = None,
    kind: InteractionKind = InteractionKind.ORDER,
    tenant: str = TENANT,
    source: str = "shop",
    **fields: Any,
) -> Delivery:
    """An interaction; `number` is its id and, unless told, the hour when it happened."""
    when = at(number if hours is None else hours)
    payload = Interaction.model_validate(
        {
            "tenant": tenant,
            "source": source,
            "id": f"i{number}",
            "kind": kind,
            "occurred_at": when,
            "received_at": when,
            "identifiers": identifiers(*names),
            **fields,
        }
    )
    return delivery(INTERACTION_RECORDED, payload, payload.id, source, when)


def delivery(
    topic: Topic, payload: Contract, event_id: str, source: str, when: datetime
) -> Delivery:
    """As a consumer's handler gets it, by way of the topic's codec."""
    sent = to_record(topic, payload, id=event_id, source=source, key="k", time=when)
    record = LogRecord(topic.name, 0, 0, 0, sent.key, sent.value, sent.headers)
    return from_record(record, topic)
