"""The whole pipeline, encoder and rules together, on the texts that the rules were written for.

Of single texts the rules' own tests speak; here most must come out right, whoever decides.
"""

from collections.abc import Sequence

import pytest

from heedful.common.contracts import Enrichment
from heedful.nlp.pipeline import Analysis, Pipeline
from tests.unit.nlp import test_intent, test_urgency, test_urgency_texts
from tests.unit.nlp.conftest import Enrich


def told(pipeline: Pipeline, texts: Sequence[str]) -> list[Analysis]:
    return [pipeline.analyse(text) for text in texts]


def test_emergencies_are_found(pipeline: Pipeline) -> None:
    texts = [text for text, _ in (*test_urgency.CRITICAL, *test_urgency.HIGH)]
    texts += [text for _, text in test_urgency_texts.FOUND]
    found = [analysis.urgency is not None for analysis in told(pipeline, texts)]
    # Some are of what the voices call a hassle and not urgent: sent from one to the other.
    assert sum(found) >= 0.9 * len(found)


def test_what_only_looks_like_one_is_not(pipeline: Pipeline) -> None:
    texts = list(test_urgency.NOT_URGENT)
    found = [analysis.urgency is None for analysis in told(pipeline, texts)]
    assert sum(found) >= 0.9 * len(found)


def test_intents(pipeline: Pipeline) -> None:
    wanted = [label for _, label in test_intent.CASES]
    found = told(pipeline, [text for text, _ in test_intent.CASES])
    right = [
        analysis.intent is not None and analysis.intent.label == label
        for analysis, label in zip(found, wanted, strict=True)
    ]
    assert sum(right) >= 0.85 * len(right)


@pytest.mark.parametrize(
    "text",
    [
        "厨房里有燃气味，阀门是关着的",
        "再不退钱我就上抖音曝光，会员也不续了",
        "说好两天到，等了一个星期，跑了三个窗口也没人管",
        "店员说写好评返五块，想不到还挺快",
    ],
)
def test_evidence_is_in_the_customers_own_words(enrich: Enrich, text: str) -> None:
    enrichment: Enrichment = enrich(text)
    labels = [
        enrichment.urgency,
        enrichment.intent,
        enrichment.need,
        enrichment.churn,
        enrichment.solicited,
        *enrichment.perceptions,
    ]
    spans = [span for label in labels if label for span in label.evidence]
    assert spans
    for span in spans:
        assert enrichment.feedback.text[span.start : span.end] == span.text


def test_a_long_call_is_red_for_one_sentence(enrich: Enrich) -> None:
    calm = "好的我知道了，麻烦你再帮我看一下这个月的话费账单，套餐里面的流量还剩多少。" * 20
    said = calm + "对了，充电宝刚才在包里冒烟了，包都烧出一个洞。" + calm
    enrichment = enrich(said)
    assert enrichment.light.colour == "red"
    assert enrichment.urgency is not None
    assert any("冒烟" in span.text or "烧出" in span.text for span in enrichment.urgency.evidence)
