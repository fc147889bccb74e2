"""SQL of what arrives: the watch, the memory of enrichments, contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.records import Contact, FeedbackKey, Watched

_KEYS = "CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[])"

_REMEMBER = text(
    f"""
    INSERT INTO alerting.enriched (tenant, source, feedback_id, seen_at)
    SELECT w.tenant, w.source, w.id, CAST(:now AS timestamptz)
    FROM unnest({_KEYS}) AS w (tenant, source, id)
    ORDER BY w.tenant, w.source, w.id
    ON CONFLICT DO NOTHING
    RETURNING tenant, source, feedback_id
    """  # noqa: S608  # a constant
)

_UNWATCH = text(
    f"""
    DELETE FROM alerting.watch
    WHERE (tenant, source, feedback_id) IN (SELECT * FROM unnest({_KEYS}))
    """  # noqa: S608  # a constant
)

# A replay of what was understood long ago must not be watched again.
_WATCH = text(
    f"""
    INSERT INTO alerting.watch (
        tenant, source, feedback_id, channel, received_at, due_at, keys)
    SELECT w.tenant, w.source, w.id, w.channel, w.received_at, w.due_at,
           string_to_array(w.keys, ' ')
    FROM unnest(
        {_KEYS}, CAST(:channels AS text[]), CAST(:received AS timestamptz[]),
        CAST(:dues AS timestamptz[]), CAST(:keys AS text[])
    ) AS w (tenant, source, id, channel, received_at, due_at, keys)
    WHERE NOT EXISTS (
        SELECT 1 FROM alerting.enriched e
        WHERE e.tenant = w.tenant AND e.source = w.source AND e.feedback_id = w.id
    ) AND NOT EXISTS (
        SELECT 1 FROM alerting.case_feedback f
        WHERE f.tenant = w.tenant AND f.source = w.source AND f.feedback_id = w.id
    )
    ORDER BY w.tenant, w.source, w.id
    ON CONFLICT DO NOTHING
    """  # noqa: S608  # a constant
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
    RETURNING w.tenant, w.source, w.feedback_id, w.channel, w.received_at, w.keys,
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

_KEEP_CASE_KEYS = text(
    """
    INSERT INTO alerting.case_key (tenant, key, case_id)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:keys AS text[]), CAST(:cases AS text[]))
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

# The first contact after received_at, for the given cases and for cases that share a key.
_MATCH = text(
    """
    WITH wanted AS (
        SELECT unnest(CAST(:cases AS text[])) AS case_id
        UNION
        SELECT k.case_id
        FROM unnest(CAST(:tenants AS text[]), CAST(:keys AS text[])) AS w (tenant, key)
        JOIN alerting.case_key k ON k.tenant = w.tenant AND k.key = w.key
    )
    SELECT DISTINCT ON (c.case_id)
        c.case_id, p.occurred_at, p.source, p.interaction_id, p.actor_id
    FROM wanted
    JOIN alerting.clock c ON c.case_id = wanted.case_id
        AND c.metric = 'respond' AND c.fulfilled_at IS NULL
    JOIN alerting.case_key k ON k.case_id = c.case_id
    JOIN alerting.contact p ON p.tenant = k.tenant AND p.key = k.key
        AND p.occurred_at > c.started_at
    ORDER BY c.case_id, p.occurred_at, p.source, p.interaction_id
    """
)

_PRUNE_CONTACTS = text("DELETE FROM alerting.contact WHERE occurred_at < :before")
_PRUNE_ENRICHED = text("DELETE FROM alerting.enriched WHERE seen_at < :before")


@dataclass(frozen=True, slots=True)
class Match:
    """The contact that answers a case."""

    case_id: str
    occurred_at: datetime
    source: str
    interaction_id: str
    actor_id: str | None


async def remember_enriched(
    connection: AsyncConnection, now: datetime, keys: Sequence[FeedbackKey]
) -> set[FeedbackKey]:
    """These have labels: never watch them again, stop watching them now; gives those of which
    that is news."""
    rows = await connection.execute(_REMEMBER, {**_columns(keys), "now": now})
    fresh = {FeedbackKey(row.tenant, row.source, row.feedback_id) for row in rows}
    await connection.execute(_UNWATCH, _columns(keys))
    return fresh


async def watch(connection: AsyncConnection, items: Sequence[Watched], patience: timedelta) -> None:
    """Wait for the labels of these, unless they are there."""
    await connection.execute(
        _WATCH,
        {
            **_columns([item.key for item in items]),
            "channels": [item.channel for item in items],
            "received": [item.received_at for item in items],
            "dues": [item.received_at + patience for item in items],
            "keys": [" ".join(item.keys) for item in items],
        },
    )


async def take_due_watches(
    connection: AsyncConnection, now: datetime, limit: int
) -> tuple[list[Watched], int]:
    """Feedback whose labels did not come in time, and how many rows were looked at."""
    rows = (await connection.execute(_TAKE_DUE, {"now": now, "limit": limit})).all()
    late = [
        Watched(
            FeedbackKey(row.tenant, row.source, row.feedback_id),
            row.channel,
            row.received_at,
            tuple(row.keys),
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


async def keep_case_keys(connection: AsyncConnection, opened: Sequence[Watched]) -> None:
    """By which keys a contact finds these cases."""
    pairs = [(item.key, key) for item in opened for key in item.keys]
    await connection.execute(
        _KEEP_CASE_KEYS,
        {
            "tenants": [feedback.tenant for feedback, _ in pairs],
            "keys": [key for _, key in pairs],
            "cases": [feedback.case_id for feedback, _ in pairs],
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
    """The first contact of each unanswered case among those asked for."""
    pairs = [(contact.tenant, key) for contact in contacts for key in contact.keys]
    rows = await connection.execute(
        _MATCH,
        {
            "cases": list(cases),
            "tenants": [tenant for tenant, _ in pairs],
            "keys": [key for _, key in pairs],
        },
    )
    return [
        Match(row.case_id, row.occurred_at, row.source, row.interaction_id, row.actor_id)
        for row in rows
    ]


async def prune(
    connection: AsyncConnection, contacts_before: datetime, enriched_before: datetime
) -> None:
    """Forget what no event can need any more."""
    await connection.execute(_PRUNE_CONTACTS, {"before": contacts_before})
    await connection.execute(_PRUNE_ENRICHED, {"before": enriched_before})


def _columns(keys: Sequence[FeedbackKey]) -> dict[str, list[str]]:
    return {
        "tenants": [key.tenant for key in keys],
        "sources": [key.source for key in keys],
        "ids": [key.id for key in keys],
    }
