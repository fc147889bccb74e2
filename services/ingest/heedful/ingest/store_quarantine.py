"""SQL of the quarantine."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import HeedfulError
from heedful.common.security.secrets import SecretBox
from heedful.ingest.quarantine import Choice, Entry, Form, Origin, Reason, State, Stored

_COLUMNS = (
    "id, tenant, connection_id, channel, adapter_version, form, reason, detail, received_at,"
    " state, tries, resolved_at, resolved_by, import_id, row_number"
)
_ADD = text(
    """
    INSERT INTO ingest.quarantine (
        id, tenant, connection_id, channel, adapter_version, form, reason, detail, digest, people,
        sealed, received_at, import_id, row_number, state)
    VALUES (:id, :tenant, :connection_id, :channel, :adapter_version, :form, :reason, :detail,
        :digest, :people, :sealed, :received_at, :import_id, :row_number, 'open')
    ON CONFLICT DO NOTHING
    """
)
_CHOSEN = """
          (CAST(:channel AS text) IS NULL OR channel = :channel)
      AND (CAST(:reason AS text) IS NULL OR reason = :reason)
      AND (CAST(:connection_id AS text) IS NULL OR connection_id = :connection_id)
      AND (CAST(:import_id AS text) IS NULL OR import_id = :import_id)
