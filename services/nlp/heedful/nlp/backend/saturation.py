"""Whether onnxruntime adds 8-bit products right on this processor, found out by adding some.

Without VNNI its default kernel on x86 adds pairs of products in 16 bits and saturates: no error,
only other numbers (onnxruntime issues 6004 and 14642; docs/decisions/0057).
"""

import base64
from functools import cache
from typing import Final

import numpy as np
import onnxruntime as ort

DEPTH: Final = 64
_ACTIVATION: Final = 255
WEIGHT: Final = 127
MODEL: Final = base64.b64decode(
    "CAg6jQEKMwoFc2hhcGUSAWIiD0NvbnN0YW50T2ZTaGFwZSoWCgV2YWx1ZSoKCAEQAyoBf0IBdqABBAoYCgFhCgFiEgFj"
    "Ig1NYXRNdWxJbnRlZ2VyEgFnKg8IAhAHOgJAQEIFc2hhcGVaEwoBYRIOCgwIAhIICgIIAQoCCEBiEwoBYxIOCgwIBhII"
    "CgIIAQoCCEBCBAoAEBE="
)
"""ONNX, opset 17: c [1, DEPTH] = MatMulInteger(a [1, DEPTH] of unsigned bytes, signed ones that are
all `WEIGHT`). No products are larger, and a pair of them does not fit into 16 bits."""


@cache
def saturates() -> bool:
    """Once in a process: the processor stays the same."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
    (sums,) = session.run(None, {"a": np.full((1, DEPTH), _ACTIVATION, dtype=np.uint8)})
    return bool((sums != DEPTH * _ACTIVATION * WEIGHT).any())
