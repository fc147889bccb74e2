"""SQL of deliveries: one row per step of a case and endpoint, one row per try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.webhook import Notice


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DISCARDED = "discarded"


_INSERT = text(
    """
    INSERT INTO alerting.delivery (
        id, tenant, case_id, endpoint_id, event_type, body, due_at, created_at)
    SELECT w.id, w.tenant, w.case_id, w.endpoint_id, w.event_type, w.body,
           CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(
        CAST(:ids AS text[]), CAST(:tenants AS text[]), CAST(:cases AS text[]),
        CAST(:endpoints AS text[]), CAST(:types AS text[]), CAST(:bodies AS bytea[])
    ) AS w (id, tenant, case_id, endpoint_id, event_type, body)
    ON CONFLICT (id) DO NOTHING
    """
)

_CLAIM = text(
    """
    WITH due AS MATERIALIZED (
        SELECT id FROM alerting.delivery
        WHERE state = 'pending' AND due_at <= :now
          AND (lease_until IS NULL OR lease_until <= :now)
        ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE alerting.delivery d
        SET claimed_by = :worker, lease_until = :until, fence = d.fence + 1
        FROM due WHERE d.id = due.id
        RETURNING d.id, d.endpoint_id, d.body, d.attempts, d.fence
    )
    SELECT c.id, c.endpoint_id, c.body, c.attempts, c.fence, e.url, e.sealed
    FROM claimed c LEFT JOIN alerting.endpoint e ON e.id = c.endpoint_id AND e.enabled
    """
)

_NEXT = text(
    """
    SELECT due_at FROM alerting.delivery
    WHERE state = 'pending' AND due_at > :now ORDER BY due_at LIMIT 1
    """
)

# Only the holder of the fence: a replay or an expired lease gave it to somebody else.
_FINISH = text(
    """
    UPDATE alerting.delivery SET
        state = :state, attempts = attempts + 1, due_at = COALESCE(:due_at, due_at),
        finished_at = :finished_at, lease_until = NULL
    WHERE id = :id AND fence = :fence AND claimed_by = :worker AND state = 'pending'
    RETURNING id
    """
)

_LOG = text(
    """
    INSERT INTO alerting.attempt (delivery_id, number, at, status, error, duration_ms)
    VALUES (:id, :fence, :at, :status, :error, :duration_ms)
    ON CONFLICT DO NOTHING
    """
)

_REPLAY = text(
    """
    UPDATE alerting.delivery SET
        state = 'pending', attempts = 0, due_at = :now, finished_at = NULL,
        lease_until = NULL, claimed_by = NULL, fence = fence + 1
    WHERE id = :id AND tenant = :tenant
    """
)


@dataclass(frozen=True, slots=True)
class Task:
    """A delivery that is ours until its lease ends. Without url: its endpoint is gone."""

    id: str
    endpoint_id: str
    body: bytes
    attempts: int
    fence: int
    url: str | None
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try."""

    at: datetime
    status: int | None
    error: str | None
    duration_ms: int


async def insert(
    connection: AsyncConnection, now: datetime, notices: Sequence[tuple[Notice, str]]
) -> None:
    """Store a delivery for each notice and endpoint id, the body frozen as it is now."""
    await connection.execute(
        _INSERT,
        {
            "now": now,
            "ids": [notice.webhook_id(endpoint) for notice, endpoint in notices],
            "tenants": [notice.tenant for notice, _ in notices],
            "cases": [notice.case_id for notice, _ in notices],
            "endpoints": [endpoint for _, endpoint in notices],
            "types": [notice.type.value for notice, _ in notices],
            "bodies": [notice.body() for notice, _ in notices],
        },
    )


async def claim(
    connection: AsyncConnection, now: datetime, worker: str, until: datetime, limit: int
) -> list[Task]:
    """Lease due deliveries, the oldest first; an expired lease is due again."""
    rows = await connection.execute(
        _CLAIM, {"now": now, "worker": worker, "until": until, "limit": limit}
    )
    return [
        Task(
            row.id,
            row.endpoint_id,
            bytes(row.body),
            row.attempts,
            row.fence,
            row.url,
            None if row.sealed is None else bytes(row.sealed),
        )
        for row in rows
    ]


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    found: datetime | None = (await connection.execute(_NEXT, {"now": now})).scalar_one_or_none()
    return found


async def finish(
    connection: AsyncConnection,
    task: Task,
    worker: str,
    attempt: Attempt,
    state: DeliveryState,
    next_at: datetime | None,
) -> bool:
    """Log the try and set the state; False when the delivery is not ours any more."""
    values: dict[str, Any] = {"id": task.id, "fence": task.fence}
    await connection.execute(
        _LOG,
        {
            **values,
            "at": attempt.at,
            "status": attempt.status,
            "error": attempt.error,
            "duration_ms": attempt.duration_ms,
        },
    )
    done = await connection.execute(
        _FINISH,
        {
            **values,
            "worker": worker,
            "state": state.value,
            "due_at": next_at,
            "finished_at": None if state is DeliveryState.PENDING else attempt.at,
        },
    )
    return done.first() is not None


async def replay(connection: AsyncConnection, now: datetime, tenant: str, delivery_id: str) -> None:
    """Send it again from the start of the schedule, under the same webhook id."""
    await connection.execute(_REPLAY, {"id": delivery_id, "tenant": tenant, "now": now})
