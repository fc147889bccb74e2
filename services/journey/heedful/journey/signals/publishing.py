"""A sign as the record that others read."""

import uuid
from collections.abc import Sequence
from typing import Final

from heedful.common.bus.base import Outgoing
from heedful.common.contracts import (
    Identifier,
    ItemKind,
    JourneySignal,
    SignalItem,
    SignalKind,
)
from heedful.common.events import deterministic_id, partition_key, to_record
from heedful.common.topics import JOURNEY_SIGNAL
from heedful.journey.lifecycle.events import Happened
from heedful.journey.publishing import SERVICE
from heedful.journey.signals.sign import Sign

_MOST_WORDS: Final = 500


def signal_of(
    tenant: str, customer: uuid.UUID, sign: Sign, identifiers: Sequence[Identifier]
) -> JourneySignal:
    """The same for the same sign, whoever the customer is merged with later.

    Args:
        identifiers: that its trigger carried.
    """
    abouts, trigger = sorted(sign.matters), sign.trigger
    return JourneySignal(
        tenant=tenant,
        id=deterministic_id(tenant, "signal", sign.kind.value, *abouts, *trigger.key),
        kind=sign.kind,
        customer_id=str(customer),
        identifiers=tuple(identifiers),
        detected_at=sign.at,
        colour=sign.colour,
        confidence=sign.confidence,
        summary_zh=sign.summary_zh[:_MOST_WORDS],
        summary_en=sign.summary_en[:_MOST_WORDS],
        feedback_ids=tuple(one.key[2] for one in sign.evidence if one.interaction is None),
        interaction_ids=tuple(one.key[2] for one in sign.evidence if one.interaction is not None),
        trigger=_item(trigger),
        evidence=tuple(_item(one) for one in sign.evidence),
        topics=tuple(abouts) if sign.kind is SignalKind.REPEATED_CONTACT else trigger.topics,
        channel=trigger.channel,
        touchpoint=trigger.touchpoint,
        conversation_id=trigger.conversation_id,
        pattern=sign.pattern,
    )


def _item(event: Happened) -> SignalItem:
    kind, source, id_ = event.key
    return SignalItem(kind=ItemKind(kind), source=source, id=id_)


def record(signal: JourneySignal, key_secret: bytes) -> Outgoing:
    """The record of a signal.

    Args:
        key_secret: of record keys; the same for every service.
    """
    return to_record(
        JOURNEY_SIGNAL,
        signal,
        id=signal.id,
        source=f"/{signal.tenant}/{SERVICE}",
        key=partition_key(key_secret, signal.tenant, None, (), signal.customer_id),
        time=signal.detected_at,
    )
