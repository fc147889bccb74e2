"""The encoder on torch and transformers, from the shipped file: its weights dequantised."""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import BertConfig

from heedful.common.datafiles import DataError
from heedful.nlp.backend import shipped
from heedful.nlp.backend.torch_network import Network
from heedful.nlp.encoder.engine import Ints, Raw, Temperatures
from heedful.nlp.encoder.padding import by_length, padded
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.resources import read_bytes

_TOGETHER: Final = 32
_PADDED: Final = 1024


class TorchEncoder:
    """`heedful.nlp.encoder.engine.Engine` on torch."""

    def __init__(self, network: Network, described: shipped.Shipped) -> None:
        self.network = network.eval()
        self._shipped = described

    @classmethod
    def load(cls) -> "TorchEncoder":
        """On the shipped weights."""
        return cls.of(read_bytes(shipped.FILE))

    @classmethod
    def of(cls, content: bytes) -> "TorchEncoder":
        """On the weights of a model file.

        Raises:
            heedful.common.datafiles.DataError: the file does not fit this code.
        """
        # One worker thread per core calls it; more threads inside would only contend.
        torch.set_num_threads(1)
        return cls(*read_network(content))

    @property
    def version(self) -> str:
        return self._shipped.version

    @property
    def pieces(self) -> WordPieces:
        return self._shipped.pieces

    @property
    def temperatures(self) -> Temperatures:
        return self._shipped.temperatures

    @property
    def untrained(self) -> frozenset[str]:
        return self._shipped.untrained

    @property
    def together(self) -> int:
        return _TOGETHER

    def run(self, ids: Ints, segments: Ints) -> Raw:
        with torch.inference_mode():
            outputs = self.network(torch.from_numpy(ids)[None], torch.from_numpy(segments)[None])
        return Raw(*(one[0].numpy() for one in outputs))

    def run_all(self, texts: Sequence[Ints]) -> list[Raw]:
        """In batches of texts of about the same length, each of at most `_PADDED` padded pieces."""
        found: dict[int, Raw] = {}
        for numbers in by_length([len(ids) for ids in texts], _PADDED):
            found.update(zip(numbers, self._padded([texts[one] for one in numbers]), strict=True))
        return [found[number] for number in range(len(texts))]

    def _padded(self, texts: Sequence[Ints]) -> list[Raw]:
        ids, mask = padded(texts, self.pieces.pad)
        inputs = (torch.from_numpy(one) for one in (ids, np.zeros_like(ids), mask))
        with torch.inference_mode():
            answers, attention, tags, pairs, embedding = (
                one.numpy() for one in self.network(*inputs)
            )
        return [
            Raw(
                answers[row],
                attention[row, :, :size],
                tags[row, :size],
                pairs[row, :size],
                embedding[row],
            )
            for row, size in enumerate(map(len, texts))
        ]


def read_network(content: bytes, *, anew: str | None = None) -> tuple[Network, shipped.Shipped]:
    """The network of a model file, its weights dequantised, and what the file says of itself.

    Args:
        content: of the file.
        anew: weights whose names begin with it stay as training begins with them.

    Raises:
        heedful.common.datafiles.DataError: the file does not fit this code.
    """
    model = onnx.load_model_from_string(content)
    described = shipped.describe(
        content, {entry.key: entry.value for entry in model.metadata_props}
    )
    network = Network(BertConfig.from_dict(json.loads(described.config)))
    network.load_state_dict(_weights(model, network, anew))
    return network, described


def _weights(model: Any, network: Network, anew: str | None) -> dict[str, Any]:
    """The state of a network, read from the file.

    Raises:
        DataError: a weight is missing.
    """
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    state: dict[str, Any] = {}
    for name, value in network.state_dict().items():
        kept = anew is not None and name.startswith(anew)
        found = None if kept else _weight(stored, shipped.WEIGHTS + name)
        if found is None:
            if kept or not value.is_floating_point():
                state[name] = value
                continue
            raise DataError(f"{shipped.FILE}: no weight {name}; train it again: make train")
        state[name] = torch.from_numpy(np.array(found)).to(value.dtype)
    return state


def _weight(stored: dict[str, NDArray[Any]], name: str) -> NDArray[Any] | None:
    for spelled, turned in ((name, False), (name + shipped.TRANSPOSED, True)):
        value = stored.get(spelled)
        if value is None and spelled + shipped.QUANTISED in stored:
            value = stored[spelled + shipped.QUANTISED].astype(np.float32)
            value = (value - stored[spelled + shipped.ZERO_POINT]) * stored[spelled + shipped.SCALE]
        if value is not None:
            return value.T if turned else value
    return None