"""
_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM ingest.quarantine
    WHERE tenant = :tenant
      AND (CAST(:state AS text) IS NULL OR state = :state)
      AND {_CHOSEN}
      AND (CAST(:at AS timestamptz) IS NULL OR (received_at, id) < (:at, :id))
    ORDER BY received_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)
# Those that were tried least, so that what stays wrong keeps no other from its turn.
_TO_REPLAY = text(
    f"""
    SELECT id FROM ingest.quarantine
    WHERE tenant = :tenant AND state = 'open' AND {_CHOSEN}
    ORDER BY tries, received_at, id LIMIT :limit
    """  # noqa: S608  # a constant
)
_GET = text(
    f"SELECT {_COLUMNS}, sealed FROM ingest.quarantine"  # noqa: S608  # a constant
    " WHERE tenant = :tenant AND id = :id"
)
_RESOLVE = text(
    """
    UPDATE ingest.quarantine
    SET state = :state, sealed = NULL, people = '{}', resolved_at = :now, resolved_by = :by,
        tries = tries + :tried
    WHERE tenant = :tenant AND id = :id AND state = 'open' RETURNING id
    """
)
_RESOLVE_CHOSEN = text(
    f"""
    UPDATE ingest.quarantine
    SET state = 'discarded', sealed = NULL, people = '{{}}', resolved_at = :now, resolved_by = :by
    WHERE id IN (
        SELECT id FROM ingest.quarantine
        WHERE tenant = :tenant AND state = 'open' AND {_CHOSEN}
        ORDER BY received_at, id LIMIT :limit FOR UPDATE)
    """  # noqa: S608  # a constant
)
_OF_IMPORT = text(
    "SELECT count(*) FROM ingest.quarantine WHERE tenant = :tenant AND import_id = :import_id"
)
_TRIED = text(
    """
    UPDATE ingest.quarantine
    SET tries = tries + 1, reason = :reason, detail = :detail
    WHERE tenant = :tenant AND id = :id AND state = 'open'
    """
)
_MEND = text(
    """
    UPDATE ingest.quarantine SET sealed = :sealed, digest = :digest, people = :people
    WHERE tenant = :tenant AND id = :id AND state = 'open' RETURNING id
    """
)
_OPEN = text(
    "SELECT channel, reason, count(*) AS n FROM ingest.quarantine WHERE state = 'open'"
    " GROUP BY channel, reason"
)


class SameContent(HeedfulError):
    """Two open entries of a connection never hold the same."""


class QuarantineStore:
    """Contents are sealed, bound to their row."""

    def __init__(self, engine: AsyncEngine, box: SecretBox) -> None:
        self._engine = engine
        self._box = box

    async def add(self, entries: Sequence[Entry]) -> None:
        """What is there already and open stays as it is."""
        if not entries:
            return
        async with self._engine.begin() as connection:
            await connection.execute(_ADD, [self._row(entry) for entry in entries])

    async def add_rows(
        self, connection: AsyncConnection, entries: Sequence[Entry], most: int
    ) -> int:
        """Rows of one import, in the caller's transaction, up to `most` of the whole import; how
        many were within that."""
        if not entries:
            return 0
        origin = entries[0].origin
        values = {"tenant": origin.tenant, "import_id": origin.import_id}
        there = int(await connection.scalar(_OF_IMPORT, values) or 0)
        within = entries[: max(0, most - there)]
        if within:
            await connection.execute(_ADD, [self._row(entry) for entry in within])
        return len(within)

    async def page(
        self,
        tenant: str,
        *,
        state: State | None,
        which: Choice,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Stored]:
        """Newest first, those after the given sort key."""
        at, entry_id = after or (None, "")
        values = {
            "tenant": tenant,
            "state": state,
            **asdict(which),
            "at": at,
            "id": entry_id,
            "limit": limit,
        }
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_PAGE, values)).all()
        return [_stored(row) for row in rows]

    async def to_replay(self, tenant: str, which: Choice, limit: int) -> Sequence[str]:
        """Ids of open ones: those first that were tried least, of these the oldest."""
        values = {"tenant": tenant, **asdict(which), "limit": limit}
        async with self._engine.connect() as connection:
            return list((await connection.scalars(_TO_REPLAY, values)).all())

    async def get(self, tenant: str, entry_id: str) -> tuple[Stored, bytes | None] | None:
        """One with its content; none is left of what was resolved."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_GET, {"tenant": tenant, "id": entry_id})).one_or_none()
        if row is None:
            return None
        sealed = row.sealed
        return _stored(row), None if sealed is None else self._box.open(
            bytes(sealed), _context(row.id)
        )

    async def resolve(
        self, tenant: str, entry_id: str, state: State, by: str, now: datetime
    ) -> bool:
        """Done: its content goes. False when it is not open."""
        values = {
            "tenant": tenant,
            "id": entry_id,
            "state": state,
            "by": by,
            "now": now,
            "tried": int(state is State.REPLAYED),
        }
        async with self._engine.begin() as connection:
            return (await connection.execute(_RESOLVE, values)).first() is not None

    async def discard(self, tenant: str, which: Choice, by: str, now: datetime, limit: int) -> int:
        """Open ones are not wanted, the oldest first: their content goes. How many it were."""
        values = {"tenant": tenant, **asdict(which), "by": by, "now": now, "limit": limit}
        async with self._engine.begin() as connection:
            return (await connection.execute(_RESOLVE_CHOSEN, values)).rowcount

    async def tried(self, tenant: str, entry_id: str, reason: Reason, detail: str) -> None:
        """Sent again, and not taken."""
        values = {"tenant": tenant, "id": entry_id, "reason": reason, "detail": detail}
        async with self._engine.begin() as connection:
            await connection.execute(_TRIED, values)

    async def mend(self, entry: Entry) -> bool:
        """Put another content in its place. False when it is not open.

        Raises:
            SameContent: it would be what another one is.
        """
        try:
            async with self._engine.begin() as connection:
                return (await connection.execute(_MEND, self._row(entry))).first() is not None
        except IntegrityError as error:
            raise SameContent("another open entry holds just this") from error

    async def open_by_channel(self) -> dict[tuple[str, str], int]:
        """How many are open by channel and reason, of all tenants."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_OPEN)).all()
        return {(row.channel, row.reason): row.n for row in rows}

    def _row(self, entry: Entry) -> dict[str, Any]:
        origin = entry.origin
        return {
            "id": entry.id,
            "tenant": origin.tenant,
            "connection_id": origin.connection_id,
            "channel": origin.channel,
            "adapter_version": origin.adapter_version,
            "form": entry.form,
            "reason": entry.reason,
            "detail": entry.detail,
            "digest": entry.digest,
            "people": list(entry.people),
            "sealed": self._box.seal(entry.content, _context(entry.id)),
            "received_at": origin.received_at,
            "import_id": origin.import_id,
            "row_number": origin.row,
        }


def _context(entry_id: str) -> str:
    return f"quarantine:{entry_id}"


def _stored(row: Row[Any]) -> Stored:
    return Stored(
        id=row.id,
        origin=Origin(
            tenant=row.tenant,
            channel=row.channel,
            connection_id=row.connection_id,
            adapter_version=row.adapter_version,
            received_at=row.received_at,
            import_id=row.import_id,
            row=row.row_number,
        ),
        form=Form(row.form),
        reason=Reason(row.reason),
        detail=row.detail,
        state=State(row.state),
        tries=row.tries,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )
