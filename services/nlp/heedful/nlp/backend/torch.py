"""The model on torch, from the same file: initialisers read with onnx and dequantised."""

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from heedful.nlp.backend import model
from heedful.nlp.resources import read_bytes


def _network(weights: dict[str, Any]) -> torch.nn.ModuleDict:
    table = weights[model.TABLE].astype(np.float32) * weights[model.SCALE]
    return torch.nn.ModuleDict(
        {
            model.TABLE: torch.nn.Embedding.from_pretrained(torch.from_numpy(table)),
            model.HIDDEN: _linear(weights[model.HIDDEN], weights[model.HIDDEN_BIAS]),
            model.OUT: _linear(weights[model.OUT], weights[model.OUT_BIAS]),
        }
    ).eval()


def _linear(weight: NDArray[np.float32], bias: NDArray[np.float32]) -> torch.nn.Linear:
    layer = torch.nn.Linear(weight.shape[0], weight.shape[1])
    layer.weight = torch.nn.Parameter(torch.from_numpy(weight.T.copy()), requires_grad=False)
    layer.bias = torch.nn.Parameter(torch.from_numpy(bias.copy()), requires_grad=False)
    return layer


class TorchClassifier:
    """`heedful.nlp.sentiment.SentimentClassifier` on torch."""

    def __init__(self, content: bytes) -> None:
        # One worker thread per core calls it; more threads inside would only contend.
        torch.set_num_threads(1)
        loaded = onnx.load_model_from_string(content)
        self._version = model.version_of(
            content, {entry.key: entry.value for entry in loaded.metadata_props}
        )
        weights = {one.name: numpy_helper.to_array(one) for one in loaded.graph.initializer}
        self._network = _network(weights)

    @classmethod
    def load(cls) -> "TorchClassifier":
        """On the shipped weights."""
        return cls(read_bytes(model.FILE))

    @property
    def version(self) -> str:
        return self._version

    def probabilities(self, features: NDArray[np.int64]) -> NDArray[np.float32]:
        network = self._network
        with torch.inference_mode():
            rows = network[model.TABLE](torch.from_numpy(features))
            pooled = rows.sum(dim=0) / len(features) ** 0.5
            logits = network[model.OUT](torch.relu(network[model.HIDDEN](pooled)))
            result: NDArray[np.float32] = torch.softmax(logits, dim=-1).numpy()
        return result
