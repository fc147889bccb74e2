"""The model on onnxruntime: one text per call, one thread, the CPU.

Dynamic quantisation over a batch would make a text's result depend on its neighbours; one text at
a time cannot.
"""

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from heedful.nlp.backend import model
from heedful.nlp.resources import read_bytes


class OnnxClassifier:
    """`heedful.nlp.sentiment.SentimentClassifier` on onnxruntime."""

    def __init__(self, content: bytes) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._version = model.version_of(content, metadata)

    @classmethod
    def load(cls) -> "OnnxClassifier":
        """On the shipped weights."""
        return cls(read_bytes(model.FILE))

    @property
    def version(self) -> str:
        return self._version

    def probabilities(self, features: NDArray[np.int64]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self._session.run([model.OUTPUT], {model.INPUT: features})[0]
        return result
