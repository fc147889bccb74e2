"""From a record's payload to the row that is remembered."""

import dataclasses

import orjson
import pytest

from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEvent,
    CaseEventKind,
    Colour,
    Deadlines,
    Interaction,
)
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.common.topics import CASE_EVENT
from heedful.journey.records import read
from tests.unit.journey.material import START, at, delivery, feedback, interaction


def with_member(given: Delivery, raw: bytes) -> Delivery:
    """The same event with an unknown member `later`, whose JSON is `raw`."""
    assert given.event.data is not None
    data = given.event.data[:-1] + b',"later":' + raw + b"}"
    return dataclasses.replace(given, event=dataclasses.replace(given.event, data=data))


def test_feedback_keeps_what_counts() -> None:
    event = read(
        feedback(
            7,
            "phone:139 0000 1234",
            colour=Colour.RED,
            topics=["queue", "price", "queue"],
            enriched=9,
            touchpoint="store.visit",
            department="store",
            conversation_id="k1",
        ),
        "CN",
    )
    assert event.key == ("acme", "feedback", "crm", "f7")
    assert (event.occurred_at, event.enriched_at) == (at(7), at(9))
    assert (event.colour, event.polarity, event.channel) == ("red", "positive", "chat")
    assert (event.touchpoint, event.department) == ("store.visit", "store")
    assert event.topics == ("queue", "price")
    assert event.conversation_id == "k1"
    assert [one.value for one in event.nodes] == ["+8613900001234"]
    assert event.interaction_kind is None


def test_an_interaction_has_a_kind_and_no_light() -> None:
    event = read(interaction(3, "customer_id:c1", touchpoint="app.checkout"), "CN")
    assert event.key == ("acme", "interaction", "shop", "i3")
    assert (event.interaction_kind, event.colour, event.polarity) == ("order", None, None)
    assert event.enriched_at is None
    assert event.topics == ()


def test_what_a_newer_producer_adds_is_remembered() -> None:
    event = read(with_member(interaction(3), b'{"a": 1}'), "CN")
    assert orjson.loads(event.payload)["later"] == {"a": 1}


@pytest.mark.parametrize("raw", [rb'"\u0000"', rb'"\\\u0000"', rb'{"\u0000": 1}'])
def test_a_nul_is_refused_because_jsonb_has_none(raw: bytes) -> None:
    with pytest.raises(InvalidMessage) as refused:
        read(with_member(interaction(3), raw), "CN")
    assert refused.value.code == "nul_character"


@pytest.mark.parametrize("raw", [rb'"\\u0000"', rb'"u0000"', rb'"\\\\u0000"'])
def test_the_letters_of_an_escape_are_no_nul(raw: bytes) -> None:
    assert read(with_member(interaction(3), raw), "CN").payload


def test_another_contract_is_refused() -> None:
    case = CaseEvent(
        tenant="acme",
        id="e",
        case_id="c",
        sequence=1,
        kind=CaseEventKind.OPENED,
        at=START,
        actor=Actor(type=ActorType.SYSTEM),
        colour=Colour.RED,
        deadlines=Deadlines(respond=START, plan=START, land=START),
    )
    with pytest.raises(InvalidMessage) as refused:
        read(delivery(CASE_EVENT, case, "e", "alerting", START), "CN")
    assert refused.value.code == "unexpected_type"


def test_the_channel_of_an_interaction_may_be_missing() -> None:
    given = interaction(3)
    assert isinstance(given.payload, Interaction)
    assert given.payload.channel is None
    assert read(given, "CN").channel is None
