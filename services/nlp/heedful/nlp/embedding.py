"""The embedding of a text as it is published: one signed byte for each number. Pure."""

from typing import Final

import numpy as np

from heedful.nlp.encoder.spans import Floats

_MOST: Final = 127
_TINY: Final = 1e-9


def quantised(vector: Floats) -> bytes:
    """Bytes of about the same direction.

    The largest number becomes 127, so that nothing of the range is left unused; cosines do not
    depend on the length.
    """
    scale = _MOST / max(float(np.abs(vector).max()), _TINY)
    made: bytes = np.rint(vector * scale).astype(np.int8).tobytes()
    return made
