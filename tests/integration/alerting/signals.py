"""Signals of journey, and feedback that they show by."""

from typing import Any

from heedful.alerting.signals.signal import SOURCE
from heedful.common.contracts import (
    Aspect,
    Colour,
    Enrichment,
    Feedback,
    ItemKind,
    JourneySignal,
    Polarity,
    SignalItem,
    SignalKind,
)
from heedful.common.events import deterministic_id
from tests.integration.alerting.world import T0, World, enriched, feedback, phone
from tests.integration.conftest import TENANT

TOPIC = "delivery.late"


def about(of: Feedback, colour: Colour = Colour.RED, topic: str = TOPIC) -> Enrichment:
    """A feedback that complains of a topic."""
    aspect = Aspect(topic=topic, polarity=Polarity.NEGATIVE, confidence=0.9)
    return enriched(of, colour).model_copy(update={"aspects": (aspect,)})


def item_of(of: Feedback) -> SignalItem:
    return SignalItem(kind=ItemKind.FEEDBACK, source=of.source, id=of.id)


def signal(*evidence: Feedback, number: int = 1, **changes: Any) -> JourneySignal:
    """A third contact on one topic, shown by the last feedback."""
    items = tuple(item_of(one) for one in evidence)
    last = evidence[-1] if evidence else feedback(conversation_id=None)
    values: dict[str, Any] = {
        "tenant": TENANT,
        "id": f"signal-{number}",
        "kind": SignalKind.REPEATED_CONTACT,
        "customer_id": "customer-1",
        "identifiers": (phone("+8613800138000"),),
        "detected_at": T0,
        "colour": Colour.RED,
        "summary_zh": "5 天内第 3 次为同一问题联系",
        "summary_en": "Contact 3 on the same matter within 5 days",
        "trigger": items[-1] if items else None,
        "evidence": items,
        "topics": (TOPIC,),
        "channel": last.channel.value,
        "touchpoint": last.touchpoint,
        "conversation_id": last.conversation_id,
    }
    return JourneySignal(**{**values, **changes})


def silence(number: int = 1, **changes: Any) -> JourneySignal:
    """A customer who buys no more."""
    order = SignalItem(kind=ItemKind.INTERACTION, source="shop", id="order-1")
    values: dict[str, Any] = {
        "kind": SignalKind.CHURN_RISK,
        "colour": Colour.AMBER,
        "confidence": 0.95,
        "trigger": order,
        "evidence": (order,),
        "topics": (),
        "channel": None,
        "touchpoint": None,
    }
    return signal(number=number, **{**values, **changes})


def own_case(of: JourneySignal) -> str:
    """The id of the case that it opens, of which there is none yet."""
    shows_by = of.trigger
    if shows_by is not None and shows_by.kind is ItemKind.FEEDBACK:
        return deterministic_id("case", of.tenant, shows_by.source, shows_by.id)
    return deterministic_id("case", of.tenant, SOURCE, of.id)


async def show(world: World, *signals: JourneySignal) -> None:
    await world.consume(*signals, by=world.signals)


async def outcomes(world: World) -> dict[str, str]:
    rows = await world.query("SELECT id, outcome FROM alerting.signal")
    return {row.id: row.outcome for row in rows}
