"""SQL of ingest: what was accepted before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.coalesce import Coalescer

_MAX_ROWS = 2000

_KNOWN = text(
    """
    SELECT a.digest FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]),
        CAST(:sources AS text[]), CAST(:ids AS text[])
    ) WITH ORDINALITY AS w (tenant, kind, source, id, position)
    LEFT JOIN ingest.accepted a USING (tenant, kind, source, id)
    ORDER BY w.position
    """
)

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


@dataclass(frozen=True, slots=True)
class Key:
    """What identifies an item for ever."""

    tenant: str
    kind: str
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Accepted:
    key: Key
    digest: bytes
    received_at: datetime


class AcceptedStore:
    """Concurrent requests share their statements."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.digests: Coalescer[Key, bytes | None] = Coalescer(self._digests, _MAX_ROWS)
        self.remember: Coalescer[Accepted, None] = Coalescer(self._remember, _MAX_ROWS)

    async def _digests(self, keys: Sequence[Key]) -> Sequence[bytes | None]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(_KNOWN, _columns(keys))
            return [None if row.digest is None else bytes(row.digest) for row in rows]

    async def _remember(self, items: Sequence[Accepted]) -> Sequence[None]:
        # Sorted, so that two groups that share keys never wait for each other in a circle.
        ordered = sorted(items, key=lambda item: (item.key.tenant, item.key.source, item.key.id))
        async with self._engine.begin() as connection:
            await connection.execute(
                _REMEMBER,
                {
                    **_columns([item.key for item in ordered]),
                    "digests": [item.digest for item in ordered],
                    "times": [item.received_at for item in ordered],
                },
            )
        return [None] * len(items)


def _columns(keys: Sequence[Key]) -> dict[str, list[str]]:
    return {
        "tenants": [key.tenant for key in keys],
        "kinds": [key.kind for key in keys],
        "sources": [key.source for key in keys],
        "ids": [key.id for key in keys],
    }
