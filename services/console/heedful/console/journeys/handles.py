"""Identifiers of a customer in a form, without saying them there. Pure."""

import hashlib
from collections.abc import Collection, Sequence

from heedful.console.upstream.identities import Identity

_CHARS = 16


def handle(one: Identity) -> str:
    """Stands for an identifier where its value may not be: it says nothing of it to who does not
    know it already, and tells it from the others of a customer."""
    written = "\x00".join((one.type, one.source or "", one.value))
    return hashlib.sha256(written.encode()).hexdigest()[:_CHARS]


def named(known: Sequence[Identity], handles: Collection[str]) -> list[Identity]:
    """Those that were chosen."""
    return [one for one in known if handle(one) in handles]
