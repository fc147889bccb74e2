"""A signal of journey as alerting keeps it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from heedful.alerting import matching
from heedful.alerting.policies.judging import Facts
from heedful.alerting.policies.matching import Item
from heedful.alerting.records import FeedbackKey
from heedful.alerting.signals.shown import Shown
from heedful.common.contracts import (
    Channel,
    IdentifierType,
    ItemKind,
    JourneySignal,
    SignalItem,
    SignalKind,
)

SOURCE: Final = "heedful-journey"
"""Stands for the source of a case that no feedback gave rise to."""

_SPEAKING: Final = frozenset(
    {
        SignalKind.REPEATED_CONTACT,
        SignalKind.SATISFIED_BUT_LEAVING,
        SignalKind.PATTERN_UNDER_WAY,
    }
)


class SignalOutcome(StrEnum):
    """What came of a signal. `noted`: on a case that was settled, which stays so; `late`: it is
    history; `unplaced`: the policy lets it only join, and there is no open case."""

    OPENED = "opened"
    JOINED = "joined"
    REOPENED = "reopened"
    NOTED = "noted"
    UNPLACED = "unplaced"
    IGNORED = "ignored"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal with whom and what it is about.

    Attributes:
        trigger: the item that it shows by; older journeys do not say.
        evidence: what to look at, in the order of time.
        item: its matter.
    """

    tenant: str
    shown: Shown
    customer_id: str
    detected_at: datetime
    trigger: SignalItem | None
    evidence: tuple[SignalItem, ...]
    item: Item
    customer: matching.Customer

    @property
    def keys(self) -> tuple[FeedbackKey, ...]:
        """Of the case that it opens: that of the feedback it shows by and, where there is none or
        it has its case, one of its own, for one signal can open one case."""
        own = FeedbackKey(self.tenant, SOURCE, self.shown.id)
        return (own,) if self.said is None else (self.said, own)

    @property
    def said(self) -> FeedbackKey | None:
        """The feedback that it shows by."""
        trigger = self.trigger
        if trigger is None or trigger.kind is not ItemKind.FEEDBACK:
            return None
        return FeedbackKey(self.tenant, trigger.source, trigger.id)

    @property
    def heard(self) -> list[FeedbackKey]:
        """The feedback among its evidence."""
        return [
            FeedbackKey(self.tenant, one.source, one.id)
            for one in self.evidence
            if one.kind is ItemKind.FEEDBACK
        ]

    @property
    def speaks(self) -> bool:
        """Whether the customer said something; of others it is silence that shows them."""
        return self.shown.facts.kind in _SPEAKING

    def matter(self, known: Item | None) -> Item:
        """What journey says of its matter, and else what alerting remembers.

        Args:
            known: the feedback that it shows by.
        """
        if known is None:
            return self.item
        own = self.item
        return replace(
            known,
            topic=own.topic or known.topic,
            topics=own.topics or known.topics,
            touchpoint=own.touchpoint or known.touchpoint,
        )


def signal_of(payload: JourneySignal, secret: bytes) -> Signal:
    """
    Args:
        secret: the key of match keys.
    """
    topics, trigger = payload.topics, payload.trigger
    # Without its trigger nobody knows whose external ids these are.
    identifiers = tuple(
        one
        for one in payload.identifiers
        if trigger is not None or one.type is not IdentifierType.EXTERNAL
    )
    source = "" if trigger is None else trigger.source
    return Signal(
        tenant=payload.tenant,
        shown=Shown(
            id=payload.id,
            facts=Facts(payload.kind, payload.colour, payload.confidence),
            summary_zh=payload.summary_zh,
            summary_en=payload.summary_en,
        ),
        customer_id=payload.customer_id,
        detected_at=payload.detected_at,
        trigger=trigger,
        evidence=payload.evidence,
        item=Item(
            channel=payload.channel or Channel.OTHER.value,
            topic=topics[0] if topics else None,
            topics=topics,
            touchpoint=payload.touchpoint,
        ),
        customer=matching.Named(
            secret, payload.tenant, source, payload.conversation_id, identifiers
        ),
    )
