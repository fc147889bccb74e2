"""Feedback and interactions for the tests of journey, as short as they can be said."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from heedful.common.bus.base import Record
from heedful.common.contracts import (
    Channel,
    Colour,
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
from heedful.common.topics import FEEDBACK_ENRICHED, INTERACTION_RECORDED

TENANT = "acme"
START = datetime(2026, 11, 1, 8, tzinfo=UTC)
VERSIONS = Versions(model="m1", lexicon="l1", taxonomy="t1", policy="p1")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def identifiers(*names: str) -> tuple[Identifier, ...]:
    """From `type:value`."""
    return tuple(
        Identifier(type=IdentifierType(name.split(":", 1)[0]), value=name.split(":", 1)[1])
        for name in names
    )


def feedback(
    number: int,
    *names: str,
    hours: float | None = None,
    colour: Colour = Colour.GREY,
    text: str = "很好",
    tenant: str = TENANT,
    source: str = "crm",
    **fields: Any,
) -> Delivery:
    """An enriched feedback; `number` is its id and, unless told, the hour when it was said."""
    when = at(number if hours is None else hours)
    said = Feedback(
        tenant=tenant,
        source=source,
        id=f"f{number}",
        channel=fields.pop("channel", Channel.CHAT),
        text=text,
        occurred_at=when,
        received_at=fields.pop("received_at", when),
        identifiers=identifiers(*names),
        **fields,
    )
    payload = Enrichment(
        tenant=tenant,
        id=deterministic_id(tenant, source, said.id, "enrich"),
        feedback=said,
        enriched_at=when,
        language="zh",
        sentiment=Sentiment(polarity=Polarity.POSITIVE, confidence=0.9),
        light=Light(colour=colour),
        versions=VERSIONS,
    )
    return _delivery(FEEDBACK_ENRICHED, payload, payload.id, source, when)


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
    payload = Interaction(
        tenant=tenant,
        source=source,
        id=f"i{number}",
        kind=kind,
        occurred_at=when,
        received_at=fields.pop("received_at", when),
        identifiers=identifiers(*names),
        **fields,
    )
    return _delivery(INTERACTION_RECORDED, payload, payload.id, source, when)


def shuffled(items: Sequence[Delivery], seed: int) -> list[Delivery]:
    mixed = list(items)
    random.Random(seed).shuffle(mixed)
    return mixed


def _delivery(topic: Any, payload: Any, event_id: str, source: str, when: datetime) -> Delivery:
    sent = to_record(topic, payload, id=event_id, source=source, key="k", time=when)
    record = Record(topic.name, 0, 0, 0, sent.key, sent.value, sent.headers)
    return from_record(record, topic)
