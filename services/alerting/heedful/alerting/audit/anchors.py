"""Anchors: signed statements of where the chains of a tenant end. Pure.

A chain alone does not show that its tail was cut, or that all of it is gone. An anchor lists every
chain of a tenant that has grown since the anchor before, with its last position and hash: these
are the leaves of a Merkle tree (merkle.py), sorted by the name of the chain as UTF-8. Its body is
canonical JSON with the root and the hash of the anchor before; its hash is the SHA-256 of the
body, its signature Ed25519 (RFC 8032) over the hash.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from heedful.alerting.audit.canonical import canonical, moment
from heedful.alerting.audit.merkle import root

ANCHORS: Final = "anchors"
"""Name of the chain of a tenant's anchors."""
SECRET: Final = "alerting-audit"  # noqa: S105  # the name of an instance secret


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a chain ends: `chain` is the id of a case, or `administration`."""

    chain: str
    position: int
    hash: bytes

    @property
    def data(self) -> bytes:
        """What the tree has of it: a JSON array without spaces."""
        return orjson.dumps([self.chain, self.position, self.hash.hex()])


@dataclass(frozen=True, slots=True)
class Anchor:
    """`body` is the exact text whose hash is signed."""

    tenant: str
    position: int
    at: datetime
    body: str
    hash: bytes
    signature: bytes

    @property
    def said(self) -> dict[str, object]:
        """The body; empty when it is none."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


class Signer:
    """Makes anchors.

    Args:
        secret: 32 random bytes, the private key.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def anchor(
        self, tenant: str, position: int, previous: bytes, at: datetime, leaves: Sequence[Leaf]
    ) -> Anchor:
        """The anchor behind the one with the hash `previous`; leaves in any order."""
        said = {
            "at": moment(at),
            "form": 1,
            "leaves": len(leaves),
            "position": position,
            "previous": previous.hex(),
            "root": tree(leaves).hex(),
            "tenant": tenant,
        }
        body = canonical(said)
        hash_ = sha256(body).digest()
        return Anchor(tenant, position, at, body.decode(), hash_, self._key.sign(hash_))


def tree(leaves: Iterable[Leaf]) -> bytes:
    """The root over leaves in any order."""
    return root(leaf.data for leaf in sorted(leaves, key=lambda leaf: leaf.chain.encode()))


def signed(hash_: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether this key signed the hash."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, hash_)
    except InvalidSignature:
        return False
    return True
