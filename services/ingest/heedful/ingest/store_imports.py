"""SQL of imports. A file is kept in sealed pieces, each bound to its place, and deleted as soon as
its last row is read; the report is kept as long as the import is told of.

One process at a time has an import, by a lease; what became of a batch is written under a lease
that still holds, so a process that was asleep writes nothing over its heir.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.security.secrets import SecretBox
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.report import Counts
from heedful.ingest.imports import ABANDONED_AFTER, Held, Import, ImportState
from heedful.ingest.quarantine import Entry
from heedful.ingest.rejected_rows import RejectedRows

_COLUMNS = (
    "id, tenant, state, file_name, file_bytes, plan, counts, fraction, failure, created_at,"
    " created_by, started_at, ended_at"
)
_ADD = text(
    """
    INSERT INTO ingest.import (id, tenant, state, file_name, counts, created_at, created_by)
    VALUES (:id, :tenant, 'receiving', :file_name, CAST(:counts AS jsonb), :now, :by)
    """
)
_UNDER_WAY = text("SELECT count(*) FROM ingest.import WHERE tenant = :tenant AND ended_at IS NULL")
_ADD_CHUNK = text(
    "INSERT INTO ingest.import_chunk (import_id, number, sealed) VALUES (:id, :number, :sealed)"
)
_CHUNK = text("SELECT sealed FROM ingest.import_chunk WHERE import_id = :id AND number = :number")
_ACCEPT = text(
    """
    UPDATE ingest.import
    SET state = 'waiting', plan = CAST(:plan AS jsonb), file_bytes = :size, file_name = :file_name
    WHERE id = :id AND state = 'receiving' RETURNING id
    """
)
_REMOVE = text("DELETE FROM ingest.import WHERE id = :id AND state = 'receiving'")
_GET = text(
    f"SELECT {_COLUMNS} FROM ingest.import"  # noqa: S608  # a constant
    " WHERE tenant = :tenant AND id = :id AND state <> 'receiving'"
)
_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM ingest.import
    WHERE tenant = :tenant AND state <> 'receiving'
      AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, :id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)
# The tenant whose last import began longest ago is first.
_CLAIM = text(
    f"""
    UPDATE ingest.import
    SET state = 'running', owner = :owner, lease_until = clock_timestamp() + :lease,
        started_at = coalesce(started_at, clock_timestamp())
    WHERE id = (
        SELECT i.id FROM ingest.import i
        WHERE i.ended_at IS NULL
          AND (i.state = 'waiting' OR (i.state = 'running' AND i.lease_until <= clock_timestamp()))
        ORDER BY (SELECT max(o.started_at) FROM ingest.import o WHERE o.tenant = i.tenant)
            NULLS FIRST, i.created_at
        LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
    """  # noqa: S608  # a constant
)
_HOLD = text(
    "UPDATE ingest.import SET lease_until = clock_timestamp() + :lease"
    " WHERE id = :id AND owner = :owner AND state = 'running' RETURNING id"
)
_ADVANCE = text(
    """
    UPDATE ingest.import
    SET counts = CAST(:counts AS jsonb), fraction = :fraction,
        lease_until = clock_timestamp() + :lease
    WHERE id = :id AND owner = :owner AND state = 'running' RETURNING id
    """
)
_ADD_LINES = text(
    """
    INSERT INTO ingest.import_report (import_id, number, lines)
    SELECT :id, coalesce(max(number), 0) + 1, :lines FROM ingest.import_report
    WHERE import_id = :id
    """
)
_GIVE_BACK = text(
    "UPDATE ingest.import SET lease_until = clock_timestamp()"
    " WHERE id = :id AND owner = :owner AND state = 'running'"
)
_END = text(
    """
    UPDATE ingest.import
    SET state = :state, failure = :failure, ended_at = clock_timestamp(),
        fraction = CASE WHEN :state = 'done' THEN 1 ELSE fraction END
    WHERE id = :id AND owner = :owner AND state = 'running' RETURNING id
    """
)
_CANCEL = text(
    """
    UPDATE ingest.import SET state = 'cancelled', ended_at = clock_timestamp()
    WHERE tenant = :tenant AND id = :id AND state IN ('waiting', 'running') RETURNING id
    """
)
_DELETE_CHUNKS = text("DELETE FROM ingest.import_chunk WHERE import_id = :id")
_LINES = text(
    "SELECT number, lines FROM ingest.import_report"
    " WHERE import_id = :id AND number > :number ORDER BY number LIMIT 50"
)
_PURGE = text(
    """
    DELETE FROM ingest.import
    WHERE ended_at < clock_timestamp() - CAST(:kept AS interval)
       OR (state = 'receiving' AND created_at < clock_timestamp() - CAST(:abandoned AS interval))
    """
)
_WAITING = text("SELECT count(*) FROM ingest.import WHERE state = 'waiting' AND ended_at IS NULL")


class ImportStore:
    """Times of leases are the database's, so that replicas agree."""

    def __init__(self, engine: AsyncEngine, box: SecretBox, rejected: RejectedRows) -> None:
        self._engine = engine
        self._box = box
        self._rejected = rejected

    async def under_way(self, tenant: str) -> int:
        """Imports of a tenant that have not ended."""
        async with self._engine.connect() as connection:
            return int(await connection.scalar(_UNDER_WAY, {"tenant": tenant}) or 0)

    async def add(self, import_id: str, tenant: str, by: str, now: datetime) -> None:
        """An upload begins."""
        values = {"id": import_id, "tenant": tenant, "file_name": "", "now": now, "by": by}
        async with self._engine.begin() as connection:
            await connection.execute(_ADD, {**values, "counts": Counts().model_dump_json()})

    async def add_chunk(self, import_id: str, number: int, content: bytes) -> None:
        sealed = self._box.seal(content, _context(import_id, number))
        async with self._engine.begin() as connection:
            await connection.execute(
                _ADD_CHUNK, {"id": import_id, "number": number, "sealed": sealed}
            )

    async def chunk(self, import_id: str, number: int) -> bytes | None:
        """A piece of the file; None when it is deleted.

        Raises:
            ConfigurationError: the key that sealed it is not configured here.
        """
        async with self._engine.connect() as connection:
            sealed = await connection.scalar(_CHUNK, {"id": import_id, "number": number})
        if sealed is None:
            return None
        return self._box.open(bytes(sealed), _context(import_id, number))

    async def accept(self, import_id: str, file_name: str, size: int, plan: Plan) -> bool:
        """All of the file is there and it is known what to do with it."""
        values = {"id": import_id, "file_name": file_name, "size": size}
        async with self._engine.begin() as connection:
            found = await connection.execute(_ACCEPT, {**values, "plan": plan.model_dump_json()})
            return found.first() is not None

    async def remove(self, import_id: str) -> None:
        """An upload that was not accepted, with all of its pieces."""
        async with self._engine.begin() as connection:
            await connection.execute(_REMOVE, {"id": import_id})

    async def get(self, tenant: str, import_id: str) -> Import | None:
        async with self._engine.connect() as connection:
            found = await connection.execute(_GET, {"tenant": tenant, "id": import_id})
            row = found.one_or_none()
        return None if row is None else _import(row)

    async def page(
        self, tenant: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Import]:
        """Newest first, those after the given sort key."""
        at, import_id = after or (None, "")
        values = {"tenant": tenant, "at": at, "id": import_id, "limit": limit}
        async with self._engine.connect() as connection:
            return [_import(row) for row in await connection.execute(_PAGE, values)]

    async def report(self, import_id: str) -> AsyncIterator[bytes]:
        """The lines of the report in their order."""
        number = 0
        while True:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(_LINES, {"id": import_id, "number": number})).all()
            for row in rows:
                yield bytes(row.lines)
            if not rows:
                return
            number = rows[-1].number

    async def cancel(self, tenant: str, import_id: str) -> bool:
        """False when it has ended. What was taken of it stays taken."""
        async with self._engine.begin() as connection:
            found = await connection.execute(_CANCEL, {"tenant": tenant, "id": import_id})
            if found.first() is None:
                return False
            await connection.execute(_DELETE_CHUNKS, {"id": import_id})
            return True

    async def claim(self, owner: str, lease: timedelta) -> Held | None:
        """The import whose turn it is."""
        async with self._engine.begin() as connection:
            found = await connection.execute(_CLAIM, {"owner": owner, "lease": lease})
            row = found.one_or_none()
        if row is None:
            return None
        one = _import(row)
        return None if one.plan is None else Held(one, one.plan, owner)

    async def hold(self, held: Held, lease: timedelta) -> bool:
        """Have it longer. False when it was cancelled, or is another process's."""
        async with self._engine.begin() as connection:
            return await _done(connection, _HOLD, held, lease=lease)

    async def advance(
        self,
        held: Held,
        counts: Counts,
        fraction: float,
        lines: bytes,
        rejected: Sequence[Entry],
        lease: timedelta,
    ) -> bool:
        """The next rows are done, and those that were not taken are in quarantine. False as of
        `hold`; nothing was written then."""
        values = {"counts": counts.model_dump_json(), "fraction": fraction, "lease": lease}
        async with self._engine.begin() as connection:
            if not await _done(connection, _ADVANCE, held, **values):
                return False
            await connection.execute(_ADD_LINES, {"id": held.one.id, "lines": lines})
            await self._rejected.add(connection, rejected)
            return True

    async def give_back(self, held: Held) -> None:
        """Another process may have it at once."""
        async with self._engine.begin() as connection:
            await connection.execute(_GIVE_BACK, {"id": held.one.id, "owner": held.owner})

    async def end(self, held: Held, state: ImportState, failure: str | None) -> bool:
        """It is done, or failed; its file is deleted."""
        async with self._engine.begin() as connection:
            ended = await _done(connection, _END, held, state=state.value, failure=failure)
            if ended:
                await connection.execute(_DELETE_CHUNKS, {"id": held.one.id})
            return ended

    async def purge(self, kept: timedelta) -> None:
        """Forget imports that ended so long ago, and uploads that never ended."""
        async with self._engine.begin() as connection:
            await connection.execute(_PURGE, {"kept": kept, "abandoned": ABANDONED_AFTER})

    async def waiting(self) -> int:
        async with self._engine.connect() as connection:
            return int(await connection.scalar(_WAITING) or 0)


async def _done(connection: AsyncConnection, statement: Any, held: Held, **values: Any) -> bool:
    values |= {"id": held.one.id, "owner": held.owner}
    return (await connection.execute(statement, values)).first() is not None


def _import(row: Row[Any]) -> Import:
    plan, counts = _json(row.plan), _json(row.counts)
    return Import(
        id=row.id,
        tenant=row.tenant,
        state=ImportState(row.state),
        file_name=row.file_name,
        file_bytes=row.file_bytes,
        plan=None if plan is None else Plan.model_validate_json(plan),
        counts=Counts.model_validate_json(counts or "{}"),
        fraction=row.fraction,
        failure=row.failure,
        created_at=row.created_at,
        created_by=row.created_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _json(value: Any) -> str | bytes | None:
    """JSON as the driver gives it: its text, or what it has made of it."""
    return value if value is None or isinstance(value, str) else orjson.dumps(value)


def _context(import_id: str, number: int) -> str:
    return f"import:{import_id}:{number}"
