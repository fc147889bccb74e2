"""SQL of ingest: what was accepted before, and what was erased since."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common import metrics
from heedful.common.coalesce import Coalescer
from heedful.common.contracts import ErasedItem
from heedful.common.erasure import Tombstones
from heedful.common.retention import WHOSE, Rule

_MAX_ROWS = 2000

_KNOWN = text(
    """
    SELECT CASE WHEN t.hash IS NULL THEN a.digest ELSE '' END AS digest FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]),
        CAST(:sources AS text[]), CAST(:ids AS text[]), CAST(:stones AS bytea[])
    ) WITH ORDINALITY AS w (tenant, kind, source, id, stone, position)
    LEFT JOIN ingest.accepted a USING (tenant, kind, source, id)
    LEFT JOIN common.tombstone t ON t.service = :service AND t.hash = w.stone
    ORDER BY w.position
    """
)
ERASED = b""
"""Stands for the digest of an item whose customer was erased: whatever its body, it is known."""

_REMEMBER = text(
    """
    INSERT INTO ingest.accepted (tenant, kind, source, id, digest, received_at)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
        CAST(:ids AS text[]), CAST(:digests AS bytea[]), CAST(:times AS timestamptz[])
    )
    ON CONFLICT DO NOTHING
    """
)

_ERASE = text(
    """
    DELETE FROM ingest.accepted a
    USING unnest(CAST(:kinds AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]))
        AS w (kind, source, id)
    WHERE a.tenant = :tenant AND a.kind = w.kind AND a.source = w.source AND a.id = w.id
    """
)

_FORGET = text(
    f"""
    DELETE FROM ingest.accepted WHERE (tenant, kind, source, id) IN (
        SELECT tenant, kind, source, id FROM ingest.accepted
        WHERE received_at < :before AND {WHOSE} LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)


class Key(NamedTuple):
    """What identifies an item for ever."""

    tenant: str
    kind: str
    source: str
    id: str


class Accepted(NamedTuple):
    key: Key
    digest: bytes
    received_at: datetime


class AcceptedStore:
    """Concurrent requests share their statements."""

    def __init__(self, engine: AsyncEngine, tombstones: Tombstones) -> None:
        # Each statement is all there is to its transaction.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._tombstones = tombstones
        self.digests: Coalescer[Key, bytes | None] = Coalescer(self._digests, _MAX_ROWS)
        self.remember: Coalescer[Accepted, None] = Coalescer(self._remember, _MAX_ROWS)

    async def _digests(self, keys: Sequence[Key]) -> Sequence[bytes | None]:
        stones = [self._tombstones.item(one.tenant, one.kind, one.source, one.id) for one in keys]
        asked = {**_columns(keys), "stones": stones, "service": self._tombstones.service}
        async with self._engine.connect() as connection:
            rows = await connection.execute(_KNOWN, asked)
            found = [None if row.digest is None else bytes(row.digest) for row in rows]
        metrics.ERASED_AGAIN.labels(self._tombstones.service).inc(found.count(ERASED))
        return found

    async def _remember(self, items: Sequence[Accepted]) -> Sequence[None]:
        # Sorted, so that two groups that share keys never wait for each other in a circle.
        ordered = sorted(items, key=lambda item: (item.key.tenant, item.key.source, item.key.id))
        async with self._engine.connect() as connection:
            await connection.execute(
                _REMEMBER,
                {
                    **_columns([item.key for item in ordered]),
                    "digests": [item.digest for item in ordered],
                    "times": [item.received_at for item in ordered],
                },
            )
        return [None] * len(items)


async def erase(connection: AsyncConnection, tenant: str, items: Sequence[ErasedItem]) -> int:
    """Forget the keys of items, of which tombstones know from now on; how many there were."""
    values = {
        "tenant": tenant,
        "kinds": [item.kind.value for item in items],
        "sources": [item.source for item in items],
        "ids": [item.id for item in items],
    }
    return (await connection.execute(_ERASE, values)).rowcount


async def forget(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """Keys that were accepted so long ago that nobody sends them again; how many it was."""
    return (await connection.execute(_FORGET, {**rule.values, "limit": limit})).rowcount


def _columns(keys: Sequence[Key]) -> dict[str, list[str]]:
    return {
        "tenants": [key.tenant for key in keys],
        "kinds": [key.kind for key in keys],
        "sources": [key.source for key in keys],
        "ids": [key.id for key in keys],
    }
