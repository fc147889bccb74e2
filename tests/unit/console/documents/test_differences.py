"""Differences are told by field, as people would look for them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from heedful.console.documents.differences import Difference, differences


def rule(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


def test_a_field_of_a_rule_is_told_by_the_name_of_the_rule() -> None:
    before = {"rules": [rule("red", clocks={"respond": {"target": "P1D"}}), rule("rest")]}
    after = {"rules": [rule("red", clocks={"respond": {"target": "PT4H"}}), rule("rest")]}
    assert differences(before, after) == [
        Difference("rules.red.clocks.respond.target", "P1D", "PT4H")
    ]


def test_a_rule_that_is_new_is_one_difference() -> None:
    before = {"rules": [rule("rest")]}
    after = {"rules": [rule("gold", urgent=True, when={"tiers": ["gold"]}), rule("rest")]}
    assert differences(before, after) == [
        Difference("rules.gold", None, 'urgent: true, when.tiers: ["gold"]')
    ]


def test_rules_that_changed_places_differ_in_their_order() -> None:
    before = {"rules": [rule("a"), rule("b")]}
    after = {"rules": [rule("b"), rule("a")]}
    assert differences(before, after) == [Difference("rules.order", "a, b", "b, a")]


def test_what_is_taken_away_is_told() -> None:
    assert differences({"notify": ["lead"], "urgent": True}, {"notify": []}) == [
        Difference("notify", "lead", "[]"),
        Difference("urgent", "true", None),
    ]


@given(st.dictionaries(st.text(min_size=1), st.integers() | st.lists(st.text()), max_size=5))
def test_nothing_differs_from_itself(document: dict[str, Any]) -> None:
    assert differences(document, document) == []
