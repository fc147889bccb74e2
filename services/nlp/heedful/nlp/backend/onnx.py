"""The encoder on onnxruntime: one unpadded text per call, one thread, the CPU.

Activations are quantised per call, so in a batch a text's result would depend on its neighbours;
one text at a time cannot. A session may be called from many threads at once.
"""

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

from heedful.common.datafiles import DataError
from heedful.nlp.backend import shipped
from heedful.nlp.backend.saturation import saturates
from heedful.nlp.encoder.engine import Ints, Raw, Temperatures
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.resources import read_bytes

_WARM_UP_PIECES = 64
# With this onnxruntime takes a kernel that does not saturate, which a processor whose own does not
# would pay for with three quarters more time and have nothing from.
# onnxruntime_session_options_config_keys.h; docs/decisions/0057.
_NO_SATURATION = "session.x64quantprecision"


class OnnxEncoder:
    """`heedful.nlp.encoder.engine.Engine` on onnxruntime."""

    def __init__(self, content: bytes) -> None:
        """
        Raises:
            heedful.common.datafiles.DataError: the file does not fit this code.
        """
        try:
            self._session = session(content)
        except (Fail, InvalidGraph, InvalidProtobuf) as error:
            raise DataError(f"not a model that onnxruntime can run: {error}") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._shipped = shipped.describe(content, metadata)
        # The first call allocates; a customer's text should not wait for that.
        self.run(*(np.ones(_WARM_UP_PIECES, dtype=np.int64),) * 2)

    @classmethod
    def load(cls) -> "OnnxEncoder":
        """On the shipped weights."""
        return cls(read_bytes(shipped.FILE))

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
        return 1

    def run(self, ids: Ints, segments: Ints) -> Raw:
        inputs = dict(zip(shipped.INPUTS, (ids, segments), strict=True))
        return Raw(*self._session.run(list(shipped.OUTPUTS), inputs))

    def run_all(self, texts: Sequence[Ints]) -> list[Raw]:
        return [self.run(ids, np.zeros_like(ids)) for ids in texts]


def session(content: bytes) -> ort.InferenceSession:
    """A model file as it is run: on one thread of the CPU, without saturation.

    Raises:
        Fail, InvalidGraph, InvalidProtobuf: onnxruntime cannot run it.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if saturates():
        options.add_session_config_entry(_NO_SATURATION, "1")
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
