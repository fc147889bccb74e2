"""Embeddings as pgvector takes them. Pure."""

import numpy as np


def written(vector: bytes) -> str:
    """Signed bytes as the text of a vector."""
    return str(np.frombuffer(vector, dtype=np.int8).tolist())
