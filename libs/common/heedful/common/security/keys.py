"""API keys: a tenant's machines. They act as `system`; a person is proven by a token of theirs.

Keys come from `HEEDFUL_API_KEYS` (first start, tests), or are stored: key_store.py. A stored key
is known by the SHA-256 of 256 random bits.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from heedful.common.contracts import Actor, ActorType
from heedful.common.errors import ConfigurationError
from heedful.common.quota.policy import NOTHING_SET, Override
from heedful.common.security.addresses import Network, inside
from heedful.common.security.roles import Role

EVERYTHING = "*"
"""In a key's scopes: all of them."""

_PARTS = 3
_MAX_AUTHOR_CHARS = 200


class Scope(StrEnum):
    """What a key may do. `*` in a key's scopes is all of them."""

    FEEDBACK_WRITE = "feedback:write"
    INTERACTIONS_WRITE = "interactions:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    QUARANTINE_READ = "quarantine:read"
    QUARANTINE_WRITE = "quarantine:write"
    PRIVACY_READ = "privacy:read"
    PRIVACY_WRITE = "privacy:write"
    ENRICH = "enrich"
    CORRECTIONS_READ = "corrections:read"
    CORRECTIONS_WRITE = "corrections:write"
    JOURNEY_READ = "journey:read"
    JOURNEY_WRITE = "journey:write"
    PRIVACY_ERASE = "privacy:erase"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    POLICIES_WRITE = "policies:write"
    ENDPOINTS_WRITE = "endpoints:write"
    AUDIT_READ = "audit:read"
    KEYS_WRITE = "keys:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request.

    Attributes:
        key_id: of the API key; of a person who came without one, `oidc:` and their id.
        expires_at: from when on the key is not taken; None: never.
        allowed_ips: where it may be used from; empty: anywhere.
        quota: what was set for this key.
        actor: the person who acts, proven by a token; None: the machine acts by itself.
        role: of that person.
    """

    tenant: str
    key_id: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    allowed_ips: tuple[Network, ...] = ()
    quota: Override = NOTHING_SET
    actor: Actor | None = None
    role: Role | None = None

    @property
    def acting(self) -> Actor:
        """Who is named as the one who did it. A key is a machine, whoever holds it."""
        return self.actor or Actor(type=ActorType.SYSTEM, id=self.key_id)

    @property
    def author(self) -> str:
        """Who is written down as the one who did it: `human:li.wei`, or the id of the key."""
        # No longer than a name in an event may be.
        known = self.key_id if self.actor is None else f"{self.actor.type}:{self.actor.id}"
        return known[:_MAX_AUTHOR_CHARS]

    def may(self, scope: Scope) -> bool:
        return EVERYTHING in self.scopes or scope.value in self.scopes

    def may_come_from(self, host: str | None) -> bool:
        return not self.allowed_ips or inside(host, self.allowed_ips)

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def known_scopes() -> frozenset[str]:
    return frozenset({EVERYTHING, *(scope.value for scope in Scope)})


def digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def parse(entry: str) -> tuple[str, Principal]:
    """Read one `tenant:key:scope+scope` of `HEEDFUL_API_KEYS`; a scope may hold a colon.

    Raises:
        ConfigurationError: says which part is wrong, never the key.
    """
    parts = entry.split(":", _PARTS - 1)
    if len(parts) != _PARTS or not all(parts):
        raise ConfigurationError(
            "HEEDFUL_API_KEYS: each entry has the form tenant:key:scope+scope, e.g. shop:s3cret:*"
        )
    tenant, key, scopes = parts
    chosen = frozenset(scopes.split("+"))
    if not chosen <= known_scopes():
        # Not quoted: of an entry in the wrong order it is the key.
        raise ConfigurationError(
            f"HEEDFUL_API_KEYS: tenant {tenant!r} has an unknown scope; "
            f"known are * and {', '.join(Scope)}"
        )
    return key, Principal(tenant, f"env-{digest(key).hex()[:8]}", chosen)


def distinct(entries: Sequence[tuple[str, Principal]]) -> dict[bytes, Principal]:
    """By digest.

    Raises:
        ConfigurationError: two entries have the same key.
    """
    found: dict[bytes, Principal] = {}
    for key, principal in entries:
        known = found.setdefault(digest(key), principal)
        if known is principal:
            continue
        if known.tenant == principal.tenant:
            raise ConfigurationError(
                f"HEEDFUL_API_KEYS: tenant {known.tenant!r} has the same key twice; "
                "write one entry with all its scopes, joined by +"
            )
        raise ConfigurationError(
            f"HEEDFUL_API_KEYS: tenants {known.tenant!r} and {principal.tenant!r} have the same "
            "key; it decides the tenant of a request, so give each tenant a key of its own"
        )
    return found
