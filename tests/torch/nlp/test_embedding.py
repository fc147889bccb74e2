"""The embedding of another encoder is read out of a network."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from heedful.common.datafiles import DataError  # noqa: E402
from heedful.nlp.backend.onnx import OnnxEncoder  # noqa: E402
from heedful.nlp.backend.torch import TorchEncoder, read_network  # noqa: E402
from heedful.nlp.encoder.engine import Raw  # noqa: E402
from heedful.nlp.encoder.reading import read  # noqa: E402
from heedful.nlp.encoder.tasks import EMBEDDING  # noqa: E402
from heedful.nlp.train.embedding import WEIGHTS, fit, wanted  # noqa: E402
from heedful.nlp.train.refit import refitted  # noqa: E402

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


def fitted(teacher: Padded, texts: list[list[int]], content: bytes | None = None) -> bytes:
    content = content or model_file()
    found, _ = read_network(content, anew=WEIGHTS)
    fit(found, content, teacher, texts)
    return refitted(content, found, "tiny-2")


def coarse() -> bytes:
    """A file whose int8 weights do not use their whole range; rounded again, they would."""
    model = onnx.load_model_from_string(model_file())
    for one in model.graph.initializer:
        if one.name.startswith("network.encoder") and one.name.endswith("_quantized"):
            halved = onnx.numpy_helper.to_array(one) // 2
            one.CopyFrom(onnx.numpy_helper.from_array(halved, one.name))
    content: bytes = model.SerializeToString()
    return content


def likeness(content: bytes, teacher: Padded, texts: list[list[int]]) -> float:
    """The mean cosine of what a file says and what is wanted."""
    engine = OnnxEncoder(content)
    said = np.stack([one.embedding for one in engine.run_all([np.array(ids) for ids in texts])])
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    return float((said * wanted(teacher, texts).numpy()).sum(axis=1).mean())


def test_its_own_embedding_is_read_out_whole() -> None:
    assert likeness(fitted(Padded(1), TEXTS), Padded(1), TEXTS[:50]) > 0.95


def test_the_fit_helps_on_texts_that_it_has_not_seen() -> None:
    before = likeness(model_file(), Padded(2), TEXTS[300:])
    after = likeness(fitted(Padded(2), TEXTS[:300]), Padded(2), TEXTS[300:])
    assert after > before + 0.2


def test_a_reading_has_an_embedding_of_length_one() -> None:
    reading = read(OnnxEncoder(model_file()), WORDS * 30)
    assert reading is not None
    assert reading.embedding.shape == (EMBEDDING,)
    assert float(np.linalg.norm(reading.embedding)) == pytest.approx(1, abs=1e-5)


def test_a_file_that_is_fitted_anew_says_the_same_of_everything_else() -> None:
    content = coarse()
    made = fitted(Padded(2), TEXTS[:300], content)
    old, new, on_torch = OnnxEncoder(content), OnnxEncoder(made), TorchEncoder.of(made)
    assert new.version.startswith("tiny-2+")
    assert new.temperatures == old.temperatures
    for ids in map(np.array, TEXTS[300:320]):
        before, after = (one.run(ids, np.zeros_like(ids)) for one in (old, new))
        same = [np.array_equal(getattr(before, x), getattr(after, x)) for x in Raw.__slots__]
        assert same == [name != "embedding" for name in Raw.__slots__]
        other = on_torch.run(ids, np.zeros_like(ids))
        assert np.abs(other.embedding - after.embedding).max() < 0.1


def test_a_file_without_an_embedding_can_be_given_one() -> None:
    model = onnx.load_model_from_string(model_file())
    for one in model.graph.initializer:
        one.name = one.name.replace(WEIGHTS, "replaced.")
    content = model.SerializeToString()
    with pytest.raises(DataError, match="no weight embedding"):
        read_network(content)
    found, _ = read_network(content, anew=WEIGHTS)
    assert torch.equal(found.tags.weight, read_network(model_file())[0].tags.weight)
