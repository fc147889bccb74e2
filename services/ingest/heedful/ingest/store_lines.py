"""SQL of lines: whose turn it is to ask a vendor, where the last asking ended, and how it went.

A line is leased to one process at a time. Its cursor moves only under a lease that still holds
(`owner`), so that a process which was asleep cannot move it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_NOW = text("SELECT clock_timestamp()")
_CLAIM = text(
    """
    UPDATE ingest.line l SET owner = :owner, lease_until = :until
    WHERE connection_id IN (
        SELECT l.connection_id FROM ingest.line l
        JOIN ingest.connection c ON c.id = l.connection_id
        WHERE l.due_at <= :now AND c.enabled AND c.channel = ANY(CAST(:channels AS text[]))
          AND (l.lease_until IS NULL OR l.lease_until <= :now)
        ORDER BY l.due_at LIMIT :limit
        FOR UPDATE OF l SKIP LOCKED)
    RETURNING l.connection_id, l.cursor, l.failures
    """
)
_RENEW = text(
    "UPDATE ingest.line SET lease_until = :until"
    " WHERE connection_id = :id AND owner = :owner AND lease_until > :now RETURNING 1"
)
_ADVANCE = text(
    """
    UPDATE ingest.line SET cursor = :cursor, lease_until = :until
    WHERE connection_id = :id AND owner = :owner AND lease_until > :now RETURNING 1
    """
)
_DONE = text(
    """
    UPDATE ingest.line SET
        owner = NULL, lease_until = NULL, failures = 0, last_ok_at = :now,
        due_at = CASE WHEN due_at > :began THEN due_at ELSE :due END
    WHERE connection_id = :id AND owner = :owner
    """
)
_FAILED = text(
    """
    UPDATE ingest.line SET
        owner = NULL, lease_until = NULL, failures = failures + 1, last_error = :error,
        last_error_at = :now, due_at = :due
    WHERE connection_id = :id AND owner = :owner
    """
)
_RING = text(
    "UPDATE ingest.line SET due_at = clock_timestamp()"
    " WHERE connection_id = ANY(CAST(:ids AS text[])) AND failures = 0"
)
_STATE = text(
    "SELECT due_at, failures, last_ok_at, last_error, last_error_at FROM ingest.line"
    " WHERE connection_id = :id"
)
_FAILING = text(
    """
    SELECT c.channel, count(*) AS n FROM ingest.line l JOIN ingest.connection c
    ON c.id = l.connection_id WHERE c.enabled AND l.failures > 0 GROUP BY c.channel
    """
)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to ask one vendor for a while.

    Attributes:
        began: when it was given, by the database's clock.
    """

    connection_id: str
    owner: str
    cursor: str | None
    failures: int
    began: datetime


@dataclass(frozen=True, slots=True)
class LineState:
    due_at: datetime
    failures: int
    last_ok_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None


class LineStore:
    """Times are the database's, read once a step, so that replicas agree."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(
        self, owner: str, channels: Sequence[str], lease: timedelta, limit: int
    ) -> Sequence[Lease]:
        """Lines that are due and nobody else's."""
        async with self._engine.begin() as connection:
            now = (await connection.execute(_NOW)).scalar_one()
            rows = await connection.execute(
                _CLAIM,
                {
                    "owner": owner,
                    "channels": list(channels),
                    "now": now,
                    "until": now + lease,
                    "limit": limit,
                },
            )
            return [Lease(row.connection_id, owner, row.cursor, row.failures, now) for row in rows]

    async def renew(self, held: Lease, lease: timedelta) -> bool:
        """Hold it longer. False when it is lost."""
        return await self._held(_RENEW, held, lease, {})

    async def advance(self, held: Lease, cursor: str | None, lease: timedelta) -> bool:
        """Move the cursor and hold the lease longer. False when it is lost."""
        return await self._held(_ADVANCE, held, lease, {"cursor": cursor})

    async def done(self, held: Lease, again_in: timedelta) -> None:
        """Give it back. One that was rung meanwhile is due at once."""
        async with self._engine.begin() as connection:
            now = (await connection.execute(_NOW)).scalar_one()
            values = {"now": now, "due": now + again_in, "began": held.began}
            await connection.execute(_DONE, {**_mine(held), **values})

    async def failed(self, held: Lease, error: str, again_in: timedelta) -> None:
        """Give it back; it is due again after a pause."""
        async with self._engine.begin() as connection:
            now = (await connection.execute(_NOW)).scalar_one()
            values = {"now": now, "due": now + again_in, "error": error[:500]}
            await connection.execute(_FAILED, {**_mine(held), **values})

    async def ring(self, connection_ids: Sequence[str]) -> None:
        """Something waits there: due now, unless its vendor has asked for a pause."""
        async with self._engine.begin() as connection:
            await connection.execute(_RING, {"ids": list(connection_ids)})

    async def state(self, connection_id: str) -> LineState | None:
        """None for a connection that is not asked."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_STATE, {"id": connection_id})).one_or_none()
        return None if row is None else LineState(*row)

    async def failing(self) -> dict[str, int]:
        """How many lines fail by channel."""
        async with self._engine.connect() as connection:
            return {row.channel: row.n for row in await connection.execute(_FAILING)}

    async def _held(
        self, statement: Any, held: Lease, lease: timedelta, values: dict[str, Any]
    ) -> bool:
        async with self._engine.begin() as connection:
            now = (await connection.execute(_NOW)).scalar_one()
            given = {**_mine(held), **values, "now": now, "until": now + lease}
            return (await connection.execute(statement, given)).first() is not None


def _mine(held: Lease) -> dict[str, Any]:
    return {"id": held.connection_id, "owner": held.owner}
