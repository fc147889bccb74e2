"""SQL of what arrives: the watch, contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.matching import Hashed
from heedful.alerting.records import Contact, FeedbackKey, Heard
from heedful.alerting.store_facts import item_in
from heedful.common.contracts import ClockMetric

_KEYS = "CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[])"

_UNWATCH = text(
    f"""
    DELETE FROM alerting.watch
    WHERE (tenant, source, feedback_id) IN (SELECT * FROM unnest({_KEYS}))
    """  # noqa: S608  # a constant
)

# A replay of what was understood long ago must not be watched again.
_WATCH = text(
    """
    INSERT INTO alerting.watch (
        tenant, source, feedback_id, item, occurred_at, received_at, due_at, keys, talk, anonymous)
    SELECT w.tenant, w.source, w.feedback_id, w.item, w.occurred_at, w.received_at, w.due_at,
           w.keys, w.talk, w.anonymous
    FROM json_populate_recordset(NULL::alerting.watch, CAST(:rows AS json)) AS w
    WHERE NOT EXISTS (
        SELECT 1 FROM alerting.enriched e
        WHERE e.tenant = w.tenant AND e.source = w.source AND e.feedback_id = w.feedback_id
    ) AND NOT EXISTS (
        SELECT 1 FROM alerting.case_feedback f
        WHERE f.tenant = w.tenant AND f.source = w.source AND f.feedback_id = w.feedback_id
    )
    ORDER BY w.tenant, w.source, w.feedback_id
    ON CONFLICT DO NOTHING
    """
)

# An enrichment that was committed beside the feedback may have left its row here.
_TAKE_DUE = text(
    """
    WITH due AS MATERIALIZED (
        SELECT tenant, source, feedback_id FROM alerting.watch
        WHERE due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM alerting.watch w USING due
    WHERE w.tenant = due.tenant AND w.source = due.source AND w.feedback_id = due.feedback_id
    RETURNING w.tenant, w.source, w.feedback_id, w.item, w.occurred_at, w.received_at, w.keys,
        w.talk, w.anonymous,
        EXISTS (
            SELECT 1 FROM alerting.enriched e WHERE e.tenant = w.tenant
            AND e.source = w.source AND e.feedback_id = w.feedback_id
        ) AS known
    """
)

_NEXT_WATCH = text("SELECT min(due_at) FROM alerting.watch")

_KEEP_CONTACTS = text(
    """
    INSERT INTO alerting.contact (tenant, key, occurred_at, source, interaction_id, actor_id)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:keys AS text[]), CAST(:times AS timestamptz[]),
        CAST(:sources AS text[]), CAST(:ids AS text[]), CAST(:actors AS text[])
    )
    ON CONFLICT DO NOTHING
    """
)

_KEEP_CORRECTIONS = text(
    """
    INSERT INTO alerting.case_correction (case_id, id)
    SELECT * FROM unnest(CAST(:cases AS text[]), CAST(:ids AS text[]))
    ON CONFLICT DO NOTHING RETURNING id
    """
)

_WRITTEN = ("app", "chat", "email", "review", "social", "ticket")
"""Channels where an answer is a message of its own. A call, a visit or a survey may be the very
contact in which the customer complained."""

# The first contact after each clock's start, for the given cases and for those that share a key.
# What is fetched from a channel may have been answered there before we had it.
# By the key of a case that was merged into it only what came after that one was received: a call
# from before answers neither customer.
_MATCH = text(
    """
    WITH wanted AS (
        SELECT unnest(CAST(:cases AS text[])) AS case_id
        UNION
        SELECT k.case_id
        FROM unnest(CAST(:tenants AS text[]), CAST(:keys AS text[])) AS w (tenant, key)
        JOIN alerting.case_key k ON k.tenant = w.tenant AND k.key = w.key
    )
    SELECT DISTINCT ON (c.case_id, c.metric, c.cycle)
        c.case_id, c.metric, c.cycle, p.occurred_at, p.source, p.interaction_id, p.actor_id
    FROM wanted
    JOIN alerting.clock c ON c.case_id = wanted.case_id
        AND c.metric IN ('respond', 'next_reply') AND c.fulfilled_at IS NULL AND c.ended IS NULL
    JOIN alerting.case_key k ON k.case_id = c.case_id
    LEFT JOIN LATERAL (
        SELECT min(f.occurred_at) AS at FROM alerting.case_feedback f
        WHERE f.case_id = c.case_id AND f.received_at = c.started_at
            AND f.channel = ANY(CAST(:written AS text[]))
    ) AS said ON k.talk
    JOIN alerting.contact p ON p.tenant = k.tenant AND p.key = k.key
        AND (p.occurred_at > c.started_at OR p.occurred_at > said.at)
        AND (k.origin IS NULL OR p.occurred_at > (
            SELECT o.received_at FROM alerting.cases o WHERE o.id = k.origin))
    ORDER BY c.case_id, c.metric, c.cycle, p.occurred_at, p.source, p.interaction_id
    """
)

_PRUNE_CONTACTS = text("DELETE FROM alerting.contact WHERE occurred_at < :before")


@dataclass(frozen=True, slots=True)
class Match:
    """The contact that answers a case, and the clock that waited for it."""

    case_id: str
    metric: ClockMetric
    cycle: int
    occurred_at: datetime
    source: str
    interaction_id: str
    actor_id: str | None


async def unwatch(connection: AsyncConnection, keys: Sequence[FeedbackKey]) -> None:
    """These have labels: stop watching them."""
    await connection.execute(_UNWATCH, FeedbackKey.columns(keys))


async def watch(connection: AsyncConnection, items: Sequence[Heard], patience: timedelta) -> None:
    """Wait for the labels of these, unless they are there."""
    rows = [
        {
            "tenant": one.key.tenant,
            "source": one.key.source,
            "feedback_id": one.key.id,
            "item": one.item,
            "occurred_at": one.occurred_at,
            "received_at": one.received_at,
            "due_at": one.received_at + patience,
            "keys": one.customer.keys,
            "talk": one.customer.talk,
            "anonymous": one.customer.anonymous,
        }
        for one in items
    ]
    await connection.execute(_WATCH, {"rows": orjson.dumps(rows).decode()})


async def take_due_watches(
    connection: AsyncConnection, now: datetime, limit: int
) -> tuple[list[Heard], int]:
    """Feedback whose labels did not come in time, and how many rows were looked at."""
    rows = (await connection.execute(_TAKE_DUE, {"now": now, "limit": limit})).all()
    late = [
        Heard(
            key=FeedbackKey(row.tenant, row.source, row.feedback_id),
            item=item_in(row.item),
            occurred_at=row.occurred_at,
            received_at=row.received_at,
            customer=Hashed(tuple(row.keys), row.talk, row.anonymous),
        )
        for row in rows
        if not row.known
    ]
    return late, len(rows)


async def next_watch(connection: AsyncConnection) -> datetime | None:
    """When the next watch ends."""
    found: datetime | None = (await connection.execute(_NEXT_WATCH)).scalar_one()
    return found


async def keep_contacts(connection: AsyncConnection, contacts: Sequence[Contact]) -> None:
    """Keep contacts, also for cases that open later."""
    pairs = [(contact, key) for contact in contacts for key in contact.keys]
    await connection.execute(
        _KEEP_CONTACTS,
        {
            "tenants": [contact.tenant for contact, _ in pairs],
            "keys": [key for _, key in pairs],
            "times": [contact.occurred_at for contact, _ in pairs],
            "sources": [contact.source for contact, _ in pairs],
            "ids": [contact.id for contact, _ in pairs],
            "actors": [contact.actor_id for contact, _ in pairs],
        },
    )


async def keep_corrections(
    connection: AsyncConnection, found: Sequence[tuple[str, str]]
) -> set[str]:
    """Keep corrections by case and id; gives the ids that are new. The cases are locked."""
    rows = await connection.execute(
        _KEEP_CORRECTIONS,
        {"cases": [case for case, _ in found], "ids": [one for _, one in found]},
    )
    return {row.id for row in rows}


async def find_matches(
    connection: AsyncConnection, cases: Sequence[str], contacts: Sequence[Contact]
) -> list[Match]:
    """The first contact for each clock that waits for one, of the cases asked for."""
    pairs = [(contact.tenant, key) for contact in contacts for key in contact.keys]
    rows = await connection.execute(
        _MATCH,
        {
            "cases": list(cases),
            "written": list(_WRITTEN),
            "tenants": [tenant for tenant, _ in pairs],
            "keys": [key for _, key in pairs],
        },
    )
    return [
        Match(
            row.case_id,
            ClockMetric(row.metric),
            row.cycle,
            row.occurred_at,
            row.source,
            row.interaction_id,
            row.actor_id,
        )
        for row in rows
    ]


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Forget contacts that no case can need any more."""
    await connection.execute(_PRUNE_CONTACTS, {"before": before})
