"""API keys: a tenant's machines. They act as `system` and never as a person.

Keys come from `HEEDFUL_API_KEYS` (first start, tests) and from `heedful keys create`, which
stores only the SHA-256 of a 256-bit random key.
"""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.errors import ConfigurationError

_CACHE_S = 10.0
_PARTS = 3


class Scope(StrEnum):
    """What a key may do. `*` in a key's scopes is all of them."""

    FEEDBACK_WRITE = "feedback:write"
    INTERACTIONS_WRITE = "interactions:write"
    ENRICH = "enrich"
    CORRECTIONS_READ = "corrections:read"
    CORRECTIONS_WRITE = "corrections:write"
    JOURNEY_READ = "journey:read"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    ENDPOINTS_WRITE = "endpoints:write"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request."""

    tenant: str
    key_id: str
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        return "*" in self.scopes or scope.value in self.scopes


class ApiKeys:
    """Finds the principal of a key; stored keys are cached for ten seconds.

    Raises:
        ConfigurationError: a configured entry is wrong, or two have the same key.
    """

    def __init__(self, configured: Sequence[SecretStr], engine: AsyncEngine) -> None:
        self._configured = _distinct([parse(entry.get_secret_value()) for entry in configured])
        self._engine = engine
        self._stored: dict[bytes, Principal] = {}
        self._read_at: float | None = None

    async def find(self, key: str) -> Principal | None:
        """The principal of a key; None when unknown or revoked."""
        wanted = digest(key)
        configured = self._configured.get(wanted)
        if configured is not None:
            return configured
        if self._read_at is None or time.monotonic() - self._read_at > _CACHE_S:
            async with self._engine.connect() as connection:
                rows = await connection.execute(
                    text(
                        "SELECT id, tenant, digest, scopes FROM common.api_key"
                        " WHERE revoked_at IS NULL"
                    )
                )
                self._stored = {
                    bytes(row.digest): Principal(row.tenant, row.id, frozenset(row.scopes))
                    for row in rows
                }
            self._read_at = time.monotonic()
        return self._stored.get(wanted)


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
    if not chosen <= {"*", *(scope.value for scope in Scope)}:
        # Not quoted: of an entry in the wrong order it is the key.
        raise ConfigurationError(
            f"HEEDFUL_API_KEYS: tenant {tenant!r} has an unknown scope; "
            f"known are * and {', '.join(Scope)}"
        )
    return key, Principal(tenant, f"env-{digest(key).hex()[:8]}", chosen)


def _distinct(entries: Sequence[tuple[str, Principal]]) -> dict[bytes, Principal]:
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


async def create(
    engine: AsyncEngine, tenant: str, scopes: Sequence[str], now: datetime
) -> tuple[str, str]:
    """Store a new key. Returns its id and the key itself, which is never shown again."""
    key_id, key = f"k-{secrets.token_hex(6)}", f"hf_{secrets.token_urlsafe(32)}"
    parse(f"{tenant}:{key}:{'+'.join(scopes)}")
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO common.api_key (id, tenant, digest, scopes, created_at)"
                " VALUES (:id, :tenant, :digest, :scopes, :now)"
            ),
            {
                "id": key_id,
                "tenant": tenant,
                "digest": digest(key),
                "scopes": list(scopes),
                "now": now,
            },
        )
    return key_id, key


async def revoke(engine: AsyncEngine, key_id: str, now: datetime) -> bool:
    """Revoke a stored key; False when there is no such active key."""
    async with engine.begin() as connection:
        done = await connection.execute(
            text(
                "UPDATE common.api_key SET revoked_at = :now"
                " WHERE id = :id AND revoked_at IS NULL RETURNING id"
            ),
            {"id": key_id, "now": now},
        )
        return done.first() is not None
