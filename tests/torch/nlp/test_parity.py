"""Both backends load the same shipped weights and say the same, as far as int8 allows.

onnxruntime rounds activations to int8, torch does not: shares differ by up to `TOLERANCE`, and
what hangs on a threshold may fall on either side. Of texts that are clear the labels are the same.
"""

from datetime import UTC, datetime

import numpy as np
import pytest

from heedful.common.contracts import Channel, Enrichment, Feedback
from heedful.nlp import backend
from heedful.nlp.encoder.reading import read
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.text import normalise

pytest.importorskip("torch")

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ONNX, TORCH = backend.load("onnx"), backend.load("torch")
ON_ONNX, ON_TORCH = Pipeline.load("onnx"), Pipeline.load("torch")
TOLERANCE = 0.2
MEAN_TOLERANCE = 0.04

TEXTS = [
    "味道很好，就是上菜有点慢",
    "车在高速上突然熄火了，麻烦安排检查",
    "The food was great but the waiter was rude.",
    "请问你们几点关门？",
    "真是服了，这就是你们“优质”的服务",
    "服务 is very good, 下次 will come back",
    "嗯",
    "12345",
    "味道不好，" * 300,
]


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


def assert_same_labels(text: str) -> None:
    one, other = enriched(ON_ONNX, text), enriched(ON_TORCH, text)
    assert one.id == other.id
    assert one.light.colour == other.light.colour
    assert (one.urgency and one.urgency.categories) == (other.urgency and other.urgency.categories)
    assert (one.sentiment and one.sentiment.polarity) == (
        other.sentiment and other.sentiment.polarity
    )
    assert (one.intent and one.intent.label) == (other.intent and other.intent.label)


@pytest.mark.parametrize("text", TEXTS)
def test_clear_texts_have_the_same_labels(text: str) -> None:
    assert_same_labels(text)


def test_shares_agree() -> None:
    gaps: list[float] = []
    for text in TEXTS:
        normal = normalise(text)[0]
        one, other = read(ONNX, normal), read(TORCH, normal)
        assert one is not None
        assert other is not None
        gaps += [
            np.abs(getattr(one, name) - getattr(other, name)).max()
            for name in ("sentiment", "emotion", "car", "restaurant")
        ]
    assert max(gaps) <= TOLERANCE
    assert np.mean(gaps) <= MEAN_TOLERANCE


def test_versions_agree() -> None:
    assert ON_ONNX.versions == ON_TORCH.versions
