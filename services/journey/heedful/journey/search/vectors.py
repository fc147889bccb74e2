"""Embeddings as pgvector takes them. Pure."""

from typing import Final

_SIGNED: Final = [str(byte if byte < 128 else byte - 256) for byte in range(256)]
"""By the byte: the number that it is in two's complement."""


def written(vector: bytes) -> str:
    """Signed bytes as the text of a vector."""
    return f"[{','.join([_SIGNED[byte] for byte in vector])}]"
