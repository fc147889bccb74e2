"""SQL of the record of erasures."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey.record import START, Entry, EntryKind, Signer

_LOCK_SPACE = zlib.crc32(b"heedful.journey.record") - (1 << 31)
_LOCK = text("SELECT pg_advisory_xact_lock(:space, :tenant)")
_HEAD = text(
    "SELECT position, digest FROM journey.erasure_record WHERE tenant = :tenant"
    " ORDER BY position DESC LIMIT 1"
)
_KNOWN = text(
    """
    SELECT EXISTS (
        SELECT 1 FROM journey.erasure_record WHERE erasure_id = :erasure_id AND kind = :kind
            AND service = :service AND part = :part)
    """
)
_INSERT = text(
    """
    INSERT INTO journey.erasure_record (
        tenant, position, erasure_id, kind, service, part, body, digest, signature)
    VALUES (:tenant, :position, :erasure_id, :kind, :service, :part, :body, :digest, :signature)
    """
)
_OF_ERASURES = text(
    """
    SELECT erasure_id, body, digest, signature FROM journey.erasure_record
    WHERE erasure_id = ANY(CAST(:ids AS text[])) ORDER BY position
    """
)
_TENANTS = text("SELECT DISTINCT tenant FROM journey.erasure_record ORDER BY tenant")
_PAGE = text(
    """
    SELECT position, body, digest, signature FROM journey.erasure_record
    WHERE tenant = :tenant AND position > :after ORDER BY position LIMIT :limit
    """
)


async def append(
    connection: AsyncConnection,
    signer: Signer,
    tenant: str,
    erasure_id: str,
    kind: EntryKind,
    at: datetime,
    what: Mapping[str, object],
    *,
    service: str = "",
    part: int = 0,
) -> bool:
    """Append an entry; False when the erasure has one of that kind, service and part already.

    Holds the tenant's record until the commit.
    """
    tenant_lock = zlib.crc32(tenant.encode()) - (1 << 31)
    await connection.execute(_LOCK, {"space": _LOCK_SPACE, "tenant": tenant_lock})
    named = {"erasure_id": erasure_id, "kind": kind.value, "service": service, "part": part}
    if (await connection.execute(_KNOWN, named)).scalar_one():
        return False
    head = (await connection.execute(_HEAD, {"tenant": tenant})).one_or_none()
    position = 1 if head is None else head.position + 1
    previous = START if head is None else bytes(head.digest)
    entry = signer.entry(tenant, position, previous, at, kind, {**what, "erasure_id": erasure_id})
    await connection.execute(
        _INSERT,
        {
            **named,
            "tenant": tenant,
            "position": position,
            "body": entry.body,
            "digest": entry.digest,
            "signature": entry.signature,
        },
    )
    return True


async def of_erasures(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Entry]]:
    """The entries of each erasure, in their order."""
    found: dict[str, list[Entry]] = {one: [] for one in ids}
    for row in await connection.execute(_OF_ERASURES, {"ids": list(ids)}):
        found[row.erasure_id].append(Entry(row.body, bytes(row.digest), bytes(row.signature)))
    return found


async def tenants(connection: AsyncConnection) -> list[str]:
    """Who has a record."""
    return [row.tenant for row in await connection.execute(_TENANTS)]


async def page(
    connection: AsyncConnection, tenant: str, after: int, limit: int
) -> list[tuple[int, Entry]]:
    """Entries of a tenant behind a position, with theirs."""
    values = {"tenant": tenant, "after": after, "limit": limit}
    return [
        (row.position, Entry(row.body, bytes(row.digest), bytes(row.signature)))
        for row in await connection.execute(_PAGE, values)
    ]
