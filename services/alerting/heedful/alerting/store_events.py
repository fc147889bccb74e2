"""Appends events of cases, each a link of its case's hash chain (audit/links.py)."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit import events
from heedful.alerting.audit.links import SALT_BYTES, START, Link, link
from heedful.alerting.records import Recorded
from heedful.alerting.stored_clocks import bytea, terms_out
from heedful.common.logging import trace_id

COLUMNS: Final = (
    "case_id", "sequence", "id", "tenant", "kind", "at", "recorded_at", "actor_type", "actor_id",
    "request_id", "colour", "feedback_source", "feedback_id", "clock", "cycle", "rung", "terms",
    "since", "note", "detail",
)  # fmt: skip
"""Of `alerting.case_event`: all that an event says, and all that is hashed. A column that is added
must be null in older rows, or their hashes would not hold."""

_WRITTEN: Final = ", ".join((*COLUMNS, "kept", "salt", "words", "hash"))

# One statement: the heads wait for their anchor from the moment when the events are there. Whoever
# makes anchors locks them only when nobody else has (SKIP LOCKED), so nobody waits in a circle.
_INSERT = text(
    f"""
    WITH written AS (
        INSERT INTO alerting.case_event ({_WRITTEN})
        SELECT {_WRITTEN}
        FROM json_populate_recordset(NULL::alerting.case_event, CAST(:events AS json))
    ), heads AS (
        SELECT * FROM unnest(
            CAST(:head_tenants AS text[]), CAST(:head_cases AS text[]),
            CAST(:head_sequences AS int[]), CAST(:head_hashes AS bytea[])
        ) AS w (tenant, case_id, sequence, hash)
    ), begun AS (
        UPDATE alerting.cases c SET head = h.hash, head_sequence = h.sequence FROM heads h
        WHERE CAST(:opened AS boolean) AND c.id = h.case_id
    )
    INSERT INTO alerting.audit_pending (tenant, chain, position, hash)
    SELECT tenant, case_id, sequence, hash FROM heads
    ON CONFLICT (tenant, chain)
    DO UPDATE SET position = excluded.position, hash = excluded.hash
    """  # noqa: S608  # constants
)


async def insert(
    connection: AsyncConnection,
    now: datetime,
    recorded: Sequence[Recorded],
    *,
    opened: bool = False,
) -> dict[str, bytes]:
    """Append events to locked cases, in the order given.

    Args:
        opened: they are the first of cases of this transaction, which get their heads here; others
            get them with the rest of their state, by `store_cases.update_cases`.

    Returns:
        The new head of each case: the hash of its last event. A case with events that are not
        linked yet (see audit/adopting.py) has none, and its new ones wait as well.
    """
    heads: dict[str, bytes] = {}
    rows: list[dict[str, Any]] = []
    salts, request_id = os.urandom(SALT_BYTES * len(recorded)), trace_id()
    for place, one in enumerate(recorded):
        salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
        columns = _columns(one, now, request_id)
        kept = events.kept_of(one.step.kind, columns["detail"])
        made = _link(heads.get(one.stored.id, _head(one)), columns, kept, salt)
        if made is not None:
            heads[one.stored.id] = made.hash
        rows.append(_row(columns, kept, made))
    last = {one.stored.id: one.stored for one in recorded if one.stored.id in heads}
    waiting = {
        "head_tenants": [stored.tenant for stored in last.values()],
        "head_cases": list(last),
        "head_sequences": [stored.case.sequence for stored in last.values()],
        "head_hashes": [heads[case_id] for case_id in last],
    }
    # Five hundred events as one value are a third of the work of 24 arrays.
    written = {"events": orjson.dumps(rows).decode(), "opened": opened}
    await connection.execute(_INSERT, {**written, **waiting})
    return heads


def columns_of(row: Row[Any]) -> dict[str, Any]:
    """What a row of `alerting.case_event` says, by `COLUMNS`."""
    return {name: getattr(row, name) for name in COLUMNS}


def _head(one: Recorded) -> bytes | None:
    """The hash before the event."""
    return START if one.stored.case.sequence == 1 else one.stored.head


def _link(
    previous: bytes | None, columns: Mapping[str, Any], kept: Sequence[str], salt: bytes
) -> Link | None:
    if previous is None:
        return None
    return link(previous, columns["sequence"], events.content(columns, kept), salt)


def _columns(one: Recorded, now: datetime, request_id: str | None) -> dict[str, Any]:
    stored, step = one.stored, one.step
    return {
        "case_id": stored.id,
        "sequence": stored.case.sequence,
        "id": one.event_id,
        "tenant": stored.tenant,
        "kind": step.kind.value,
        "at": step.at,
        "recorded_at": now,
        "actor_type": step.actor.type.value,
        "actor_id": step.actor.id,
        "request_id": request_id,
        "colour": stored.case.colour.value,
        "feedback_source": step.feedback.source if step.feedback else None,
        "feedback_id": step.feedback.id if step.feedback else None,
        "clock": step.clock.value if step.clock else None,
        "cycle": step.cycle,
        "rung": step.rung,
        "terms": [terms_out(one) for one in step.terms] or None,
        "since": step.since,
        "note": step.note,
        "detail": dict(step.detail),
    }


def _row(columns: Mapping[str, Any], kept: Sequence[str], made: Link | None) -> dict[str, Any]:
    chain = {} if made is None else {"hash": made.hash, "salt": made.salt, "words": made.words}
    return {
        **columns,
        "kept": kept,
        **{name: bytea(value) for name, value in chain.items()},
    }
