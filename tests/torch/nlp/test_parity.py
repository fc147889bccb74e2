"""Both backends load the same weights and must say the same."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.common.contracts import Channel, Enrichment, Feedback
from heedful.nlp import backend
from heedful.nlp.features import ngrams
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.text import normalise

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ONNX, TORCH = backend.load("onnx"), backend.load("torch")
ON_ONNX, ON_TORCH = Pipeline.load("onnx"), Pipeline.load("torch")
TOLERANCE = 1e-4

TEXTS = [
    "味道很好，就是上菜有点慢",
    "车在高速上突然熄火了，麻烦安排检查",
    "The food was great but the waiter was rude.",
    "请问你们几点关门？",
    "真是服了，这就是你们“优质”的服务",
    "服务 is very good, 下次 will come back",
    "嗯",
    "12345",
    "味道不好，" * 2000,
]
WORDS = st.lists(
    st.sampled_from(
        ["味道", "不", "好", "差", "，", "手机", "卡", "物流", "快", "good", " ", "。", "了"]
    ),
    min_size=1,
    max_size=40,
).map("".join)
ANY = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=120
)


def enriched(pipeline: Pipeline, text: str) -> Enrichment:
    feedback = Feedback(
        tenant="acme",
        source="calls",
        id="f-1",
        channel=Channel.CALL,
        text=text,
        occurred_at=NOW,
        received_at=NOW,
    )
    return pipeline.enrich(feedback, NOW)


def assert_same_probabilities(text: str) -> None:
    features = ngrams(normalise(text)[0])
    np.testing.assert_allclose(
        ONNX.probabilities(features), TORCH.probabilities(features), atol=TOLERANCE
    )


def assert_same_labels(text: str) -> None:
    one, other = enriched(ON_ONNX, text), enriched(ON_TORCH, text)
    assert one.id == other.id
    assert one.light == other.light
    assert one.urgency == other.urgency
    assert (one.sentiment is None) == (other.sentiment is None)
    if one.sentiment and other.sentiment:
        assert one.sentiment.polarity == other.sentiment.polarity
        assert one.sentiment.evidence == other.sentiment.evidence
        assert one.sentiment.confidence == pytest.approx(other.sentiment.confidence, abs=1e-3)
    assert (one.intent and one.intent.label) == (other.intent and other.intent.label)
    assert [(aspect.topic, aspect.polarity) for aspect in one.aspects] == [
        (aspect.topic, aspect.polarity) for aspect in other.aspects
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_fixed_texts(text: str) -> None:
    assert_same_probabilities(text)
    assert_same_labels(text)


@settings(max_examples=300, deadline=None)
@given(WORDS | ANY)
def test_any_text(text: str) -> None:
    assert_same_probabilities(text)
    assert_same_labels(text)


def test_versions_agree() -> None:
    assert ON_ONNX.versions == ON_TORCH.versions
