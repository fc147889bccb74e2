"""The first rule that fits decides."""

from typing import Any

import pytest

from heedful.alerting.policies.document import Condition, PolicyDocument
from heedful.alerting.policies.matching import Item, fits, match
from tests.unit.alerting.policies.test_document import BUILTIN, written

ITEM = Item(
    channel="call",
    colour="amber",
    needs_response=False,
    intent="complaint",
    urgencies=("legal",),
    topic="delivery.late",
    topics=("delivery.late", "price"),
    touchpoint="store.visit",
    department="east",
    tier="gold",
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"colours": ["amber", "red"]}, True),
        ({"colours": ["red"]}, False),
        ({"classified": True}, True),
        ({"classified": False}, False),
        ({"needs_response": False}, True),
        ({"needs_response": True}, False),
        ({"intents": ["complaint"]}, True),
        ({"intents": ["praise"]}, False),
        ({"urgencies": ["legal", "injury"]}, True),
        ({"urgencies": ["injury"]}, False),
        ({"topics": ["delivery"]}, True),
        ({"topics": ["deliver"]}, False),
        ({"topics": ["price"]}, True),
        ({"touchpoints": ["store"]}, True),
        ({"touchpoints": ["app"]}, False),
        ({"channels": ["call"], "departments": ["east"], "tiers": ["gold"]}, True),
        ({"channels": ["call"], "departments": ["east"], "tiers": ["silver"]}, False),
    ],
)
def test_every_field_that_is_given_must_fit(condition: dict[str, Any], expected: bool) -> None:
    assert fits(Condition.model_validate(condition), ITEM) is expected


def test_nothing_fits_what_an_item_does_not_say() -> None:
    bare = Item(channel="call")
    for condition in ({"topics": ["price"]}, {"tiers": ["gold"]}, {"needs_response": False}):
        assert not fits(Condition.model_validate(condition), bare)


def test_the_first_rule_that_fits_decides() -> None:
    rules = [
        {"name": "gold", "when": {"tiers": ["gold"]}},
        {"name": "amber", "when": {"colours": ["amber"]}},
        {"name": "rest"},
    ]
    policy = PolicyDocument.model_validate(written(rules=rules))
    assert match(policy, ITEM).name == "gold"
    assert match(policy, Item(channel="call", colour="amber")).name == "amber"
    assert match(policy, Item(channel="call")).name == "rest"


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        (Item("call", colour="red"), "red"),
        (Item("call"), "unclassified"),
        (Item("call", colour="amber", needs_response=True), "waiting"),
        (Item("call", colour="grey", needs_response=True), "default"),
        (Item("call", colour="amber", intent="suggestion"), "improvable"),
        (Item("call", colour="amber", intent="chat"), "default"),
        (Item("call", colour="green", intent="praise", needs_response=False), "default"),
    ],
)
def test_the_built_in_policy(item: Item, rule: str) -> None:
    assert match(BUILTIN, item).name == rule
