"""The Merkle tree hash of RFC 6962 §2.1, with SHA-256. Pure."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves in their order, of which no more than the logarithm is held."""
    # The roots of full subtrees, the largest first, with their heights: the binary digits of the
    # number of leaves so far.
    full: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, hash_ = 0, sha256(_LEAF + leaf).digest()
        while full and full[-1][0] == height:
            height, hash_ = height + 1, _node(full.pop()[1], hash_)
        full.append((height, hash_))
    if not full:
        return sha256().digest()
    found = full.pop()[1]
    while full:
        found = _node(full.pop()[1], found)
    return found


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
