"""SQL of the heads of a tenant's own chains: its administration, its anchors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit.anchors import Leaf
from heedful.alerting.audit.links import START

_BEGIN = text(
    """
    INSERT INTO alerting.audit_head (tenant, chain, position, hash)
    SELECT w.tenant, :chain, 0, :start FROM unnest(CAST(:tenants AS text[])) AS w (tenant)
    ORDER BY w.tenant
    ON CONFLICT DO NOTHING
    """
)
_LOCK = text(
    """
    SELECT tenant, position, hash FROM alerting.audit_head
    WHERE chain = :chain AND tenant = ANY(CAST(:tenants AS text[])) ORDER BY tenant FOR UPDATE
    """
)
_MOVE = text(
    """
    UPDATE alerting.audit_head h SET position = w.position, hash = w.hash, at = :now
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:positions AS bigint[]), CAST(:hashes AS bytea[])
    ) AS w (tenant, position, hash)
    WHERE h.tenant = w.tenant AND h.chain = :chain
    """
)
# Whoever makes anchors locks rows only when nobody else has (SKIP LOCKED), so nobody waits in a
# circle.
_AWAIT = text(
    """
    INSERT INTO alerting.audit_pending (tenant, chain, position, hash)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:chains AS text[]), CAST(:positions AS bigint[]),
        CAST(:hashes AS bytea[]))
    ON CONFLICT (tenant, chain)
    DO UPDATE SET position = excluded.position, hash = excluded.hash
    """
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain; position 0 is before the first."""

    position: int
    hash: bytes


async def lock_heads(
    connection: AsyncConnection, chain: str, tenants: Sequence[str]
) -> dict[str, Head]:
    """Lock the chain of each tenant until the commit, in one order for everybody.

    Args:
        tenants: sorted.
    """
    values = {"chain": chain, "tenants": list(tenants)}
    found = await _locked(connection, values)
    if len(found) < len(tenants):
        await connection.execute(_BEGIN, {**values, "start": START})
        found = await _locked(connection, values)
    return found


async def move_heads(
    connection: AsyncConnection, chain: str, now: datetime, heads: Mapping[str, Head]
) -> None:
    """Store the last links of locked chains."""
    await connection.execute(
        _MOVE,
        {
            "chain": chain,
            "now": now,
            "tenants": list(heads),
            "positions": [head.position for head in heads.values()],
            "hashes": [head.hash for head in heads.values()],
        },
    )


async def await_anchor(connection: AsyncConnection, ends: Sequence[tuple[str, Leaf]]) -> None:
    """Locked chains, each with its tenant, have grown: the next anchor holds them."""
    await connection.execute(
        _AWAIT,
        {
            "tenants": [tenant for tenant, _ in ends],
            "chains": [end.chain for _, end in ends],
            "positions": [end.position for _, end in ends],
            "hashes": [end.hash for _, end in ends],
        },
    )


async def _locked(connection: AsyncConnection, values: Mapping[str, object]) -> dict[str, Head]:
    rows = await connection.execute(_LOCK, values)
    return {row.tenant: Head(row.position, bytes(row.hash)) for row in rows}
