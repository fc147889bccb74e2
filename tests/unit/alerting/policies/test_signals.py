"""What a policy may say of signals, and what it makes of one."""

from typing import Any

import pytest
from pydantic import ValidationError

from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.policies.judging import FACTS, Facts, judge
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import Colour, SignalKind
from tests.unit.alerting.policies.test_document import BUILTIN, written

REPEATED = Facts(SignalKind.REPEATED_CONTACT, Colour.RED)
LEAVING = Facts(SignalKind.SATISFIED_BUT_LEAVING, Colour.AMBER)
STUCK = Facts(SignalKind.JOURNEY_STUCK, Colour.AMBER)
RISK = Facts(SignalKind.CHURN_RISK, Colour.AMBER, 0.95)
ON_THE_WAY = Facts(SignalKind.PATTERN_UNDER_WAY, Colour.AMBER, 0.21)
ITEM = Item(channel="call", topic="late", topics=("late",), department="shop")


def signals(*entries: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument.model_validate(written(signals=list(entries)))


@pytest.mark.parametrize(
    ("facts", "effect", "rule", "told"),
    [
        (REPEATED, Effect.OPEN, "red", (Recipient.OWNER, Recipient.LEAD)),
        (LEAVING, Effect.OPEN, "waiting", (Recipient.OWNER,)),
        (STUCK, Effect.OPEN, "waiting", (Recipient.OWNER,)),
        (RISK, Effect.JOIN, "waiting", ()),
        (ON_THE_WAY, Effect.JOIN, "waiting", (Recipient.OWNER,)),
    ],
)
def test_what_a_policy_means_that_says_nothing(
    facts: Facts, effect: Effect, rule: str, told: tuple[Recipient, ...]
) -> None:
    meant = judge(BUILTIN, facts, ITEM)
    assert (meant.effect, meant.rule.name) == (effect, rule)
    assert meant.item.colour == facts.colour
    assert meant.by is not None
    assert meant.by.told_on_joining == told


def test_a_signal_that_nothing_is_said_of_is_ignored() -> None:
    meant = judge(BUILTIN, Facts(SignalKind.OTHER, Colour.RED), ITEM)
    assert (meant.by, meant.effect) == (None, Effect.IGNORE)


def test_the_first_that_fits_decides() -> None:
    policy = signals(
        {"name": "unsure", "kinds": ["churn_risk"], "confidence": 0.9, "effect": "join"},
        {"name": "grave", "colours": ["red"], "effect": "open", "department": "retention"},
        {"name": "rest", "effect": "ignore"},
    )
    assert judge(policy, RISK, ITEM).effect is Effect.JOIN
    just = Facts(SignalKind.CHURN_RISK, Colour.AMBER, 0.9)
    assert judge(policy, just, ITEM).effect is Effect.JOIN
    less = Facts(SignalKind.CHURN_RISK, Colour.AMBER, 0.5)
    assert judge(policy, less, ITEM).effect is Effect.IGNORE
    silent = Facts(SignalKind.CHURN_RISK, Colour.AMBER)
    assert judge(policy, silent, ITEM).effect is Effect.JOIN
    grave = judge(policy, REPEATED, ITEM)
    assert (grave.effect, grave.item.department) == (Effect.OPEN, "retention")


def test_an_entry_gives_another_light_and_rule() -> None:
    policy = signals({"name": "all", "effect": "open", "colour": "red"})
    assert judge(policy, RISK, ITEM).rule.name == "red"
    named = signals({"name": "all", "effect": "open", "rule": "red"})
    meant = judge(named, RISK, ITEM)
    assert (meant.rule.name, meant.item.colour) == ("red", "amber")


def test_what_falls_under_a_rule_without_clocks_can_only_join() -> None:
    policy = signals({"name": "all", "effect": "open"})
    meant = judge(policy, RISK, ITEM)
    assert (meant.rule.name, meant.effect) == ("rest", Effect.JOIN)


def test_a_signal_without_a_light_that_asks_for_something_is_amber() -> None:
    policy = signals({"name": "all", "effect": "join"})
    for colour in (Colour.GREY, Colour.GREEN):
        assert judge(policy, Facts(SignalKind.OTHER, colour), ITEM).item.colour == "amber"


def test_facts_are_read_as_they_were_written() -> None:
    for facts in (REPEATED, RISK):
        assert Facts.read({**facts.written(), "rule": "red"}) == facts
        assert facts.written().keys() <= FACTS
    assert Facts.read({"rule": "red"}) is None


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([{"name": "a", "effect": "open"}, {"name": "b", "effect": "join"}], "after a, which fits"),
        ([{"name": "a", "kinds": ["churn_risk"], "effect": "join"}] * 2, "the name a is given twi"),
        ([{"name": "a", "effect": "open", "rule": "blue"}], "asks for the rule blue, which is not"),
        ([{"name": "a", "effect": "open", "rule": "rest"}], "the rule rest, which has no clocks"),
        ([{"name": "a", "effect": "ignore", "colour": "red"}], "a is ignored; leave out colour"),
        ([{"name": "a", "effect": "open", "colour": "green"}], "red.* or .*amber"),
        ([{"name": "a", "effect": "open", "kinds": []}], "at least 1 item"),
        ([{"name": "a", "effect": "open", "kinds": ["churn"]}], "churn_risk"),
        ([{"name": "a", "effect": "page"}], "'open', 'join' or 'ignore'"),
        ([{"name": "a", "effect": "join", "confidence": 95}], "less than or equal to 1"),
    ],
)
def test_what_contradicts_itself_is_told(entries: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        signals(*entries)


def test_what_is_written_of_signals_is_read_back_equal() -> None:
    policy = signals({"name": "a", "kinds": ["journey_stuck", "churn_risk"], "effect": "join"})
    assert PolicyDocument.model_validate_json(policy.model_dump_json()) == policy
    assert policy.model_dump(mode="json")["signals"][0]["kinds"] == ["churn_risk", "journey_stuck"]
