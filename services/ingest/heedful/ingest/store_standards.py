"""SQL of data standards: every version is kept, the newest counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.administration import note
from heedful.common.db.tenant_lock import lock_tenant
from heedful.common.security import Principal
from heedful.ingest import configuration_changes
from heedful.ingest.standards import Standard

_NEWEST = """
    SELECT DISTINCT ON (tenant, channel) tenant, channel, version, body, created_at, created_by
    FROM ingest.standard {where} ORDER BY tenant, channel, version DESC
"""
_ALL = text(_NEWEST.format(where=""))
_OF_TENANT = text(_NEWEST.format(where="WHERE tenant = :tenant"))
_ADD = text(
    """
    INSERT INTO ingest.standard (tenant, channel, version, body, created_at, created_by)
    SELECT :tenant, :channel, coalesce(max(version), 0) + 1, CAST(:body AS jsonb), :now, :by
    FROM ingest.standard WHERE tenant = :tenant AND channel = :channel
    RETURNING version
    """
)


@dataclass(frozen=True, slots=True)
class StoredStandard:
    """One version of a channel's standard; without one it was taken back."""

    channel: str
    version: int
    standard: Standard | None
    created_at: datetime
    created_by: str


class StandardStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> Mapping[str, Mapping[str, Standard]]:
        """What counts now: tenant -> channel -> standard."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_ALL)).all()
        found: dict[str, dict[str, Standard]] = {}
        for row in rows:
            if row.body is not None:
                standard = Standard.model_validate(row.body)
                found.setdefault(row.tenant, {})[row.channel] = standard
        return found

    async def of_tenant(self, tenant: str) -> Sequence[StoredStandard]:
        """The newest version of each channel, also of one that was taken back."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_OF_TENANT, {"tenant": tenant})).all()
        return [_stored(row) for row in rows]

    async def add(
        self, by: Principal, channel: str, standard: Standard | None, now: datetime
    ) -> int:
        """A new version that counts from now on; None takes the standard back."""
        tenant = by.tenant
        body = None if standard is None else orjson.dumps(standard.model_dump(mode="json")).decode()
        values = {"tenant": tenant, "channel": channel, "body": body, "now": now, "by": by.author}
        async with self._engine.begin() as connection:
            await lock_tenant(connection, "ingest.standard", tenant)
            version = int((await connection.execute(_ADD, values)).scalar_one())
            taken_back = standard is None
            entry = configuration_changes.standard(by, channel, version, taken_back=taken_back)
            await note(connection, now, entry)
            return version


def _stored(row: Row[Any]) -> StoredStandard:
    return StoredStandard(
        channel=row.channel,
        version=row.version,
        standard=None if row.body is None else Standard.model_validate(row.body),
        created_at=row.created_at,
        created_by=row.created_by,
    )
