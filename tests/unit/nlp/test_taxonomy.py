"""What is talked about and what is felt about each."""

import pytest

from heedful.nlp.pipeline import Pipeline

CASES = [
    ("味道很好，就是上菜有点慢", {"food.taste": "positive", "waiting": "negative"}),
    ("信号不好，网速慢", {"network.coverage": "negative", "network.speed": "negative"}),
    ("环境干净，价格实惠", {"environment": "positive", "price": "positive"}),
    ("菜不好吃但是服务员热情", {"food.taste": "negative", "staff.attitude": "positive"}),
    ("退款还没到账", {"refund": "negative"}),
    ("客服一问三不知", {"staff.skill": "negative"}),
    ("油耗高，不过座椅舒服", {"vehicle.engine": "negative", "vehicle.comfort": "positive"}),
    ("高速上异响很大", {"vehicle.noise": "negative"}),
    ("App闪退，登录不了", {"app": "negative"}),
    ("话费多扣了三十", {"billing": "negative"}),
    ("分量足，口味不错", {"food.portion": "positive", "food.taste": "positive"}),
    ("请问怎么退款", {"refund": "neutral"}),
    (
        "The food was great but the waiter was rude.",
        {"food.taste": "positive", "staff.attitude": "negative"},
    ),
    ("Delivery was late. The app is easy to use.", {"delivery": "negative", "app": "positive"}),
    ("WiFi很慢, staff very friendly", {"network.speed": "negative", "staff.attitude": "positive"}),
    ("充电宝没电，骚扰电话很多", {"privacy": "negative"}),
    ("打包盒漏了，汤全洒在车上", {"food.packaging": "negative"}),
    ("外卖的盖子扣不紧，油流了一袋", {"food.packaging": "negative"}),
    ("打包盒很结实，一滴没洒", {"food.packaging": "positive"}),
    ("请问有没有能封口的汤杯", {"food.packaging": "neutral"}),
    ("The soup leaked all over the bag.", {"food.packaging": "negative"}),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_aspects(pipeline: Pipeline, text: str, expected: dict[str, str]) -> None:
    found = {one.topic: one.polarity for one in pipeline.analyse(text).aspects}
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    "text",
    ["密封条老化，车里漏风", "给你打包票没问题", "吃不完就打包了", "充电口盖子坏了", "漏了一道菜"],
)
def test_lids_and_leaks_elsewhere_are_no_packaging(pipeline: Pipeline, text: str) -> None:
    assert "food.packaging" not in {one.topic for one in pipeline.analyse(text).aspects}


def test_an_aspect_is_never_without_evidence(pipeline: Pipeline) -> None:
    for text, _ in CASES:
        assert all(one.evidence for one in pipeline.analyse(text).aspects)
