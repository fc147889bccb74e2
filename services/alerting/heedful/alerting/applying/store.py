"""SQL of applications: what was ordered, which cases still have to be looked at, how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.applying.summary import Summary
from heedful.common.contracts import Actor, ActorType

_COLUMNS = (
    "id, tenant, kind, name, version, calendars, actor_type, actor_id, created_at, sweeps, last,"
    " counts, ended, finished_at"
)

# The transactions that are under way may have read what was active before.
_INSERT = text(
    f"""
    INSERT INTO alerting.application (
        id, tenant, kind, name, version, calendars, actor_type, actor_id, created_at, horizon)
    VALUES (:id, :tenant, :kind, :name, :version, CAST(:calendars AS jsonb), :actor_type,
        :actor_id, :now, pg_snapshot_xmax(pg_current_snapshot()))
    ON CONFLICT (tenant) WHERE finished_at IS NULL DO NOTHING
    RETURNING {_COLUMNS}
    """  # noqa: S608  # a constant
)
_RUNNING = text(
    f"SELECT {_COLUMNS} FROM alerting.application"  # noqa: S608  # a constant
    " WHERE tenant = :tenant AND finished_at IS NULL"
)
_GET = text(
    f"SELECT {_COLUMNS}, (SELECT count(*) FROM alerting.application_case c"  # noqa: S608  # a constant
    " WHERE c.application_id = a.id) AS waiting"
    " FROM alerting.application a WHERE tenant = :tenant AND id = :id"
)
_PAGE = text(
    f"""
    SELECT {_COLUMNS}, (SELECT count(*) FROM alerting.application_case c
        WHERE c.application_id = a.id) AS waiting
    FROM alerting.application a
    WHERE tenant = :tenant
      AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, :id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)

_SETTLED = "horizon <= pg_snapshot_xmin(pg_current_snapshot())"

# One replica works on an application; a killed one lets go of it.
_LOCK_NEXT = text(
    f"""
    SELECT {_COLUMNS}, {_SETTLED} AS settled
    FROM alerting.application a
    WHERE finished_at IS NULL AND (sweeps = 0 OR last OR {_SETTLED} OR EXISTS (
        SELECT FROM alerting.application_case c WHERE c.application_id = a.id))
    ORDER BY created_at, id LIMIT 1 FOR UPDATE OF a SKIP LOCKED
    """  # noqa: S608  # constants
)

_OPEN = "c.tenant = :tenant AND c.over_at IS NULL AND c.opened_at <= :until"
_CASES = {
    "policy": f"{_OPEN} AND c.policy IS DISTINCT FROM :ref",
    "calendar": f"""{_OPEN} AND EXISTS (
        SELECT FROM alerting.clock k WHERE k.case_id = c.id
          AND k.fulfilled_at IS NULL AND k.ended IS NULL AND k.breached_at IS NULL
          AND split_part(k.calendar, '@', 1) = :name AND k.calendar <> :ref)""",
}
"""The cases that an application may concern: those of which it is wanted that they go over."""

_COLLECT = {
    kind: text(
        f"""
        INSERT INTO alerting.application_case (application_id, case_id)
        SELECT :id, c.id FROM alerting.cases c WHERE {condition}
        """  # noqa: S608  # constants
    )
    for kind, condition in _CASES.items()
}
_CONCERNED = {
    kind: text(
        f"""
        SELECT c.id FROM alerting.cases c WHERE {condition} ORDER BY c.id LIMIT :limit
        """  # noqa: S608  # constants
    )
    for kind, condition in _CASES.items()
}
_TAKE = text(
    """
    DELETE FROM alerting.application_case a USING (
        SELECT case_id FROM alerting.application_case
        WHERE application_id = :id ORDER BY case_id LIMIT :limit
    ) AS w
    WHERE a.application_id = :id AND a.case_id = w.case_id
    RETURNING a.case_id
    """
)
_PROGRESS = text("UPDATE alerting.application SET counts = CAST(:counts AS jsonb) WHERE id = :id")
_SWEEP = text("UPDATE alerting.application SET sweeps = sweeps + 1, last = :last WHERE id = :id")
_FINISH = text("UPDATE alerting.application SET ended = :ended, finished_at = :now WHERE id = :id")
_DROP = text("DELETE FROM alerting.application_case WHERE application_id = :id")


class Kind(StrEnum):
    POLICY = "policy"
    CALENDAR = "calendar"


