"""SQL of the quarantine."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import HeedfulError
from heedful.common.retention import WHOSE, Rule
from heedful.common.security import SecretBox
from heedful.ingest.quarantine import Entry, Form, Origin, Reason, State, Stored

_COLUMNS = (
    "id, tenant, connection_id, channel, adapter_version, form, reason, detail, received_at,"
    " state, tries, resolved_at, resolved_by"
)
_ADD = text(
    """
    INSERT INTO ingest.quarantine (
        id, tenant, connection_id, channel, adapter_version, form, reason, detail, digest, people,
        sealed, received_at, state)
    VALUES (:id, :tenant, :connection_id, :channel, :adapter_version, :form, :reason, :detail,
        :digest, :people, :sealed, :received_at, 'open')
    ON CONFLICT (tenant, channel, coalesce(connection_id, ''), digest) WHERE state = 'open'
    DO NOTHING
    """
)
_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM ingest.quarantine
    WHERE tenant = :tenant
      AND (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:channel AS text) IS NULL OR channel = :channel)
      AND (CAST(:reason AS text) IS NULL OR reason = :reason)
      AND (CAST(:connection_id AS text) IS NULL OR connection_id = :connection_id)
      AND (CAST(:at AS timestamptz) IS NULL OR (received_at, id) < (:at, :id))
    ORDER BY received_at DESC, id DESC LIMIT :limit
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

_ERASE = text(
    """
    UPDATE ingest.quarantine
    SET state = 'discarded', sealed = NULL, people = '{}', resolved_at = :now,
        resolved_by = 'erasure'
    WHERE tenant = :tenant AND people && CAST(:people AS text[]) AND received_at <= :until
    """
)
_DISCARD = text(
    f"""
    UPDATE ingest.quarantine
    SET state = 'discarded', sealed = NULL, people = '{{}}', resolved_at = clock_timestamp(),
        resolved_by = 'retention'
    WHERE id IN (
        SELECT id FROM ingest.quarantine
        WHERE state = 'open' AND received_at < :before AND {WHOSE}
        LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)
_FORGET = text(
    f"""
    DELETE FROM ingest.quarantine WHERE id IN (
        SELECT id FROM ingest.quarantine
        WHERE state <> 'open' AND resolved_at < :before AND {WHOSE}
        LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)


async def erase(
    connection: AsyncConnection,
    tenant: str,
    people: Sequence[str],
    until: datetime,
    now: datetime,
) -> int:
    """What is about these people and came in until then loses its content; how many it was."""
    if not people:
        return 0
    values = {"tenant": tenant, "people": list(people), "until": until, "now": now}
    return (await connection.execute(_ERASE, values)).rowcount


async def forget(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """What nobody has mended loses its content, and what was resolved is forgotten; how many at
    most of both."""
    values = {**rule.values, "limit": limit}
    discarded = (await connection.execute(_DISCARD, values)).rowcount
    return max(discarded, (await connection.execute(_FORGET, values)).rowcount)


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

    async def page(
        self,
        tenant: str,
        *,
        state: State | None,
        channel: str | None,
        reason: Reason | None,
        connection_id: str | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[Stored]:
        """Newest first, those after the given sort key."""
        at, entry_id = after or (None, "")
        values = {
            "tenant": tenant,
            "state": state,
            "channel": channel,
            "reason": reason,
            "connection_id": connection_id,
            "at": at,
            "id": entry_id,
            "limit": limit,
        }
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_PAGE, values)).all()
        return [_stored(row) for row in rows]

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
        ),
        form=Form(row.form),
        reason=Reason(row.reason),
        detail=row.detail,
        state=State(row.state),
        tries=row.tries,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )
