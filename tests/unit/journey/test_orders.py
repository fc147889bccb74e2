"""Any order, any batches, any redelivery: the same customers with the same ids."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.common.events import Delivery
from heedful.journey import resolve
from heedful.journey.records import read
from tests.unit.journey.history import History, history, node_of, partition
from tests.unit.journey.material import feedback, interaction

NAMES = [
    "customer_id:c1",
    "customer_id:c2",
    "customer_id:c3",
    "wechat_unionid:u1",
    "member_card:m1",
    "member_card:m2",
    "external:x1",
    "external:x2",
    "wechat_openid:o1",
    "wechat_openid:o2",
    "email:a@example.com",
    "email:b@example.com",
    "phone:13900000001",
    "phone:13900000002",
    "phone:13900000003",
    "device:d1",
    "device:d2",
]
P1, P2 = "phone:13900000001", "phone:13900000002"
STORIES: dict[str, list[tuple[str, ...]]] = {
    "a phone that two cards share until they are one person": [
        (P1, "member_card:m1"),
        (P1, "member_card:m2"),
        (P2, "member_card:m3"),
        (P1, P2),
        ("member_card:m1", "member_card:m2"),
        (P1,),
    ],
    "one phone joins what makes the other shared": [
        (P1, "member_card:m1"),
        (P1, "wechat_unionid:u1"),
        (P2, "wechat_unionid:u1"),
        (P2, "member_card:m2"),
        (P1,),
    ],
    "a phone that turns out to be two customers'": [
        (P1,),
        (P1, "customer_id:c1"),
        (P1, "wechat_openid:o1"),
        (P1, "customer_id:c2"),
        (P1, P2),
    ],
    "a mail address that turns out to be two customers'": [
        ("email:a@example.com",),
        ("email:a@example.com", "customer_id:c1"),
        ("email:a@example.com", "wechat_openid:o1"),
        ("email:a@example.com", "customer_id:c2"),
        ("customer_id:c2", "wechat_openid:o1"),
    ],
    "a chain between two customers": [
        ("customer_id:c1", "wechat_openid:o1"),
        ("wechat_openid:o1", "email:a@example.com"),
        ("email:a@example.com", "wechat_openid:o2"),
        ("wechat_openid:o2", "customer_id:c2"),
        ("email:a@example.com",),
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_every_order_of_a_story_ends_the_same(story: str) -> None:
    happened = [feedback(number, *names) for number, names in enumerate(STORIES[story])]
    at_once = history(happened)
    for order in permutations(happened):
        same(at_once, history(*[[event] for event in order]))


@st.composite
def events(draw: st.DrawFn, least: int = 1) -> list[Delivery]:
    """Up to nine events of a few people who share what people share."""
    pool = draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=7, unique=True))
    names = st.lists(st.sampled_from(pool), max_size=3, unique=True)
    carried = draw(st.lists(names, min_size=least, max_size=9))
    hours = st.integers(0, 4)
    return [
        feedback(number, *names, hours=draw(hours), source=draw(st.sampled_from(["crm", "shop"])))
        if draw(st.booleans())
        else interaction(number, *names, hours=draw(hours))
        for number, names in enumerate(carried)
    ]


@st.composite
def batches(draw: st.DrawFn, given_events: Sequence[Delivery]) -> list[list[Delivery]]:
    """The events in another order, in batches, some of them twice."""
    again = draw(st.lists(st.sampled_from(list(given_events)), max_size=4))
    rest = draw(st.permutations([*given_events, *again]))
    found: list[list[Delivery]] = []
    while rest:
        size = draw(st.integers(1, len(rest)))
        found.append(list(rest[:size]))
        rest = rest[size:]
    return found


def same(one: History, other: History) -> None:
    assert partition(one) == partition(other)
    assert one.owners == other.owners
    assert one.resolution.shared == other.resolution.shared
    first = {key: seen.moment for key, seen in one.sightings.items()}
    assert first == {key: seen.moment for key, seen in other.sightings.items()}


@settings(max_examples=400)
@given(st.data())
def test_any_order_and_any_batches_give_the_same_customers(data: Any) -> None:
    happened = data.draw(events())
    at_once = history(happened)
    same(at_once, history(*data.draw(batches(happened))))


@settings(max_examples=200)
@given(st.data())
def test_placeholders_are_the_same_in_any_order(data: Any) -> None:
    """With limits so small that they are met: what is cut early is cut late as well."""
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(resolve, "MAX_PERSONAL", 2)
        limits.setattr(resolve, "MAX_LINKED", 4)
        happened = data.draw(events(least=4))
        at_once = history(happened)
        same(at_once, history(*data.draw(batches(happened))))


@given(events())
def test_redelivery_changes_nothing(happened: list[Delivery]) -> None:
    found = history(happened)
    moves = list(found.moves)
    before = partition(found)
    found.add([read(delivery, "CN") for delivery in reversed(happened)])
    assert partition(found) == before
    assert found.moves == moves


@settings(max_examples=200)
@given(st.data())
def test_two_customer_ids_are_never_one_customer(data: Any) -> None:
    found = history(*data.draw(batches(data.draw(events()))))
    owners = [found.customer_of(f"customer_id:c{number}") for number in (1, 2, 3)]
    known = [owner for owner in owners if owner is not None]
    assert len(known) == len(set(known))


@given(events())
def test_an_event_belongs_to_one_of_its_own_identifiers(happened: list[Delivery]) -> None:
    found = history(happened)
    for key, event in found.events.items():
        owner = found.customers[key]
        assert owner is None or owner in {found.owners.get(one.id) for one in event.nodes}


@given(st.data())
def test_an_id_leads_on_as_long_as_its_identifier_belongs_to_somebody(data: Any) -> None:
    """Whatever came later: nothing that named a customer breaks."""
    found = History()
    given_out: set[Any] = set()
    for batch in data.draw(batches(data.draw(events()))):
        found.add([read(delivery, "CN") for delivery in batch])
        given_out.update(found.owners.values())
    for customer in given_out:
        assert customer in found.owners or customer in found.resolution.shared


@given(st.data())
def test_growing_in_the_order_of_time_keeps_the_id_of_a_strong_customer(data: Any) -> None:
    """Until a customer id names it better, a customer has the id that it began with."""
    strong = ["wechat_openid:o1", "email:a@example.com", "external:x1", "wechat_unionid:u1"]
    carried = data.draw(
        st.lists(st.lists(st.sampled_from(strong), min_size=1, max_size=3), min_size=1, max_size=6)
    )
    found = History()
    start = strong[0]
    found.add([read(feedback(0, start), "CN")])
    for number, names in enumerate(carried, 1):
        found.add([read(feedback(number, start, *dict.fromkeys(names)), "CN")])
        assert found.customer_of(start) == node_of(start).id