class EndedBy(StrEnum):
    """`superseded`: another version was activated while it was applied, and it stopped there."""

    DONE = "done"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Subject:
    """A version that is applied: of the tenant's policy, or of a calendar of that name."""

    kind: Kind
    name: str
    version: int

    @property
    def ref(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Application:
    """An order, and how far it is.

    Attributes:
        calendars: the refs that names of calendars stand for in it.
        sweeps: how often cases were collected for it; `last`: all that there can be.
        waiting: cases that are still to be looked at; None: not asked for.
        settled: nobody can still be writing by what was active before it.
    """

    id: str
    tenant: str
    subject: Subject
    calendars: Mapping[str, str]
    actor: Actor
    created_at: datetime
    sweeps: int
    last: bool
    summary: Summary
    ended: EndedBy | None = None
    finished_at: datetime | None = None
    waiting: int | None = None
    settled: bool = False


async def insert(
    connection: AsyncConnection,
    now: datetime,
    id_: str,
    tenant: str,
    subject: Subject,
    calendars: Mapping[str, str],
    actor: Actor,
) -> Application | None:
    """Order it; None: the tenant has another one that is not finished."""
    values = {
        "id": id_,
        "tenant": tenant,
        "kind": subject.kind.value,
        "name": subject.name,
        "version": subject.version,
        "calendars": orjson.dumps(calendars).decode(),
        "actor_type": actor.type.value,
        "actor_id": actor.id,
        "now": now,
    }
    row = (await connection.execute(_INSERT, values)).first()
    return None if row is None else _application(row)


async def running(connection: AsyncConnection, tenant: str) -> Application | None:
    row = (await connection.execute(_RUNNING, {"tenant": tenant})).first()
    return None if row is None else _application(row)


async def get(connection: AsyncConnection, tenant: str, id_: str) -> Application | None:
    row = (await connection.execute(_GET, {"tenant": tenant, "id": id_})).first()
    return None if row is None else _application(row, waiting=row.waiting)


async def page(
    connection: AsyncConnection, tenant: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Application]:
    """The newest first."""
    at, id_ = after or (None, None)
    values = {"tenant": tenant, "at": at, "id": id_, "limit": limit}
    rows = await connection.execute(_PAGE, values)
    return [_application(row, waiting=row.waiting) for row in rows]


async def lock_next(connection: AsyncConnection) -> Application | None:
    """The oldest of which something can be done now and that no other replica works on."""
    row = (await connection.execute(_LOCK_NEXT)).first()
    return None if row is None else _application(row, settled=row.settled)


async def sweep(connection: AsyncConnection, held: Application) -> None:
    """Note which cases are to be looked at: those from before it was ordered.

    While somebody may still be writing by what was active before, it is not the last time.
    """
    values = {
        "id": held.id,
        "tenant": held.tenant,
        "until": held.created_at,
        "name": held.subject.name,
        "ref": held.subject.ref,
        "last": held.settled,
    }
    await connection.execute(_COLLECT[held.subject.kind], values)
    await connection.execute(_SWEEP, values)


async def take(connection: AsyncConnection, held: Application, limit: int) -> list[str]:
    """Cases to look at in this transaction."""
    rows = await connection.execute(_TAKE, {"id": held.id, "limit": limit})
    return sorted(row.case_id for row in rows)


async def count(connection: AsyncConnection, held: Application) -> None:
    """Keep its summary."""
    counts = orjson.dumps(held.summary.written()).decode()
    await connection.execute(_PROGRESS, {"id": held.id, "counts": counts})


async def finish(
    connection: AsyncConnection, now: datetime, held: Application, ended: EndedBy
) -> None:
    """Nothing more is done for it."""
    values = {"id": held.id, "now": now, "ended": ended.value}
    await connection.execute(_DROP, values)
    await connection.execute(_FINISH, values)


async def concerned(
    connection: AsyncConnection,
    now: datetime,
    tenant: str,
    subject: Subject,
    limit: int,
) -> list[str]:
    """Ids of cases that it would concern now, in their order."""
    values = {
        "tenant": tenant,
        "until": now,
        "name": subject.name,
        "ref": subject.ref,
        "limit": limit,
    }
    return [row.id for row in await connection.execute(_CONCERNED[subject.kind], values)]


def _application(
    row: Row[Any], *, waiting: int | None = None, settled: bool = False
) -> Application:
    return Application(
        id=row.id,
        tenant=row.tenant,
        subject=Subject(Kind(row.kind), row.name, row.version),
        calendars=row.calendars,
        actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
        created_at=row.created_at,
        sweeps=row.sweeps,
        last=row.last,
        summary=Summary.read(row.counts),
        ended=None if row.ended is None else EndedBy(row.ended),
        finished_at=row.finished_at,
        waiting=waiting,
        settled=settled,
    )
