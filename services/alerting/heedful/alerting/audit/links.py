"""A hash chain over what must not be changed unnoticed, of which words can be taken out. Pure.

A link stands for facts, which stay, and words, which an erasure may take:

    words  = SHA-256(salt ‖ JCS(words))                       salt: 32 random bytes
    digest = SHA-256(JCS(facts with "words": hex of words))   without words: of the facts alone
    hash   = SHA-256(hash of the link before ‖ position as 8 bytes, big-endian ‖ digest)

JCS is RFC 8785. The link before the first is 32 zero bytes. An erasure takes words and salt; what
is left of them leads nowhere, not even to a word that somebody guesses, and the chain still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from heedful.alerting.audit.canonical import JsonObject, canonical

START: Final = b"\x00" * 32
"""The hash before the first link of a chain."""
SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it is stored.

    Attributes:
        salt: of the words; None when there were none, or they were erased.
        words: the salted digest of the words; None when there were none.
    """

    salt: bytes | None
    words: bytes | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a link stands for: JSON objects without null values."""

    facts: JsonObject
    words: JsonObject


def link(previous: bytes, position: int, content: Content, salt: bytes) -> Link:
    """The link behind the one with the hash `previous`; `salt` is used when there are words."""
    words = words_digest(salt, content.words) if content.words else None
    digest = facts_digest(content.facts, words)
    hash_ = link_hash(previous, position, digest)
    return Link(salt if words else None, words, hash_)


def words_digest(salt: bytes, words: JsonObject) -> bytes:
    return sha256(salt + canonical(words)).digest()


def facts_digest(facts: JsonObject, words: bytes | None) -> bytes:
    told = facts if words is None else {**facts, "words": words.hex()}
    return sha256(canonical(told)).digest()


def link_hash(previous: bytes, position: int, digest: bytes) -> bytes:
    return sha256(previous + position.to_bytes(8, "big") + digest).digest()


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without nulls: a column that a later release adds changes no hash of before."""
    return {name: value for name, value in values.items() if value is not None}
