"""Whom something in quarantine is about: keyed hashes, so that an erasure finds it."""

from collections.abc import Sequence

from heedful.common.contracts import Identifier
from heedful.common.erasure import Names
from heedful.common.events import partition_key
from heedful.common.identifiers import hashed, normalised


class People:
    """Hashes identifiers as record keys do (`partition_key`).

    Each in every form in which journey may know it: as it was written, in its one spelling, and
    hashed, where the tenant has identifiers hashed.

    Args:
        key_secret: of record keys.
        identifiers_secret: of hashed identifiers.
        region: country of phone numbers without a country code.
    """

    def __init__(self, key_secret: bytes, identifiers_secret: bytes, region: str) -> None:
        self._key_secret = key_secret
        self._identifiers_secret = identifiers_secret
        self._region = region

    def of(self, tenant: str, identifiers: object) -> Sequence[str]:
        """Of the identifiers that can be read."""
        found: set[str] = set()
        for one in identifiers if isinstance(identifiers, list | tuple) else ():
            try:
                written = Identifier.model_validate(one)
            except ValueError:
                continue
            found |= {self._hash(tenant, form) for form in self._forms(tenant, written)}
        return sorted(found)

    def named(self, tenant: str, names: Names) -> Sequence[str]:
        """Of a customer who is erased."""
        known = (Identifier(type=one.type, value=one.value) for one in names.identifiers)
        return sorted({self._hash(tenant, one) for one in known})

    def _forms(self, tenant: str, written: Identifier) -> set[Identifier]:
        plain = normalised(written.type, written.value, self._region)
        secret = hashed(self._identifiers_secret, tenant, written.type, plain)
        found = {written}
        for value in (plain, secret):
            try:
                found.add(Identifier(type=written.type, value=value))
            except ValueError:  # names nobody, or is longer in its one spelling than any is sent
                continue
        return found

    def _hash(self, tenant: str, identifier: Identifier) -> str:
        return partition_key(self._key_secret, tenant, None, (identifier,), "")
