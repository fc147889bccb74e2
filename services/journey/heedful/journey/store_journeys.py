"""SQL of journeys: whose to fold anew, their events, and what was folded."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.journey import Journey

MOST_EVENTS: Final = 20_000
"""Of one customer: of more, the newest make the journey."""

Customer = tuple[str, uuid.UUID]
"""Tenant and id."""

# One folds at a time: whoever reads a customer's events later writes later.
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('journey.fold', 0))")

# Before their events are read: what is deleted here was committed with events that will be seen.
_TAKE = text(
    """
    DELETE FROM journey.touched t USING (
        SELECT DISTINCT customer_id FROM (
            SELECT customer_id FROM journey.touched WHERE not_before <= :now
            ORDER BY not_before, id LIMIT :limit
        ) AS oldest
    ) AS due
    WHERE t.customer_id = due.customer_id
    RETURNING t.tenant, t.customer_id
    """
)

_MARK = text(
    """
    INSERT INTO journey.touched (tenant, customer_id, not_before)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:ids AS uuid[]), CAST(:times AS timestamptz[]))
    """
)

_MARK_ALL = text(
    """
    INSERT INTO journey.touched (tenant, customer_id)
    SELECT tenant, customer_id FROM journey.event
    WHERE customer_id IS NOT NULL AND (CAST(:tenant AS text) IS NULL OR tenant = :tenant)
    UNION
    SELECT tenant, customer_id FROM journey.journey
    WHERE CAST(:tenant AS text) IS NULL OR tenant = :tenant
    """
)

_MARK_OUTDATED = text(
    """
    INSERT INTO journey.touched (tenant, customer_id)
    SELECT j.tenant, j.customer_id FROM journey.journey j
    LEFT JOIN unnest(CAST(:tenants AS text[]), CAST(:versions AS text[])) AS own (tenant, version)
        USING (tenant)
    WHERE j.version <> coalesce(own.version, :default)
    """
)

_EVENTS = text(
    """
    SELECT c.id AS customer_id, e.kind, e.source, e.id, e.occurred_at, e.received_at, e.channel,
        e.touchpoint, e.interaction_kind, e.conversation_id, e.colour, e.polarity, e.topics,
        p.direction, p.actor ->> 'type' AS actor,
        CAST(p.sentiment ->> 'score' AS float8) AS sentiment,
        p.intent ->> 'label' AS intent, p.churn IS NOT NULL AS leaving, p.needs_response,
        CAST(p.feedback #>> '{score,value}' AS float8) AS score,
        CAST(p.feedback #>> '{score,minimum}' AS float8) AS minimum,
        CAST(p.feedback #>> '{score,maximum}' AS float8) AS maximum,
        p.feedback #>> '{score,kind}' AS score_kind,
        coalesce(p.backfill, CAST(p.feedback ->> 'backfill' AS boolean), false)
            OR coalesce(p.reprocessed, false) AS history
    FROM unnest(CAST(:ids AS uuid[])) AS c (id)
    CROSS JOIN LATERAL (
        SELECT * FROM journey.event WHERE customer_id = c.id
        ORDER BY occurred_at DESC, received_at DESC, id DESC, kind DESC, source DESC
        LIMIT :most
    ) AS e
    CROSS JOIN LATERAL jsonb_to_record(e.payload) AS p (
        feedback jsonb, sentiment jsonb, intent jsonb, churn jsonb, needs_response boolean,
        reprocessed boolean, direction text, actor jsonb, backfill boolean
    )
    """
)
"""The payload is taken apart once: every operator on a large one would unpack it anew."""

_SAVE = text(
    """
    INSERT INTO journey.journey AS known (
        customer_id, tenant, stage, entered_at, first_at, last_at, events, sessions, answered,
        mean_wait_s, longest_wait_s, waiting_since, stuck_at, left_at, stages, version
    )
    SELECT customer_id, tenant, stage, entered_at, first_at, last_at, events, sessions, answered,
        mean_wait_s, longest_wait_s, waiting_since, stuck_at, left_at, CAST(stages AS jsonb),
        version
    FROM unnest(
        CAST(:customer_id AS uuid[]), CAST(:tenant AS text[]), CAST(:stage AS text[]),
        CAST(:entered_at AS timestamptz[]), CAST(:first_at AS timestamptz[]),
        CAST(:last_at AS timestamptz[]), CAST(:events AS int[]), CAST(:sessions AS int[]),
        CAST(:answered AS int[]), CAST(:mean_wait_s AS float8[]),
        CAST(:longest_wait_s AS float8[]), CAST(:waiting_since AS timestamptz[]),
        CAST(:stuck_at AS timestamptz[]), CAST(:left_at AS timestamptz[]),
        CAST(:stages AS text[]), CAST(:version AS text[])
    ) AS j (
        customer_id, tenant, stage, entered_at, first_at, last_at, events, sessions, answered,
        mean_wait_s, longest_wait_s, waiting_since, stuck_at, left_at, stages, version
    )
    ON CONFLICT (customer_id) DO UPDATE
    SET stage = EXCLUDED.stage, entered_at = EXCLUDED.entered_at, first_at = EXCLUDED.first_at,
        last_at = EXCLUDED.last_at, events = EXCLUDED.events, sessions = EXCLUDED.sessions,
        answered = EXCLUDED.answered, mean_wait_s = EXCLUDED.mean_wait_s,
        longest_wait_s = EXCLUDED.longest_wait_s, waiting_since = EXCLUDED.waiting_since,
        stuck_at = EXCLUDED.stuck_at, left_at = EXCLUDED.left_at, stages = EXCLUDED.stages,
        version = EXCLUDED.version
    WHERE known.* IS DISTINCT FROM EXCLUDED.*
    """
)

_DROP = text("DELETE FROM journey.journey WHERE customer_id = ANY(CAST(:ids AS uuid[]))")
_UNMARK = text("DELETE FROM journey.touched WHERE customer_id = ANY(CAST(:ids AS uuid[]))")

_LEANINGS = {"positive": 1.0, "negative": -1.0, "neutral": 0.0, "mixed": 0.0}


@dataclass(frozen=True, slots=True)
class Folded:
    """A customer's journey by the lifecycle of a version."""

    tenant: str
    customer: uuid.UUID
    journey: Journey
    version: str


async def lock(connection: AsyncConnection) -> bool:
    """Whether we are the one who folds, until the commit."""
    ours: bool = (await connection.execute(_LOCK)).scalar_one()
    return ours


async def take(connection: AsyncConnection, now: datetime, limit: int) -> list[Customer]:
    """Customers whose journey is to be folded anew, those of the oldest `limit` marks."""
    rows = await connection.execute(_TAKE, {"now": now, "limit": limit})
    return sorted({(row.tenant, row.customer_id) for row in rows})


async def mark(connection: AsyncConnection, times: Mapping[Customer, datetime]) -> None:
    """Look at these again then, though nothing may have happened."""
    if times:
        customers = list(times)
        values = {
            "tenants": [one[0] for one in customers],
            "ids": [one[1] for one in customers],
            "times": [times[one] for one in customers],
        }
        await connection.execute(_MARK, values)


async def mark_all(connection: AsyncConnection, tenant: str | None) -> int:
    """Fold all journeys anew, or those of a tenant; how many."""
    return (await connection.execute(_MARK_ALL, {"tenant": tenant})).rowcount


async def mark_outdated(
    connection: AsyncConnection, versions: Mapping[str, str], default: str
) -> int:
    """Fold those anew that another lifecycle made; how many."""
    values = {"tenants": list(versions), "versions": list(versions.values()), "default": default}
    return (await connection.execute(_MARK_OUTDATED, values)).rowcount


async def events(
    connection: AsyncConnection, customers: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[Happened]]:
    """The events of each customer who has any, in no order."""
    found: dict[uuid.UUID, list[Happened]] = defaultdict(list)
    for row in await connection.execute(_EVENTS, {"ids": list(customers), "most": MOST_EVENTS}):
        found[row.customer_id].append(happened(row))
    return found


async def save(connection: AsyncConnection, folded: Sequence[Folded]) -> None:
    """Write journeys where they are not what is written."""
    if folded:
        rows = [_columns(one) for one in folded]
        await connection.execute(_SAVE, {name: [row[name] for row in rows] for name in rows[0]})


async def drop(connection: AsyncConnection, customers: Collection[uuid.UUID]) -> None:
    """Of customers who have no events any more."""
    if customers:
        await connection.execute(_DROP, {"ids": list(customers)})


async def forget(connection: AsyncConnection, ids: Collection[uuid.UUID]) -> int:
    """Nothing names an erased customer any more, by no id that they ever had. Their events are
    gone already; how many journeys went."""
    gone = await connection.execute(_DROP, {"ids": list(ids)})
    await connection.execute(_UNMARK, {"ids": list(ids)})
    return gone.rowcount


def happened(row: Row[Any]) -> Happened:
    return Happened(
        key=(row.kind, row.source, row.id),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        channel=row.channel,
        touchpoint=row.touchpoint,
        interaction=row.interaction_kind,
        direction=row.direction,
        actor=row.actor,
        conversation_id=row.conversation_id,
        colour=row.colour,
        valence=_LEANINGS.get(row.polarity) if row.sentiment is None else row.sentiment,
        topics=tuple(row.topics),
        score=_share(row.score, row.minimum, row.maximum),
        score_kind=row.score_kind,
        intent=row.intent,
        leaving=row.leaving,
        needs_response=row.needs_response,
        live=not row.history,
    )


def _share(value: float | None, minimum: float | None, maximum: float | None) -> float | None:
    if value is None or minimum is None or maximum is None or maximum <= minimum:
        return None
    return min(1.0, max(0.0, (value - minimum) / (maximum - minimum)))


def _columns(one: Folded) -> dict[str, object]:
    journey = one.journey
    return {
        "customer_id": one.customer,
        "tenant": one.tenant,
        "stage": journey.stage,
        "entered_at": journey.entered_at,
        "first_at": journey.first_at,
        "last_at": journey.last_at,
        "events": len(journey.events),
        "sessions": len(journey.sessions),
        "answered": journey.waiting.answered,
        "mean_wait_s": journey.waiting.mean_seconds,
        "longest_wait_s": journey.waiting.longest_seconds,
        "waiting_since": journey.waiting.since,
        "stuck_at": None if journey.stuck is None else journey.stuck.at,
        "left_at": journey.left_at,
        "stages": orjson.dumps(journey.stages).decode(),
        "version": one.version,
    }
