"""The embedding of another encoder is read out of a network."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from heedful.nlp.backend.onnx import OnnxEncoder  # noqa: E402
from heedful.nlp.encoder.reading import read  # noqa: E402
from heedful.nlp.encoder.tasks import EMBEDDING  # noqa: E402
from heedful.nlp.train.embedding import fit, likeness  # noqa: E402

from .tiny import VOCABULARY, WORDS, model_file, network  # noqa: E402

GENERATOR = np.random.default_rng(1)
TEXTS = [
    [2, *GENERATOR.integers(5, len(VOCABULARY), size=GENERATOR.integers(1, 20)).tolist(), 3]
    for _ in range(400)
]


class Padded(torch.nn.Module):  # type: ignore[misc,name-defined,unused-ignore]
    """A tiny encoder whose output is as wide as an embedding."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.encoder = network(seed).encoder
        self.wider = torch.nn.ZeroPad1d((0, EMBEDDING - self.encoder.config.hidden_size))

    def forward(self, **inputs: Any) -> Any:
        found = self.encoder(**inputs)
        found.last_hidden_state = self.wider(found.last_hidden_state)
        return found


def test_its_own_embedding_is_read_out_whole() -> None:
    made = network(1)
    fit(made, Padded(1), TEXTS, pad=0)
    assert likeness(made, Padded(1), TEXTS[:50], pad=0) > 0.95


def test_the_fit_helps_on_texts_that_it_has_not_seen() -> None:
    made, other = network(1), Padded(2)
    before = likeness(made, other, TEXTS[300:], pad=0)
    fit(made, other, TEXTS[:300], pad=0)
    assert likeness(made, other, TEXTS[300:], pad=0) > before + 0.2


def test_a_reading_has_an_embedding_of_length_one() -> None:
    reading = read(OnnxEncoder(model_file()), WORDS * 30)
    assert reading is not None
    assert reading.embedding.shape == (EMBEDDING,)
    assert float(np.linalg.norm(reading.embedding)) == pytest.approx(1, abs=1e-5)
