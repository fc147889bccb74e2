"""The model file on both engines: torch reads the weights that onnxruntime runs."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from heedful.common.datafiles import DataError  # noqa: E402
from heedful.nlp.backend.onnx import OnnxEncoder  # noqa: E402
from heedful.nlp.backend.torch import TorchEncoder  # noqa: E402
from heedful.nlp.encoder.engine import Raw, Temperatures  # noqa: E402
from heedful.nlp.encoder.padding import by_length  # noqa: E402
from heedful.nlp.encoder.reading import read, read_all, satisfaction  # noqa: E402
from heedful.nlp.encoder.tasks import EMOTIONS, QUERIES, Stance  # noqa: E402
from heedful.nlp.train.export import export  # noqa: E402

from .tiny import VOCABULARY, WORDS, model_file, network  # noqa: E402

# int8 activations against fp32 ones, on weights that are the same in both.
TOLERANCE = 0.35
ONNX = OnnxEncoder(model_file())
TORCH = TorchEncoder.of(model_file())
IDS = st.lists(st.integers(5, len(VOCABULARY) - 1), min_size=1, max_size=40)


def run(engine: OnnxEncoder | TorchEncoder, ids: list[int]) -> Raw:
    numbers = np.array([2, *ids, 3], dtype=np.int64)
    return engine.run(numbers, np.zeros_like(numbers))


def test_the_file_says_what_it_is() -> None:
    assert ONNX.version == TORCH.version
    assert ONNX.version.startswith("tiny-1+")
    assert ONNX.pieces.vocabulary == TORCH.pieces.vocabulary == tuple(VOCABULARY)
    assert ONNX.temperatures == TORCH.temperatures
    assert ONNX.temperatures.emotion == 1.5


def test_the_weights_come_back_but_for_rounding() -> None:
    trained = network().state_dict()
    read_back = TORCH.network.state_dict()
    assert set(trained) == set(read_back)
    for name, value in trained.items():
        step = value.abs().max() / 100
        assert (value - read_back[name]).abs().max() <= step, name


@settings(max_examples=60, deadline=None)
@given(IDS)
def test_both_engines_agree(ids: list[int]) -> None:
    one, other = run(ONNX, ids), run(TORCH, ids)
    assert one.answers.shape[0] == QUERIES
    for name in Raw.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        assert left.shape == right.shape, name
        assert np.abs(left - right).max() <= TOLERANCE * max(1, np.abs(right).max()), name


def test_a_text_reads_the_same_in_any_company() -> None:
    texts = [WORDS[start : start + 3 + start % 7] for start in range(20)] * 6
    alone = [read(ONNX, text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: read(ONNX, text), reversed(texts)))
    for one, other in zip(alone, reversed(together), strict=True):
        assert one is not None
        assert other is not None
        assert np.array_equal(one.sentiment, other.sentiment)
        assert np.array_equal(one.car, other.car)
        assert one.opinions == other.opinions
        assert one.names == other.names
        assert one.focus == other.focus
        assert one.hearing is not None
        assert other.hearing is not None
        assert one.hearing.flags == other.hearing.flags


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(WORDS, max_size=60), min_size=1, max_size=12))
def test_texts_read_together_are_read_as_alone(texts: list[str]) -> None:
    for one, other in zip(read_all(TORCH, texts), map(partial(read, TORCH), texts), strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            np.testing.assert_allclose(one.sentiment, other.sentiment, atol=1e-4)
            np.testing.assert_allclose(one.car, other.car, atol=1e-4)
            assert one.hearing is not None
            assert other.hearing is not None
            left, right = ([flag.share for flag in of.flags] for of in (one.hearing, other.hearing))
            np.testing.assert_allclose(left, right, atol=1e-4)


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(50, 1024))
def test_batches_hold_every_text_once_and_keep_to_their_budget(
    sizes: list[int], budget: int
) -> None:
    made = list(by_length(sizes, budget))
    assert sorted(number for batch in made for number in batch) == list(range(len(sizes)))
    for batch in made:
        assert len(batch) == 1 or max(sizes[one] for one in batch) * len(batch) <= budget


def test_a_head_without_training_says_nothing() -> None:
    silent = ("emotion", "car", "restaurant", "opinions", "names", "voice")
    content = export(network(), VOCABULARY, "tiny-1", Temperatures(), silent)
    for engine in (OnnxEncoder(content), TorchEncoder.of(content)):
        assert engine.untrained == set(silent)
        reading = read(engine, WORDS)
        assert reading is not None
        assert EMOTIONS[int(reading.emotion.argmax())] == "neutral"
        assert (reading.car.argmax(axis=1) == Stance.ABSENT).all()
        assert (reading.restaurant.argmax(axis=1) == Stance.ABSENT).all()
        assert reading.opinions == ()
        assert reading.names == ()
        assert reading.hearing is None
    assert ONNX.untrained == TORCH.untrained == frozenset()


def test_a_long_text_is_read_to_its_end() -> None:
    text = "味道好，" * 400
    reading = read(ONNX, text)
    assert reading is not None
    assert reading.sentiment.sum() == pytest.approx(1, abs=1e-5)
    places = [one.place for one in reading.opinions] + [one.place for one in reading.names]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert max((end for _, end in places), default=len(text)) > 1000


def test_nothing_to_read() -> None:
    assert read(ONNX, "  \n") is None


def test_satisfaction_is_on_its_scale_and_hears_who_speaks() -> None:
    turns = [(True, "很慢"), (False, "好的")]
    found = satisfaction(ONNX, turns)
    assert -2 <= found <= 2
    assert found != satisfaction(ONNX, [(False, "很慢"), (True, "好的")])
    assert -2 <= satisfaction(ONNX, [(True, "慢" * 3000)]) <= 2


def test_a_file_of_other_labels_is_refused() -> None:
    import onnx

    model = onnx.load_model_from_string(model_file())
    for entry in model.metadata_props:
        if entry.key == "emotions":
            entry.value = "glad,mad"
    with pytest.raises(DataError, match="make train"):
        OnnxEncoder(model.SerializeToString())
