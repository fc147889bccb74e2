"""What the customer wants."""

import pytest

from heedful.nlp.pipeline import Pipeline

CASES = [
    ("太差了，我要携号转网", "complaint"),
    ("不会再来了", "complaint"),
    ("帮我把卡注销了，以后用联通", "request"),
    ("I want to cancel my subscription.", "request"),
    ("你好", "chat"),
    ("好的，谢谢", "chat"),
    ("OK, thank you", "chat"),
    ("你是机器人吗", "chat"),
    ("此用户没有填写评价内容", "not_meaningful"),
    ("。。。", "not_meaningful"),
    ("asdfgh", "not_meaningful"),
    ("哦哦哦哦哦哦哦哦", "not_meaningful"),
    ("我要投诉这个店员，态度恶劣", "complaint"),
    ("送来的菜都凉了，太差了", "complaint"),
    ("为什么这么久还没发货，太慢了", "complaint"),
    ("I want to file a complaint about the driver.", "complaint"),
    ("请问你们几点关门？", "inquiry"),
    ("想咨询一下套餐怎么办理", "inquiry"),
    ("How do I reset the router?", "inquiry"),
    ("门禁密码在哪里重设", "inquiry"),
    ("旧表带和新款通用吗", "inquiry"),
    ("周五两点，靠里那间，对吧", "inquiry"),
    ("后续找哪位对接", "inquiry"),
    ("劳烦查下我的号排到第几了", "request"),
    ("麻烦给我留一个靠窗的位子", "request"),
    ("麻烦帮我查一下订单", "request"),
    ("需要开发票", "request"),
    ("Please send me the invoice.", "request"),
    ("建议多开几个窗口", "suggestion"),
    ("希望能增加夜间班次", "suggestion"),
    ("It would be nice if you could add a dark mode.", "suggestion"),
    ("感谢师傅上门，服务很好", "praise"),
    ("味道好极了，推荐", "praise"),
    ("Great job, thank you!", "praise"),
    ("这通电话不是投诉，是想表扬三号台的姑娘", "praise"),
    ("谢谢窗口的大姐帮我重新填了表，耐心", "praise"),
]


@pytest.mark.parametrize(("text", "label"), CASES)
def test_intent(rules: Pipeline, text: str, label: str) -> None:
    intent = rules.analyse(text).intent
    assert intent is not None
    assert intent.label == label
    assert intent.evidence


@pytest.mark.parametrize("text", ["12345", "。。。", "嗯"])
def test_no_intent_without_evidence(rules: Pipeline, text: str) -> None:
    analysis = rules.analyse(text)
    assert analysis.intent is None or analysis.intent.evidence


@pytest.mark.parametrize(
    "text",
    [
        "您好，想请教一下注销账户的流程，需要本人到场吗？好的，谢谢。",
        "你好，我想转网到别家，要带什么证件？好的好的，辛苦了",
        "Hi, how do I port my number to another network? Thanks!",
    ],
)
def test_a_polite_question_about_leaving_asks_and_tells_of_leaving(
    rules: Pipeline, text: str
) -> None:
    found = rules.analyse(text)
    assert found.intent is not None
    assert found.intent.label == "inquiry"
    assert found.churn is not None


def test_an_angry_question_complains(rules: Pipeline) -> None:
    intent = rules.analyse("你们到底修没修？电话也打不通").intent
    assert intent is not None
    assert intent.label == "complaint"
