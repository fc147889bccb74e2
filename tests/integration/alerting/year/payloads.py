"""What a year's happenings are on the log: heedful's contracts."""

from datetime import UTC, datetime
from typing import Final

from heedful.common.bus.base import LogRecord
from heedful.common.contracts import (
    Actor,
    ActorType,
    Aspect,
    Channel,
    Colour,
    Contract,
    Correction,
    Direction,
    Enrichment,
    Feedback,
    Identifier,
    IdentifierType,
    Intent,
    IntentLabel,
    Interaction,
    InteractionKind,
    Light,
    Polarity,
    Reason,
    Versions,
)
from heedful.common.events import Delivery, from_record, to_record
from heedful.common.topics import TOPICS
from tests.integration.alerting.year.scene import Happening, Heard, Item, Met, Understood

SOURCE: Final = "calls"
CRM: Final = "crm"
_TOPIC_OF: Final = {topic.payload: topic for topic in TOPICS}
_VERSIONS: Final = Versions(model="m", lexicon="l", taxonomy="t", policy="p")
_REASON: Final = Reason(code="said", label_zh="说了", label_en="Said")


def delivered(one: Happening, offset: int) -> Delivery:
    """A record as a consumer gets it."""
    payload = _payload(one)
    topic = _TOPIC_OF[type(payload)]
    out = to_record(topic, payload, id=f"e{offset}", source="/year", key="k", time=time(one.at))
    record = LogRecord(topic.name, 0, offset, 0, out.key, out.value, out.headers)
    return from_record(record, topic)


def time(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _payload(one: Happening) -> Contract:
    if isinstance(one, Heard):
        return _feedback(one.item)
    if isinstance(one, Understood):
        return _enrichment(one)
    assert isinstance(one, Met)
    return _interaction(one)


def _feedback(item: Item) -> Feedback:
    return Feedback(
        tenant=item.tenant,
        source=SOURCE,
        id=item.id,
        channel=Channel.CALL,
        text="说了什么",
        occurred_at=time(item.occurred_at),
        received_at=time(item.received_at),
        identifiers=_identifiers(item.people),
        conversation_id=item.conversation,
        touchpoint=item.touchpoint,
        attributes={} if item.tier is None else {"customer_tier": item.tier},
        backfill=item.backfill,
    )


def _enrichment(one: Understood) -> Enrichment:
    topic, intent = one.item.topic, one.intent
    aspect = Aspect(topic=topic, polarity=Polarity.NEGATIVE, confidence=1) if topic else None
    return Enrichment(
        tenant=one.item.tenant,
        id=f"en-{one.item.id}-{one.number}",
        feedback=_feedback(one.item),
        enriched_at=time(one.at),
        language="zh",
        aspects=() if aspect is None else (aspect,),
        intent=None if intent is None else Intent(label=IntentLabel(intent), confidence=1),
        needs_response=one.needs_response,
        light=Light(colour=Colour(one.colour), reasons=(_REASON,)),
        versions=_VERSIONS,
        corrections=(_correction(one),) if one.corrected else (),
    )


def _correction(one: Understood) -> Correction:
    return Correction(
        id=f"co-{one.item.id}-{one.number}",
        label="light",
        was=None,
        value=one.colour,
        actor=Actor(type=ActorType.HUMAN, id="staff"),
        at=time(one.at),
    )


def _interaction(one: Met) -> Interaction:
    return Interaction(
        tenant=one.tenant,
        source=CRM,
        id=one.id,
        kind=InteractionKind.CONTACT if one.contact else InteractionKind.ORDER,
        occurred_at=time(one.occurred_at),
        received_at=time(one.received_at),
        direction=Direction.OUTBOUND if one.outbound else Direction.INBOUND,
        actor=Actor(type=ActorType.HUMAN if one.human else ActorType.BOT, id="agent-7"),
        identifiers=_identifiers(one.people),
        conversation_id=one.conversation,
    )


def _identifiers(people: tuple[str, ...]) -> tuple[Identifier, ...]:
    return tuple(Identifier(type=IdentifierType.CUSTOMER_ID, value=name) for name in people)
