"""The alarms of the rules and what the encoder heard, put together."""

import pytest

from heedful.common.contracts import UrgencyLevel
from heedful.nlp import thresholds, urgency
from heedful.nlp.encoder.tasks import URGENCIES
from heedful.nlp.resources import read
from heedful.nlp.text import prepare
from heedful.nlp.thresholds import Threshold, Thresholds
from heedful.nlp.triage import Triage
from heedful.nlp.urgency import UrgencyFile, UrgencyRules
from tests.unit.nlp.hearings import hearing

RULES = UrgencyRules(read(urgency.FILE, UrgencyFile))
SURE = read(thresholds.FILE, Thresholds).model_copy(
    update={
        "red": Threshold(alone=0.6, beside=0.3),
        "category": Threshold(alone=0.5, beside=0.2),
        "doubt": 0.1,
        "reason": 0.25,
    }
)
TRIAGE = Triage(RULES, SURE)
FALL = prepare("在门口滑倒了，手腕骨折，现在在医院")
PLAIN = prepare("楼道里那个动静，开了窗也没停")


def test_the_encoder_alone_can_raise_an_alarm_and_shows_the_words() -> None:
    found = TRIAGE.urgency(PLAIN, hearing({"red": 0.8, "gas_leak": 0.7}, focus=(9, 10)))
    assert found is not None
    assert found.level is UrgencyLevel.CRITICAL
    assert found.categories == ("gas_leak",)
    assert found.confidence == 0.8
    assert [span.text for span in found.evidence] == ["开了窗也没停"]


def test_beside_a_rule_less_is_enough() -> None:
    heard = hearing({"red": 0.4, "injury": 0.3})
    found = TRIAGE.urgency(FALL, heard)
    assert found is not None
    assert found.level is UrgencyLevel.CRITICAL
    assert found.categories == ("injury",)
    assert TRIAGE.urgency(PLAIN, heard) is None


def test_what_a_rule_finds_and_nobody_hears_is_doubted() -> None:
    found = TRIAGE.urgency(FALL, hearing({"red": 0.2}))
    assert found is not None
    assert found.level is UrgencyLevel.HIGH
    assert found.categories == ("injury",)
    assert found.confidence == 0.2


def test_a_rule_that_doubts_itself_must_be_heard_a_little() -> None:
    text = prepare("担心会起火，想请师傅检查一下")
    assert TRIAGE.urgency(text, None) is not None
    assert TRIAGE.urgency(text, hearing({"red": 0.2})) is not None
    assert TRIAGE.urgency(text, hearing({"red": 0.05})) is None
    assert TRIAGE.urgency(FALL, hearing({"red": 0.0})) is not None


def test_a_rule_that_is_kept_needs_nobody_to_hear_it() -> None:
    found = TRIAGE.urgency(prepare("厨房有煤气味，别的都满意"), hearing({"red": 0.01}))
    assert found is not None
    assert found.level is UrgencyLevel.CRITICAL
    assert found.categories == ("gas_leak",)


def test_a_rule_that_asks_for_no_check_is_dropped() -> None:
    text = prepare("再不退钱我就起诉你们")
    assert TRIAGE.urgency(text, None) is not None
    assert TRIAGE.urgency(text, hearing({"red": 0.2})) is None


def test_the_likeliest_reason_counts_where_none_is_sure() -> None:
    found = TRIAGE.urgency(PLAIN, hearing({"red": 0.7, "legal": 0.3, "media": 0.1}))
    assert found is not None
    assert found.categories == ("legal",)
    assert found.level is UrgencyLevel.HIGH


def test_the_encoder_alone_must_have_a_reason() -> None:
    assert TRIAGE.urgency(PLAIN, hearing({"red": 0.9, "legal": 0.2})) is None
    assert TRIAGE.urgency(FALL, hearing({"red": 0.9, "legal": 0.2})) is not None


def test_reasons_are_told_the_worst_first() -> None:
    heard = hearing({"red": 0.9, "media": 0.9, "injury": 0.6, "fire_smoke": 0.8})
    found = TRIAGE.urgency(PLAIN, heard)
    assert found is not None
    assert found.categories == ("fire_smoke", "injury", "media")
    assert found.level is UrgencyLevel.CRITICAL


def test_rules_decide_where_the_encoder_has_read_nothing() -> None:
    found = TRIAGE.urgency(prepare("There is a smell of gas in the hallway."), None)
    assert found is not None
    assert found.level is UrgencyLevel.CRITICAL
    assert found.categories == ("gas_leak",)


@pytest.mark.parametrize("code", URGENCIES)
def test_every_reason_that_the_encoder_hears_has_a_rule_with_its_level(code: str) -> None:
    assert RULES.level(code) in (UrgencyLevel.CRITICAL, UrgencyLevel.HIGH)


def test_no_rule_is_of_a_reason_that_the_encoder_cannot_hear() -> None:
    assert {rule.code for rule in read(urgency.FILE, UrgencyFile).rules} == set(URGENCIES)
