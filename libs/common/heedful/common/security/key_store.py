"""SQL of stored keys and of what was set for tenants: `common.api_key`, `common.tenant_quota`.

Whatever somebody changes leaves an entry for the audit, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.administration import note
from heedful.common.contracts import Actor
from heedful.common.db.tenant_lock import lock_tenant
from heedful.common.errors import ConfigurationError, HeedfulError
from heedful.common.quota.policy import NOTHING_SET, Limit, Override
from heedful.common.security import key_changes
from heedful.common.security.addresses import network
from heedful.common.security.keys import digest, parse
from heedful.common.security.stored_key import (
    KeyTerms,
    MadeKey,
    StoredKey,
    new_id,
    new_secret,
    old_expiry,
    successor_expiry,
)

_INSERT = text(
    """
    INSERT INTO common.api_key (
        id, tenant, name, digest, scopes, created_at, expires_at, allowed_ips,
        requests_per_second, requests_burst, items_per_second, items_burst
    ) VALUES (
        :id, :tenant, :name, :digest, :scopes, :created_at, :expires_at, :allowed_ips,
        :requests_per_second, :requests_burst, :items_per_second, :items_burst
    )
    """
)
_ONE = "SELECT * FROM common.api_key WHERE id = :id AND tenant = coalesce(:tenant, tenant)"
_LOCK = text(f"{_ONE} FOR UPDATE")
_PAGE = text(
    """
    SELECT * FROM common.api_key
    WHERE tenant = coalesce(:tenant, tenant)
        AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, :id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """
)
_ACTIVE = text(
    "SELECT * FROM common.api_key"
    " WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
)
_COUNT = text("SELECT count(*) FROM common.api_key WHERE tenant = :tenant AND revoked_at IS NULL")
_REVOKE = text(
    "UPDATE common.api_key SET revoked_at = :now WHERE id = :id"
    " AND tenant = coalesce(:tenant, tenant) AND revoked_at IS NULL RETURNING *"
)
_END = text("UPDATE common.api_key SET expires_at = :ends, successor = :successor WHERE id = :id")
# What other replicas wrote within the minute is not written again.
_USED = text(
    "UPDATE common.api_key k SET last_used_at = u.at"
    " FROM unnest(CAST(:ids AS text[]), CAST(:times AS timestamptz[])) AS u (id, at)"
    " WHERE k.id = u.id"
    " AND (k.last_used_at IS NULL OR u.at - k.last_used_at >= interval '60 s')"
)
_EXPIRE = text(
    "UPDATE common.api_key SET revoked_at = expires_at"
    " WHERE revoked_at IS NULL AND expires_at <= now()"
)
_TENANTS = text("SELECT * FROM common.tenant_quota ORDER BY tenant")
_TENANT = text("SELECT * FROM common.tenant_quota WHERE tenant = :tenant")
_SET_TENANT = text(
    """
    INSERT INTO common.tenant_quota (
        tenant, requests_per_second, requests_burst, items_per_second, items_burst
    ) VALUES (:id, :requests_per_second, :requests_burst, :items_per_second, :items_burst)
    ON CONFLICT (tenant) DO UPDATE SET
        requests_per_second = excluded.requests_per_second,
        requests_burst = excluded.requests_burst,
        items_per_second = excluded.items_per_second,
        items_burst = excluded.items_burst
    """
)
_SET_KEY = text(
    """
    UPDATE common.api_key SET
        requests_per_second = :requests_per_second, requests_burst = :requests_burst,
        items_per_second = :items_per_second, items_burst = :items_burst
    WHERE id = :id
    """
)


class NotRotated(HeedfulError):
    """The key is ended, or was rotated before. The text says which."""


async def create(engine: AsyncEngine, terms: KeyTerms, now: datetime, by: Actor) -> MadeKey:
    """Store a new key.

    Raises:
        ConfigurationError: a tenant or scope that no key can have.
    """
    async with engine.begin() as connection:
        return await _create(connection, terms, now, by)


async def rotate(
    engine: AsyncEngine,
    key_id: str,
    overlap: timedelta,
    now: datetime,
    by: Actor,
    *,
    tenant: str | None = None,
    expires_at: datetime | None = None,
) -> MadeKey | None:
    """Make the successor of a key, which ends after the overlap; None: there is no such key.

    Args:
        tenant: only a key of this one.
        expires_at: of the successor; None: it lives as long as the old one was meant to.

    Raises:
        NotRotated: it is no longer active, or has a successor already.
    """
    async with engine.begin() as connection:
        values = {"id": key_id, "tenant": tenant}
        row = (await connection.execute(_LOCK, values)).first()
        if row is None:
            return None
        old = _stored(row)
        if not old.active(now):
            raise NotRotated("the key has ended; make a new one")
        if old.successor is not None:
            raise NotRotated(f"the key was rotated before, its successor is {old.successor}")
        terms = replace(old.terms, expires_at=expires_at or successor_expiry(old, now))
        made = await _create(connection, terms, now, by)
        ends = old_expiry(old, overlap, now)
        await connection.execute(_END, {"id": key_id, "ends": ends, "successor": made.stored.id})
        await note(connection, now, key_changes.rotated(by, old, ends, made.stored))
        return made


async def revoke(
    engine: AsyncEngine, key_id: str, now: datetime, by: Actor, *, tenant: str | None = None
) -> bool:
    """End a key at once; False when there is no such active key (of this tenant)."""
    async with engine.begin() as connection:
        values = {"id": key_id, "tenant": tenant, "now": now}
        row = (await connection.execute(_REVOKE, values)).first()
        if row is not None:
            await note(connection, now, key_changes.revoked(by, _stored(row)))
        return row is not None


async def get(engine: AsyncEngine, key_id: str, *, tenant: str | None = None) -> StoredKey | None:
    """One key (of this tenant), ended or not."""
    async with engine.connect() as connection:
        row = (await connection.execute(text(_ONE), {"id": key_id, "tenant": tenant})).first()
        return None if row is None else _stored(row)


async def page(
    engine: AsyncEngine,
    tenant: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[StoredKey]:
    """Keys, the newest first, also ended ones."""
    at, last = after or (None, None)
    values = {"tenant": tenant, "at": at, "id": last, "limit": limit}
    async with engine.connect() as connection:
        return [_stored(row) for row in await connection.execute(_PAGE, values)]


async def count(engine: AsyncEngine, tenant: str) -> int:
    """Keys of a tenant that were not ended."""
    async with engine.connect() as connection:
        return int(await connection.scalar(_COUNT, {"tenant": tenant}) or 0)


async def active(engine: AsyncEngine) -> tuple[Mapping[bytes, StoredKey], Mapping[str, Override]]:
    """Every key that may be used, by digest; and what was set for tenants."""
    async with engine.connect() as connection:
        keys = {bytes(row.digest): _stored(row) for row in await connection.execute(_ACTIVE)}
        return keys, await _tenants(connection)


async def note_used(engine: AsyncEngine, used: Mapping[str, datetime]) -> None:
    """Write when keys were last used, and mark as ended what has expired."""
    async with engine.begin() as connection:
        if used:
            # In one order everywhere, so that two replicas never wait for each other.
            ids = sorted(used)
            await connection.execute(_USED, {"ids": ids, "times": [used[one] for one in ids]})
        await connection.execute(_EXPIRE)


async def tenant_quotas(engine: AsyncEngine) -> Mapping[str, Override]:
    """What was set for tenants."""
    async with engine.connect() as connection:
        return await _tenants(connection)


async def set_tenant_quota(
    engine: AsyncEngine, tenant: str, override: Override, now: datetime, by: Actor
) -> None:
    async with engine.begin() as connection:
        await lock_tenant(connection, "common.tenant_quota", tenant)
        row = (await connection.execute(_TENANT, {"tenant": tenant})).first()
        before = NOTHING_SET if row is None else _override(row)
        await connection.execute(_SET_TENANT, {"id": tenant, **_quota_row(override)})
        await note(connection, now, key_changes.tenant_quota_set(by, tenant, before, override))


async def set_key_quota(
    engine: AsyncEngine, key_id: str, override: Override, now: datetime, by: Actor
) -> bool:
    """False when there is no such key."""
    async with engine.begin() as connection:
        values = {"id": key_id, "tenant": None}
        row = (await connection.execute(_LOCK, values)).first()
        if row is None:
            return False
        await connection.execute(_SET_KEY, {"id": key_id, **_quota_row(override)})
        before = _override(row)
        entry = key_changes.key_quota_set(by, row.tenant, key_id, before, override)
        await note(connection, now, entry)
        return True


async def _create(
    connection: AsyncConnection, terms: KeyTerms, now: datetime, by: Actor
) -> MadeKey:
    stored, secret = StoredKey(new_id(), terms, now), new_secret()
    # A key that could not be configured is not stored either.
    parse(f"{terms.tenant}:{secret}:{'+'.join(sorted(terms.scopes))}")
    if terms.expires_at is not None and terms.expires_at <= now:
        raise ConfigurationError("expires_at is in the past")
    await connection.execute(
        _INSERT,
        {
            "id": stored.id,
            "tenant": terms.tenant,
            "name": terms.name,
            "digest": digest(secret),
            "scopes": sorted(terms.scopes),
            "created_at": now,
            "expires_at": terms.expires_at,
            "allowed_ips": [str(one) for one in terms.allowed_ips],
            **_quota_row(terms.quota),
        },
    )
    await note(connection, now, key_changes.created(by, stored))
    return MadeKey(stored, secret)


async def _tenants(connection: AsyncConnection) -> Mapping[str, Override]:
    return {row.tenant: _override(row) for row in await connection.execute(_TENANTS)}


def _stored(row: Row[Any]) -> StoredKey:
    return StoredKey(
        id=row.id,
        terms=KeyTerms(
            tenant=row.tenant,
            scopes=frozenset(row.scopes),
            name=row.name,
            expires_at=row.expires_at,
            allowed_ips=tuple(network(one) for one in row.allowed_ips),
            quota=_override(row),
        ),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        successor=row.successor,
    )


def _override(row: Row[Any]) -> Override:
    return Override(
        _limit(row.requests_per_second, row.requests_burst),
        _limit(row.items_per_second, row.items_burst),
    )


def _limit(per_second: float | None, burst: int | None) -> Limit | None:
    return None if per_second is None or burst is None else Limit(per_second, burst)


def _quota_row(override: Override) -> dict[str, float | int | None]:
    row: dict[str, float | int | None] = {}
    for unit, limit in (("requests", override.requests), ("items", override.items)):
        row[f"{unit}_per_second"] = None if limit is None else limit.per_second
        row[f"{unit}_burst"] = None if limit is None else limit.burst
    return row
