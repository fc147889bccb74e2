"""The encoder's products are right on this processor, whichever it is."""

import numpy as np
import onnxruntime as ort
import pytest

from heedful.nlp.backend import shipped
from heedful.nlp.backend.onnx import session
from heedful.nlp.backend.saturation import DEPTH, MODEL, WEIGHT, saturates
from heedful.nlp.resources import read_bytes

LONG, SHORT = 200, 5


def exact(content: bytes) -> ort.InferenceSession:
    """On the kernel that saturates nowhere."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def test_the_exact_kernel_adds_what_is_asked() -> None:
    (sums,) = exact(MODEL).run(None, {"a": np.full((1, DEPTH), 255, dtype=np.uint8)})
    assert set(sums.ravel().tolist()) == {DEPTH * 255 * WEIGHT}


def test_it_is_asked_by_what_saturates_if_anything_does() -> None:
    """Half of a pair of these products is all that 16 bits hold."""
    plain = ort.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
    (sums,) = plain.run(None, {"a": np.full((1, DEPTH), 255, dtype=np.uint8)})
    assert saturates() == (int(sums.min()) < DEPTH * 255 * WEIGHT)


@pytest.mark.parametrize("pieces", [SHORT, LONG])
def test_the_shipped_encoder_says_what_the_exact_kernel_says(pieces: int) -> None:
    content = read_bytes(shipped.FILE)
    ids = np.random.default_rng(pieces).integers(5, 5_000, size=pieces)
    inputs = dict(zip(shipped.INPUTS, (ids, np.zeros_like(ids)), strict=True))
    outputs = list(shipped.OUTPUTS)
    found, wanted = session(content).run(outputs, inputs), exact(content).run(outputs, inputs)
    for one, other in zip(found, wanted, strict=True):
        assert np.abs(one - other).max() < 1e-4
