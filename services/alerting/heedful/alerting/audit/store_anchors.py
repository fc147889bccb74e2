"""SQL of anchors: which chains have grown, and what was anchored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit.anchors import ANCHORS, Anchor, Leaf
from heedful.alerting.audit.links import START
from heedful.alerting.audit.store_heads import Head, move_heads

_DUE = text(
    """
    SELECT DISTINCT p.tenant FROM alerting.audit_pending p
    LEFT JOIN alerting.audit_head h ON h.tenant = p.tenant AND h.chain = :chain
    WHERE h.at IS NULL OR h.at <= :before
    ORDER BY p.tenant
    """
)
_BEGIN = text(
    """
    INSERT INTO alerting.audit_head (tenant, chain, position, hash)
    VALUES (:tenant, :chain, 0, :start) ON CONFLICT DO NOTHING
    """
)
# Another replica makes this tenant's anchor, or has just made it: there is nothing to do here.
_TRY_LOCK = text(
    """
    SELECT position, hash FROM alerting.audit_head
    WHERE tenant = :tenant AND chain = :chain AND (at IS NULL OR at <= :before)
    FOR UPDATE SKIP LOCKED
    """
)
# What a transaction under way has locked comes with the next anchor: nobody waits for anybody.
_TAKE = text(
    """
    WITH w AS MATERIALIZED (
        SELECT tenant, chain FROM alerting.audit_pending
        WHERE tenant = :tenant LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM alerting.audit_pending p USING w
    WHERE p.tenant = w.tenant AND p.chain = w.chain
    RETURNING p.chain, p.position, p.hash
    """
)
_INSERT = text(
    """
    INSERT INTO alerting.audit_anchor (tenant, position, at, body, hash, signature)
    VALUES (:tenant, :position, :at, :body, :hash, :signature)
    """
)
_INSERT_LEAVES = text(
    """
    INSERT INTO alerting.audit_leaf (tenant, anchor, chain, position, hash)
    SELECT :tenant, :anchor, w.chain, w.position, w.hash
    FROM unnest(
        CAST(:chains AS text[]), CAST(:positions AS bigint[]), CAST(:hashes AS bytea[])
    ) AS w (chain, position, hash)
    ORDER BY w.chain
    """
)
_COLUMNS = "tenant, position, at, body, hash, signature"
_UNLOGGED = text(
    f"SELECT {_COLUMNS} FROM alerting.audit_anchor WHERE logged_at IS NULL"  # noqa: S608  # constant
    " ORDER BY tenant, position LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_LOGGED = text(
    """
    UPDATE alerting.audit_anchor a SET logged_at = :now
    FROM unnest(CAST(:tenants AS text[]), CAST(:positions AS bigint[])) AS w (tenant, position)
    WHERE a.tenant = w.tenant AND a.position = w.position
    """
)
_PAGE = text(
    f"SELECT {_COLUMNS} FROM alerting.audit_anchor"  # noqa: S608  # a constant
    " WHERE tenant = :tenant AND position > :after ORDER BY position LIMIT :limit"
)
_BEFORE = text(
    """
    SELECT coalesce(max(position), 0) FROM alerting.audit_anchor
    WHERE tenant = :tenant AND at < :since
    """
)
_LEAVES = text(
    """
    SELECT chain, position, hash FROM alerting.audit_leaf
    WHERE tenant = :tenant AND anchor = :anchor ORDER BY chain COLLATE "C"
    """
)
_FOUND = text(
    """
    SELECT a.tenant, a.position, a.hash FROM alerting.audit_anchor a
    JOIN unnest(CAST(:tenants AS text[]), CAST(:positions AS bigint[])) AS w (tenant, position)
        ON a.tenant = w.tenant AND a.position = w.position
    """
)


async def due(connection: AsyncConnection, before: datetime) -> list[str]:
    """Tenants with chains that have grown and whose last anchor is as old as this."""
    rows = await connection.execute(_DUE, {"chain": ANCHORS, "before": before})
    return [row.tenant for row in rows]


async def try_lock(connection: AsyncConnection, tenant: str, before: datetime) -> Head | None:
    """Lock the anchors of a tenant; None when somebody else has them, or a newer one is there."""
    values = {"tenant": tenant, "chain": ANCHORS, "before": before, "start": START}
    await connection.execute(_BEGIN, values)
    found = (await connection.execute(_TRY_LOCK, values)).one_or_none()
    return None if found is None else Head(found.position, bytes(found.hash))


async def take(connection: AsyncConnection, tenant: str, limit: int) -> list[Leaf]:
    """Ends of chains that no anchor has yet; they wait no more."""
    rows = await connection.execute(_TAKE, {"tenant": tenant, "limit": limit})
    return [_leaf(row) for row in rows]


async def insert(
    connection: AsyncConnection, now: datetime, anchor: Anchor, leaves: Sequence[Leaf]
) -> None:
    """Store an anchor of a tenant whose anchors are locked."""
    await connection.execute(
        _INSERT,
        {
            "tenant": anchor.tenant,
            "position": anchor.position,
            "at": anchor.at,
            "body": anchor.body,
            "hash": anchor.hash,
            "signature": anchor.signature,
        },
    )
    await connection.execute(
        _INSERT_LEAVES,
        {
            "tenant": anchor.tenant,
            "anchor": anchor.position,
            "chains": [leaf.chain for leaf in leaves],
            "positions": [leaf.position for leaf in leaves],
            "hashes": [leaf.hash for leaf in leaves],
        },
    )
    await move_heads(connection, ANCHORS, now, {anchor.tenant: Head(anchor.position, anchor.hash)})


async def unlogged(connection: AsyncConnection, limit: int) -> list[Anchor]:
    """Anchors that no log has yet, locked."""
    return [_anchor(row) for row in await connection.execute(_UNLOGGED, {"limit": limit})]


async def mark_logged(
    connection: AsyncConnection, now: datetime, anchors: Sequence[Anchor]
) -> None:
    values = {
        "now": now,
        "tenants": [one.tenant for one in anchors],
        "positions": [one.position for one in anchors],
    }
    await connection.execute(_LOGGED, values)


async def page(connection: AsyncConnection, tenant: str, after: int, limit: int) -> list[Anchor]:
    """Anchors of a tenant behind a position."""
    values = {"tenant": tenant, "after": after, "limit": limit}
    return [_anchor(row) for row in await connection.execute(_PAGE, values)]


async def last_before(connection: AsyncConnection, tenant: str, since: datetime) -> int:
    """Position of the last anchor from before that time; 0 when there is none."""
    found = await connection.execute(_BEFORE, {"tenant": tenant, "since": since})
    return int(found.scalar_one())


async def leaves_of(connection: AsyncConnection, tenant: str, anchor: int) -> list[Leaf]:
    rows = await connection.execute(_LEAVES, {"tenant": tenant, "anchor": anchor})
    return [_leaf(row) for row in rows]


async def hashes(
    connection: AsyncConnection, wanted: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], bytes]:
    """Those of the anchors, by tenant and position, that there are, with their hashes."""
    values = {"tenants": [one[0] for one in wanted], "positions": [one[1] for one in wanted]}
    rows = await connection.execute(_FOUND, values)
    return {(row.tenant, row.position): bytes(row.hash) for row in rows}


def _anchor(row: Row[Any]) -> Anchor:
    return Anchor(
        tenant=row.tenant,
        position=row.position,
        at=row.at,
        body=row.body,
        hash=bytes(row.hash),
        signature=bytes(row.signature),
    )


def _leaf(row: Row[Any]) -> Leaf:
    return Leaf(row.chain, row.position, bytes(row.hash))
