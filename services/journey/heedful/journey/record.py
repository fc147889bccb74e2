"""The record of erasures: signed entries, each of which holds the digest of the one before. Pure.

An entry is canonical JSON (sorted names, no white space, RFC 8785 for the values that it holds);
its digest is the SHA-256 of these bytes, and its signature Ed25519 (RFC 8032) over the digest. So
whoever has the public key sees that an entry was changed, and that one is missing between two
others; that the newest ones are missing shows in what was exported before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET: Final = "erasure-record"  # noqa: S105  # the name of an instance secret
START: Final = b"\x00" * 32
"""What the first entry of a tenant has in place of the digest of the one before."""


class EntryKind(StrEnum):
    REQUESTED = "requested"
    EXTENDED = "extended"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Entry:
    """`body` is the exact text that was signed."""

    body: str
    digest: bytes
    signature: bytes

    @property
    def said(self) -> Mapping[str, object]:
        found = orjson.loads(self.body)
        return found if isinstance(found, dict) else {}

    @property
    def position(self) -> object:
        return self.said.get("position")


class Signer:
    """Makes entries.

    Args:
        secret: 32 random bytes, the private key.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def entry(
        self,
        tenant: str,
        position: int,
        previous: bytes,
        at: datetime,
        kind: EntryKind,
        what: Mapping[str, object],
    ) -> Entry:
        """The entry behind the one with the digest `previous`. `what` holds nothing personal."""
        said = {
            **what,
            "tenant": tenant,
            "position": position,
            "previous": previous.hex(),
            "at": at.isoformat(),
            "kind": kind.value,
        }
        body = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        digest = sha256(body).digest()
        return Entry(body.decode(), digest, self._key.sign(digest))


def faults(entries: Iterable[Entry], public_key: bytes) -> list[str]:
    """What is wrong with entries of one tenant in their order; empty when nothing is.

    The first of them need not be the first of the tenant.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key)
    found: list[str] = []
    before: Entry | None = None
    for entry in entries:
        found += _faults(entry, key)
        found += _gap(before, entry)
        before = entry
    return found


def _faults(entry: Entry, key: Ed25519PublicKey) -> list[str]:
    if sha256(entry.body.encode()).digest() != entry.digest:
        return [f"entry {entry.position}: its text was changed"]
    try:
        key.verify(entry.signature, entry.digest)
    except InvalidSignature:
        return [f"entry {entry.position}: it was not signed with this key"]
    return []


def _gap(before: Entry | None, entry: Entry) -> list[str]:
    previous = entry.said.get("previous")
    if before is None:
        first = entry.position == 1
        return ["entry 1: it is not the first"] if first and previous != START.hex() else []
    if previous != before.digest.hex():
        return [f"between entry {before.position} and {entry.position} something is missing"]
    return []
