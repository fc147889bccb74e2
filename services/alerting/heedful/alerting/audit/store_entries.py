"""SQL of administrative changes: one chain for each tenant, without gaps."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit.anchors import Leaf
from heedful.alerting.audit.canonical import JsonObject, canonical
from heedful.alerting.audit.entries import ADMINISTRATION, content
from heedful.alerting.audit.links import SALT_BYTES, link
from heedful.alerting.audit.store_heads import Head, await_anchor, lock_heads, move_heads
from heedful.common.administration import Entry

_NAMES: Final = (
    "tenant",
    "position",
    "at",
    "actor_type",
    "actor_id",
    "request_id",
    "action",
    "subject_kind",
    "subject_id",
    "before",
    "after",
)
COLUMNS: Final = ", ".join(_NAMES)
"""Of `alerting.audit_entry`: all that an entry says, and all that is hashed."""

_INSERT = text(
    f"""
    INSERT INTO alerting.audit_entry ({COLUMNS}, salt, words, hash)
    SELECT w.tenant, w.position, w.at, w.actor_type, w.actor_id,
           w.request_id, w.action, w.subject_kind, w.subject_id, CAST(w.before AS jsonb),
           CAST(w.after AS jsonb), w.salt, w.words, w.hash
    FROM unnest(
        CAST(:tenant AS text[]), CAST(:position AS bigint[]), CAST(:at AS timestamptz[]),
        CAST(:actor_type AS text[]), CAST(:actor_id AS text[]), CAST(:request_id AS text[]),
        CAST(:action AS text[]), CAST(:subject_kind AS text[]), CAST(:subject_id AS text[]),
        CAST(:before AS text[]), CAST(:after AS text[]), CAST(:salt AS bytea[]),
        CAST(:words AS bytea[]), CAST(:hash AS bytea[])
    ) AS w (tenant, position, at, actor_type, actor_id, request_id, action, subject_kind,
            subject_id, before, after, salt, words, hash)
    """  # noqa: S608  # constants
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None: whatever it is. From `since` on, and before `until`."""

    subject_kind: str | None = None
    subject_id: str | None = None
    actor_id: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_CONDITIONS: Final = {
    "subject_kind": "subject_kind = :subject_kind",
    "subject_id": "subject_id = :subject_id",
    "actor_id": "actor_id = :actor_id",
    "action": "action = :action",
    "since": "at >= :since",
    "until": "at < :until",
    "before_position": "position < :before_position",
}


async def page(
    connection: AsyncConnection, tenant: str, wanted: Wanted, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """Entries of a tenant, the newest first, those before a position."""
    asked = {**asdict(wanted), "before_position": before}
    values = {name: value for name, value in asked.items() if value is not None}
    where = " AND ".join(["tenant = :tenant", *(_CONDITIONS[name] for name in values)])
    query = (
        f"SELECT {COLUMNS}, hash FROM alerting.audit_entry WHERE {where}"  # noqa: S608  # own names
        " ORDER BY position DESC LIMIT :limit"
    )
    return (
        await connection.execute(text(query), {**values, "tenant": tenant, "limit": limit})
    ).all()


async def record(connection: AsyncConnection, now: datetime, *entries: Entry) -> None:
    """Append administrative changes, in the order given, in the transaction that makes them.

    Holds the chains of their tenants until the commit. So it comes last: a transaction that locked
    something else behind it could wait for one that waits for this chain.
    """
    by_tenant: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_tenant[entry.tenant].append(entry)
    if not by_tenant:
        return
    heads = await lock_heads(connection, ADMINISTRATION, sorted(by_tenant))
    rows: list[dict[str, Any]] = []
    for tenant, own in by_tenant.items():
        for entry in own:
            head = heads[tenant]
            row = _row(entry, now, head)
            heads[tenant] = Head(head.position + 1, row["hash"])
            rows.append(row)
    values = {name: [row[name] for row in rows] for name in rows[0]}
    await connection.execute(_INSERT, values)
    await move_heads(connection, ADMINISTRATION, now, heads)
    ends = [(tenant, Leaf(ADMINISTRATION, one.position, one.hash)) for tenant, one in heads.items()]
    await await_anchor(connection, ends)


def columns_of(row: Row[Any]) -> dict[str, Any]:
    """What a row of `alerting.audit_entry` says, by `COLUMNS`."""
    return {name: getattr(row, name) for name in _NAMES}


def _row(entry: Entry, now: datetime, head: Head) -> dict[str, Any]:
    columns = entry.columns(now)
    position = head.position + 1
    made = link(head.hash, position, content(columns), os.urandom(SALT_BYTES))
    return {
        **columns,
        "position": position,
        "before": _json(entry.before),
        "after": _json(entry.after),
        "salt": made.salt,
        "words": made.words,
        "hash": made.hash,
    }


def _json(value: JsonObject | None) -> str | None:
    return None if value is None else canonical(value).decode()
