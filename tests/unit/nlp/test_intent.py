"""What the customer wants."""

import pytest

from heedful.nlp.pipeline import Pipeline

CASES = [
    ("我要携号转网", "churn"),
    ("不会再来了", "churn"),
    ("帮我把卡注销了，以后用联通", "churn"),
    ("以后换别家了", "churn"),
    ("I want to cancel my subscription.", "churn"),
    ("I'm switching to another provider.", "churn"),
    ("我要投诉这个店员，态度恶劣", "complaint"),
    ("送来的菜都凉了，太差了", "complaint"),
    ("为什么这么久还没发货，太慢了", "complaint"),
    ("I want to file a complaint about the driver.", "complaint"),
    ("请问你们几点关门？", "inquiry"),
    ("想咨询一下套餐怎么办理", "inquiry"),
    ("How do I reset the router?", "inquiry"),
    ("麻烦帮我查一下订单", "request"),
    ("需要开发票", "request"),
    ("Please send me the invoice.", "request"),
    ("建议多开几个窗口", "suggestion"),
    ("希望能增加夜间班次", "suggestion"),
    ("It would be nice if you could add a dark mode.", "suggestion"),
    ("感谢师傅上门，服务很好", "praise"),
    ("味道好极了，推荐", "praise"),
    ("Great job, thank you!", "praise"),
]


@pytest.mark.parametrize(("text", "label"), CASES)
def test_intent(pipeline: Pipeline, text: str, label: str) -> None:
    intent = pipeline.analyse(text).intent
    assert intent is not None
    assert intent.label == label
    assert intent.evidence


@pytest.mark.parametrize("text", ["12345", "。。。", "嗯"])
def test_no_intent_without_evidence(pipeline: Pipeline, text: str) -> None:
    analysis = pipeline.analyse(text)
    assert analysis.intent is None or analysis.intent.evidence
