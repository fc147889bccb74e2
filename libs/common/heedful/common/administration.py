"""Administrative changes: who changed what, and the table where those of other services than
alerting wait until alerting links them into the hash chain of their tenant.

A change and its entry are one transaction, so neither is ever without the other. What waits can be
read, but is not yet in a chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Actor, ActorType
from heedful.common.logging import trace_id

SAFE_INTEGER: Final = 2**53 - 1
"""Every reader of JSON reads whole numbers up to here alike (RFC 8785); a chain takes no larger."""

_NOTE = text(
    """
    INSERT INTO common.administrative_change (
        tenant, at, actor_type, actor_id, request_id, action, subject_kind, subject_id,
        before, after)
    VALUES (:tenant, :at, :actor_type, :actor_id, :request_id, :action, :subject_kind, :subject_id,
        CAST(:before AS jsonb), CAST(:after AS jsonb))
    """
)
# Not SKIP LOCKED: who comes second waits, and finds nothing, so entries keep their order.
_TAKE = text(
    """
    WITH oldest AS MATERIALIZED (
        SELECT id FROM common.administrative_change ORDER BY id LIMIT :limit FOR UPDATE)
    DELETE FROM common.administrative_change c USING oldest WHERE c.id = oldest.id RETURNING c.*
    """
)
_WAITING = text(
    "SELECT count(*) AS entries, min(at) AS since FROM common.administrative_change"
    " WHERE tenant = :tenant"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was changed, e.g. `endpoint` and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, before it has its place in the chain of its tenant.

    Attributes:
        action: what was done, in the past: `endpoint.created`.
        before, after: JSON objects without secrets, nothing of a customer in them, whole numbers
            within ±(2^53 - 1); None where there was, or is, nothing.
        request_id: None takes that of the request under way.
        at: None takes the time of the transaction that records it.
    """

    tenant: str
    actor: Actor
    action: str
    subject: Subject
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    request_id: str | None = None
    at: datetime | None = None

    def columns(self, now: datetime) -> dict[str, Any]:
        """What both tables say of it, by the names of their columns.

        Args:
            now: time of the transaction that records it.
        """
        return {
            "tenant": self.tenant,
            "at": self.at or now,
            "actor_type": self.actor.type.value,
            "actor_id": self.actor.id,
            "request_id": self.request_id or trace_id(),
            "action": self.action,
            "subject_kind": self.subject.kind,
            "subject_id": self.subject.id,
            "before": self.before,
            "after": self.after,
        }


async def note(connection: AsyncConnection, now: datetime, entry: Entry) -> None:
    """Write a change down in the transaction that makes it; alerting records it within seconds.

    Raises:
        ValueError: a number that no chain takes (see `Entry`).
    """
    words = {"before": _json(entry.before), "after": _json(entry.after)}
    await connection.execute(_NOTE, {**entry.columns(now), **words})


async def take(connection: AsyncConnection, limit: int) -> Sequence[Entry]:
    """The oldest that wait, in the order of their writing; gone with the caller's commit."""
    rows = (await connection.execute(_TAKE, {"limit": limit})).all()
    return [_entry(row) for row in sorted(rows, key=lambda row: row.id)]


async def waiting(connection: AsyncConnection, tenant: str) -> tuple[int, datetime | None]:
    """How many of a tenant are in no chain yet, and since when the oldest waits."""
    row = (await connection.execute(_WAITING, {"tenant": tenant})).one()
    return row.entries, row.since


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        tenant=row.tenant,
        actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
        action=row.action,
        subject=Subject(row.subject_kind, row.subject_id),
        before=row.before,
        after=row.after,
        request_id=row.request_id,
        at=row.at,
    )


def _json(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    _refuse_large(value)
    return orjson.dumps(value).decode()


def _refuse_large(value: Any) -> None:
    """One that could not be linked would stop all that come after it."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            _refuse_large(one)
    elif isinstance(value, int | float) and not abs(value) <= SAFE_INTEGER:
        raise ValueError("a number of an administrative change is larger than 2^53 - 1")
