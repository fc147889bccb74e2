"""Opinion words after negation, wishes and irony."""

import pytest

from heedful.nlp.lexicon import Lexicon
from heedful.nlp.opinions import OpinionFile
from heedful.nlp.resources import DataError, parse
from heedful.nlp.text import prepare

LEXICON = Lexicon.load()

POSITIVE = [
    "味道很好",
    "没有不满意的地方",
    "不是不好吃",
    "不错",
    "价格不贵",
    "没毛病",
    "服务态度好",
    "上菜快",
    "信号满格",
    "问题解决了，谢谢",
    "The staff were friendly",
    "not bad at all",
    "no complaints",
    "I can't fault it",
]
NEGATIVE = [
    "味道不好",
    "一点都不新鲜",
    "并不好用",
    "不怎么好吃",
    "不推荐",
    "没有想象中好",
    "网速慢",
    "太贵了",
    "没人处理",
    "服务可真“好”啊，呵呵",
    "真是服了，这就是你们优质的服务",
    "好一个优质服务",
    "客服根本不专业",
    "The food wasn't good",
    "not helpful",
    "never works",
    "Thanks for nothing, great support",
    "yeah right, excellent service",
]
NOTHING = [
    "大家好",
    "你好，在吗",
    "好像是周三",
    "好几个人",
    "好不容易",
    "请问价钱",
    "我在美国",
    "打开软件",
    "I would like to know",
    "hello",
    "如果服务好一点",
]


def total(text: str) -> float:
    return sum(one.weight for one in LEXICON.opinions.find(prepare(text)))


@pytest.mark.parametrize("text", POSITIVE)
def test_praise(text: str) -> None:
    assert total(text) > 0


@pytest.mark.parametrize("text", NEGATIVE)
def test_blame(text: str) -> None:
    assert total(text) < 0


@pytest.mark.parametrize("text", NOTHING)
def test_no_opinion(text: str) -> None:
    assert total(text) == 0


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [("非常满意", "满意"), ("满意", "有点满意"), ("完美", "满意"), ("very rude", "rude")],
)
def test_degrees(stronger: str, weaker: str) -> None:
    assert abs(total(stronger)) > abs(total(weaker))


def test_irony_needs_a_sign() -> None:
    assert total("还不错，呵呵") > 0
    assert total("服务“好”") > 0


def test_a_word_with_two_senses_is_refused() -> None:
    content = """
version: "1"
language: zh
positive: {plain: [好]}
negative: {plain: [好]}
negators: [不]
"""
    with pytest.raises(DataError, match="both positive and negative: 好"):
        parse("lexicon/zh.yaml", content, OpinionFile)
