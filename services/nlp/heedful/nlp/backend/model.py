"""The shipped model file: its name, its version, and whether it fits this code."""

import hashlib
from collections.abc import Mapping
from typing import Final

from heedful.nlp.features import BUCKETS, ORDER
from heedful.nlp.resources import DataError
from heedful.nlp.sentiment import LABELS

FILE: Final = "model/sentiment.onnx"
INPUT: Final = "ngrams"
OUTPUT: Final = "probabilities"
TABLE: Final = "table"
SCALE: Final = "scale"
HIDDEN: Final = "hidden"
HIDDEN_BIAS: Final = "hidden_bias"
OUT: Final = "out"
OUT_BIAS: Final = "out_bias"

_DIGEST_CHARS: Final = 8


def expected() -> dict[str, str]:
    """What a model must say of itself to be read with these features."""
    return {"buckets": str(BUCKETS), "order": str(ORDER), "labels": ",".join(LABELS)}


def version_of(content: bytes, metadata: Mapping[str, str]) -> str:
    """The version of a model file: its own name with a digest of the file.

    Raises:
        DataError: it was trained with other features than this code makes.
    """
    for key, value in expected().items():
        if metadata.get(key) != value:
            raise DataError(
                f"{FILE}: {key} is {metadata.get(key)!r}, the code has {value!r}; train it again:"
                " python -m heedful.nlp.train.sentiment"
            )
    return f"{metadata['version']}+{hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS]}"
