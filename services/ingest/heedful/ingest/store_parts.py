"""SQL of parts: pieces of items that wait for the others."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.security.secrets import SecretBox
from heedful.ingest.channels import Part

# `of` and `due_at` are the group's: the last part that says how many there are is right.
_ADD = text(
    """
    INSERT INTO ingest.part (connection_id, group_id, number, of, sealed, received_at, due_at)
    VALUES (:connection_id, :group, :number, :of, :sealed, :now, :due)
    ON CONFLICT (connection_id, group_id, number) DO UPDATE SET
        sealed = excluded.sealed, of = excluded.of, due_at = excluded.due_at
    """
)
# A group is locked by its first part, whatever else of it comes in meanwhile.
_READY = text(
    """
    SELECT p.connection_id, p.group_id FROM ingest.part p
    JOIN LATERAL (
        SELECT count(*) AS here, max(of) AS of, max(due_at) AS due_at, min(number) AS first
        FROM ingest.part g WHERE (g.connection_id, g.group_id) = (p.connection_id, p.group_id)
    ) g ON p.number = g.first
    JOIN ingest.connection c ON c.id = p.connection_id
    WHERE (g.here >= g.of OR g.due_at <= clock_timestamp())
      AND c.channel = ANY(CAST(:channels AS text[]))
    ORDER BY p.received_at LIMIT 1
    FOR UPDATE OF p SKIP LOCKED
    """
)
_TAKE = text(
    """
    DELETE FROM ingest.part WHERE connection_id = :connection_id AND group_id = :group
    RETURNING number, of, sealed, received_at
    """
)
_WAITING = text("SELECT count(DISTINCT (connection_id, group_id)) FROM ingest.part")


@dataclass(frozen=True, slots=True)
class Group:
    """All parts of one item that are there.

    Attributes:
        complete: whether none is missing.
        received_at: when the first came in.
    """

    connection_id: str
    parts: Sequence[Part]
    complete: bool
    received_at: datetime


class PartStore:
    """Contents are sealed, bound to their place."""

    def __init__(self, engine: AsyncEngine, box: SecretBox) -> None:
        self._engine = engine
        self._box = box

    async def add(self, connection_id: str, parts: Sequence[Part], now: datetime) -> None:
        if not parts:
            return
        rows = [self._row(connection_id, part, now) for part in parts]
        async with self._engine.begin() as connection:
            await connection.execute(_ADD, rows)

    @asynccontextmanager
    async def ready(self, channels: Sequence[str]) -> AsyncIterator[Group | None]:
        """A group of these channels that is complete or overdue, taken from the table when the
        block ends well; no other process has it meanwhile. None when there is none."""
        async with self._engine.begin() as connection:
            found = (await connection.execute(_READY, {"channels": channels})).one_or_none()
            if found is None:
                yield None
                return
            values = {"connection_id": found.connection_id, "group": found.group_id}
            rows = (await connection.execute(_TAKE, values)).all()
            parts = sorted(
                (self._part(found.connection_id, found.group_id, row) for row in rows),
                key=lambda part: part.number,
            )
            of = max((part.of for part in parts if part.of is not None), default=None)
            yield Group(
                connection_id=found.connection_id,
                parts=parts,
                complete=of is not None and len(parts) >= of,
                received_at=min(row.received_at for row in rows),
            )

    async def waiting(self) -> int:
        """How many groups wait for more."""
        async with self._engine.connect() as connection:
            return int(await connection.scalar(_WAITING) or 0)

    def _row(self, connection_id: str, part: Part, now: datetime) -> dict[str, Any]:
        place = _context(connection_id, part.group, part.number)
        return {
            "connection_id": connection_id,
            "group": part.group,
            "number": part.number,
            "of": part.of,
            "sealed": self._box.seal(part.content, place),
            "now": now,
            "due": now + part.patience,
        }

    def _part(self, connection_id: str, group: str, row: Any) -> Part:
        content = self._box.open(bytes(row.sealed), _context(connection_id, group, row.number))
        return Part(group, row.number, row.of, content, timedelta(0))


def _context(connection_id: str, group: str, number: int) -> str:
    return f"part:{orjson.dumps([connection_id, group, number]).decode()}"
