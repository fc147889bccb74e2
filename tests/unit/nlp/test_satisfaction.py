"""How satisfied a customer leaves a dialogue."""

from collections.abc import Callable, Sequence

import pytest

from heedful.common.contracts import Enrichment, Speaker, Turn, customers_words
from tests.unit.nlp.conftest import Enrich

HELPED = (
    ("customer", "你好，我的订单还没发货"),
    ("agent", "您好，我马上帮您查一下"),
    ("agent", "已经为您加急，今天就能发出，再送您一张优惠券"),
    ("customer", "太好了，非常感谢，你们的服务真贴心"),
)
LEFT_ALONE = (
    ("customer", "我的订单都一个星期了还没发货"),
    ("agent", "请您耐心等待"),
    ("customer", "上次也这么说，你们到底管不管"),
    ("agent", "这边查不到，没有办法"),
    ("customer", "太差劲了，我要投诉你们"),
)


def said(turns: Sequence[tuple[str, str]]) -> tuple[Turn, ...]:
    return tuple(Turn(speaker=Speaker(speaker), text=text) for speaker, text in turns)


@pytest.fixture
def enriched(enrich: Enrich) -> Callable[[Sequence[tuple[str, str]]], Enrichment]:
    def run(turns: Sequence[tuple[str, str]]) -> Enrichment:
        dialogue = said(turns)
        return enrich(customers_words(dialogue) or "嗯", dialogue=dialogue)

    return run


Enriched = Callable[[Sequence[tuple[str, str]]], Enrichment]


def test_who_was_helped_is_more_satisfied(enriched: Enriched) -> None:
    helped, alone = enriched(HELPED).satisfaction, enriched(LEFT_ALONE).satisfaction
    assert helped is not None
    assert alone is not None
    assert helped.score > 0 > alone.score
    assert (helped.turns, alone.turns) == (4, 5)


@pytest.mark.parametrize(
    "turns",
    [
        HELPED[:3],
        [("customer", "你好")] * 6,
        [("agent", "您好")] * 6,
        [("customer", "hello there"), ("agent", "good morning to you")] * 3,
    ],
)
def test_what_cannot_be_told_is_not_said(
    enriched: Enriched, turns: Sequence[tuple[str, str]]
) -> None:
    assert enriched(turns).satisfaction is None


def test_what_others_said_is_not_passed_on(enriched: Enriched) -> None:
    found = enriched(HELPED)
    assert found.feedback.dialogue is None
    assert "优惠券" not in found.model_dump_json()
