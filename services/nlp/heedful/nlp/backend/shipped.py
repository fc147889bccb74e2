"""The shipped encoder file: its name, the names inside it, and whether it fits this code."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from heedful.common.datafiles import DataError
from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.engine import Temperatures
from heedful.nlp.encoder.wordpiece import WordPieces

FILE: Final = "model/encoder.onnx"
INPUTS: Final = ("ids", "segments")
# The exporter calls the pieces' own vectors "embedding".
OUTPUTS: Final = ("answers", "attention", "tags", "pairs", "text_embedding")

VERSION: Final = "version"
VOCABULARY: Final = "vocabulary"
CONFIG: Final = "config"
TEMPERATURES: Final = "temperatures"
UNTRAINED: Final = "untrained"

WEIGHTS: Final = "network."
"""Begins the name of a weight; its name in torch follows."""

TRANSPOSED: Final = ".transposed"
"""Ends the name of a weight that is stored as [inputs, outputs]."""

QUANTISED: Final = "_quantized"
SCALE: Final = "_scale"
ZERO_POINT: Final = "_zero_point"
"""As onnxruntime's quantisation names the parts of a weight."""

_DIGEST_CHARS: Final = 8


@dataclass(frozen=True, slots=True)
class Shipped:
    """What a model file says of itself. `untrained`: of `tasks.HEADS`, those without training."""

    version: str
    pieces: WordPieces
    temperatures: Temperatures
    untrained: frozenset[str]
    config: str


def describe(content: bytes, metadata: Mapping[str, str]) -> Shipped:
    """What a model file says of itself; its version is its own name with a digest of the file.

    Raises:
        DataError: it was trained with other heads or labels than this code reads.
    """
    for key, value in tasks.layout().items():
        if metadata.get(key) != value:
            raise DataError(
                f"{FILE}: {key} is {metadata.get(key)!r}, the code has {value!r}; train it again:"
                " make train"
            )
    digest = hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS]
    return Shipped(
        version=f"{metadata[VERSION]}+{digest}",
        pieces=WordPieces(metadata[VOCABULARY].split("\n")),
        temperatures=Temperatures.model_validate_json(metadata[TEMPERATURES]),
        untrained=frozenset(metadata.get(UNTRAINED, "").split(",")) & frozenset(tasks.HEADS),
        config=metadata[CONFIG],
    )
