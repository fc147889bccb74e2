"""Opinion words after negation, wishes and irony."""

import pytest

from heedful.common.datafiles import DataError, parse
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.opinion_words import OpinionFile
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
    "冰箱用了七年，从没坏过",
    "水管一点没漏",
    "没出过什么故障",
    "不用排队",
    "不催不啰嗦",
    "窗户不漏了",
    "一句怨言和抱怨都没有",
    "地毯没有异味",
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
    "一点耐心都没有",
    "没电梯真的不方便",
    "不能这么坑老人",
    "被楼上吵醒了",
    "网页卡得打不开",
    "手续麻烦",
    "垃圾遍地",
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
    "把垃圾带下楼了",
    "请了一天假",
    "劳烦登记一下",
    "麻烦留个位子",
    "办公卡和门卡",
    "我妈的病历",
    "怕吵到隔壁",
    "别糊弄",
    "以防弄丢",
    "不着急",
    "要准备什么东西",
    "满足什么条件",
    "有没有好吃的",
    "这里的房间安静吗？",
    "方不方便",
    "差额多少",
    "好的，收到",
    "硬是等到天黑",
    "经办人苏慧美",
    "what went wrong",
    "thanks for your message",
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


def test_a_formula_has_no_weight() -> None:
    found = LEXICON.opinions.find(prepare("谢谢三号窗口的大姐"))
    assert [(one.courtesy, one.weight) for one in found] == [(True, 0)]


def test_nothing_but_formulas_says_nothing() -> None:
    assert LEXICON.opinions.find(prepare("明白了，谢谢")) == []


def test_trouble_is_told_from_blame() -> None:
    found = LEXICON.opinions.find(prepare("门锁坏了，客服态度差"))
    assert [one.trouble for one in found] == [True, False]


def test_only_after_praise_a_clause_reserves() -> None:
    after = LEXICON.opinions.find(prepare("地方宽敞，就是空调对着头吹"))
    assert [(one.weight > 0, one.reserved) for one in after] == [(True, False), (False, True)]
    assert LEXICON.opinions.find(prepare("就是空调对着头吹")) == []


def test_two_negators_cancel_only_where_they_touch() -> None:
    assert total("不是不好用") > 0
    assert total("不推销不糊弄") > 0


def test_irony_needs_a_sign() -> None:
    assert total("还不错，呵呵") > 0
    assert total("服务“好”") > 0


def test_a_trouble_must_be_negative() -> None:
    content = """
version: "1"
language: zh
positive: {plain: [好]}
negative: {plain: [坏了]}
troubles: [坏了, 丢了]
negators: [不]
"""
    with pytest.raises(DataError, match="troubles: 丢了 not negative"):
        parse("lexicon/zh.yaml", content, OpinionFile)


def test_a_word_with_two_roles_is_refused() -> None:
    content = """
version: "1"
language: zh
positive: {plain: [好]}
negative: {plain: [坏]}
negators: [不, 别]
fears: [别]
"""
    with pytest.raises(DataError, match="别 in two lists, one of FEAR"):
        parse("lexicon/zh.yaml", content, OpinionFile)


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
