"""A signal as alerting reads it."""

from typing import Any

import pytest

from heedful.alerting import matching
from heedful.alerting.policies.matching import Item
from heedful.alerting.records import FeedbackKey
from heedful.alerting.signals.signal import Signal, signal_of
from heedful.common.contracts import (
    Colour,
    Identifier,
    IdentifierType,
    ItemKind,
    JourneySignal,
    SignalItem,
    SignalKind,
)
from tests.unit.alerting.messages import NOW

SECRET = b"m" * 32
PHONE = Identifier(type=IdentifierType.PHONE, value="13800138000")
EXTERNAL = Identifier(type=IdentifierType.EXTERNAL, value="17")
COMPLAINT = SignalItem(kind=ItemKind.FEEDBACK, source="calls", id="1")
ORDER = SignalItem(kind=ItemKind.INTERACTION, source="shop", id="1")


def read(**changes: Any) -> Signal:
    values: dict[str, Any] = {
        "tenant": "acme",
        "id": "s1",
        "kind": SignalKind.REPEATED_CONTACT,
        "customer_id": "c1",
        "identifiers": (PHONE, EXTERNAL),
        "detected_at": NOW,
        "colour": Colour.RED,
        "summary_zh": "第三次联系",
        "summary_en": "third contact",
        "trigger": COMPLAINT,
        "evidence": (ORDER, COMPLAINT),
        "topics": ("late", "rude"),
        "channel": "call",
        "touchpoint": "hotline",
        "conversation_id": "talk-1",
    }
    return signal_of(JourneySignal(**{**values, **changes}), SECRET)


def test_its_customer_is_found_as_that_of_the_feedback_that_it_shows_by() -> None:
    """An external id is one of the system that the feedback came from."""
    heard = matching.Named(SECRET, "acme", "calls", "talk-1", (PHONE, EXTERNAL))
    assert read().customer.keys == heard.keys
    assert read().customer.talk == heard.talk


def test_without_its_trigger_nobody_knows_whose_external_ids_these_are() -> None:
    by_phone = matching.Named(SECRET, "acme", "", None, (PHONE,))
    assert read(trigger=None, conversation_id=None).customer.keys == by_phone.keys


def test_only_feedback_is_heard() -> None:
    """An order may have the number of a complaint."""
    complaint = FeedbackKey("acme", "calls", "1")
    assert (read().said, read().heard) == (complaint, [complaint])
    assert read(trigger=ORDER).said is None


@pytest.mark.parametrize("kind", SignalKind)
def test_of_silence_nothing_was_said(kind: SignalKind) -> None:
    said = {
        SignalKind.REPEATED_CONTACT,
        SignalKind.SATISFIED_BUT_LEAVING,
        SignalKind.PATTERN_UNDER_WAY,
    }
    assert read(kind=kind).speaks == (kind in said)


def test_its_matter_is_what_journey_says_and_else_what_is_remembered() -> None:
    known = Item(
        channel="email",
        colour="green",
        topic="price",
        topics=("price",),
        touchpoint="shop",
        department="sales",
    )
    own = Item(channel="call", topic="late", topics=("late", "rude"), touchpoint="hotline")
    assert read().matter(None) == own
    assert read(channel=None).matter(None).channel == "other"
    said = read().matter(known)
    assert (said.topic, said.topics, said.touchpoint) == ("late", ("late", "rude"), "hotline")
    assert (said.channel, said.colour, said.department) == ("email", "green", "sales")
    assert read(topics=(), touchpoint=None).matter(known) == known
