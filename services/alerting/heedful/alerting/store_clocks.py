"""SQL of clocks and timers. The caller holds the locks of the cases concerned, so that every
transaction locks cases first and timers after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import clocks
from heedful.alerting.clocks import TimerKind, TimerSpec
from heedful.alerting.records import Fulfilment, Opening
from heedful.common.contracts import ClockMetric, Deadlines

_START = text(
    """
    INSERT INTO alerting.clock (case_id, metric, tenant, started_at, due_at)
    SELECT * FROM unnest(
        CAST(:cases AS text[]), CAST(:metrics AS text[]), CAST(:tenants AS text[]),
        CAST(:starts AS timestamptz[]), CAST(:dues AS timestamptz[]))
    ON CONFLICT DO NOTHING
    """
)

_SET_TIMERS = text(
    """
    INSERT INTO alerting.timer (kind, case_id, metric, due_at, dedupe_key)
    SELECT * FROM unnest(
        CAST(:kinds AS text[]), CAST(:cases AS text[]), CAST(:metrics AS text[]),
        CAST(:dues AS timestamptz[]), CAST(:dedupes AS text[]))
    ON CONFLICT (dedupe_key) DO NOTHING
    """
)

_FULFIL = text(
    """
    UPDATE alerting.clock c SET fulfilled_at = w.at, fulfilled_by = w.by
    FROM unnest(
        CAST(:cases AS text[]), CAST(:metrics AS text[]), CAST(:ats AS timestamptz[]),
        CAST(:bys AS text[])
    ) AS w (case_id, metric, at, by)
    WHERE c.case_id = w.case_id AND c.metric = w.metric AND c.fulfilled_at IS NULL
    RETURNING c.case_id, c.metric, c.due_at, c.fulfilled_at
    """
)

# The breach timer of a clock that was fulfilled too late stays: the breach did happen.
_CANCEL = text(
    """
    UPDATE alerting.timer t SET state = 'cancelled', finished_at = :now
    FROM unnest(
        CAST(:cases AS text[]), CAST(:metrics AS text[]), CAST(:ats AS timestamptz[])
    ) AS w (case_id, metric, at)
    WHERE t.case_id = w.case_id AND t.metric = w.metric AND t.state = 'pending'
      AND (t.kind = 'warn' OR t.due_at >= w.at)
    """
)

_FORGET_KEYS = text("DELETE FROM alerting.case_key WHERE case_id = ANY(CAST(:cases AS text[]))")

# MATERIALIZED: inlined, the planner may update more rows than LIMIT says (Oban, basic.ex).
_CLAIM = text(
    """
    WITH due AS MATERIALIZED (
        SELECT id FROM alerting.timer
        WHERE state = 'pending' AND due_at <= :now
          AND (lease_until IS NULL OR lease_until <= :now)
        ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE alerting.timer t
    SET claimed_by = :worker, lease_until = :until, fence = t.fence + 1
    FROM due WHERE t.id = due.id
    RETURNING t.id, t.kind, t.case_id, t.metric, t.due_at, t.fence
    """
)

_NEXT = text(
    """
    SELECT due_at FROM alerting.timer
    WHERE state = 'pending' AND due_at > :now ORDER BY due_at LIMIT 1
    """
)

# Still ours: the same fence, and nobody cancelled it while we waited for the case.
_HOLD = text(
    """
    SELECT t.id, c.due_at, c.fulfilled_at FROM alerting.timer t
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:fences AS bigint[])) AS w (id, fence)
        ON t.id = w.id AND t.fence = w.fence
    JOIN alerting.clock c ON c.case_id = t.case_id AND c.metric = t.metric
    WHERE t.state = 'pending' AND t.claimed_by = :worker
    ORDER BY t.id FOR UPDATE OF t
    """
)

_BREACH = text(
    """
    UPDATE alerting.clock c SET breached_at = c.due_at
    FROM unnest(CAST(:cases AS text[]), CAST(:metrics AS text[])) AS w (case_id, metric)
    WHERE c.case_id = w.case_id AND c.metric = w.metric
    """
)

_FINISH = text(
    """
    UPDATE alerting.timer SET state = 'done', finished_at = :now
    WHERE id = ANY(CAST(:ids AS bigint[]))
    """
)

_OVERDUE = text("SELECT count(*) FROM alerting.timer WHERE state = 'pending' AND due_at < :before")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A timer that is ours until its lease ends."""

    id: int
    fence: int
    spec: TimerSpec


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """A clock that has just been fulfilled."""

    case_id: str
    metric: ClockMetric
    in_time: bool


async def start_clocks(
    connection: AsyncConnection, opened: Sequence[tuple[Opening, Deadlines]]
) -> None:
    """Three clocks for each new case."""
    rows = [(opening, limits, metric) for opening, limits in opened for metric in ClockMetric]
    await connection.execute(
        _START,
        {
            "cases": [opening.case_id for opening, _, _ in rows],
            "metrics": [metric.value for _, _, metric in rows],
            "tenants": [opening.feedback.key.tenant for opening, _, _ in rows],
            "starts": [opening.feedback.received_at for opening, _, _ in rows],
            "dues": [clocks.due(limits, metric) for _, limits, metric in rows],
        },
    )


async def set_timers(connection: AsyncConnection, specs: Sequence[TimerSpec]) -> None:
    await connection.execute(
        _SET_TIMERS,
        {
            "kinds": [spec.kind.value for spec in specs],
            "cases": [spec.case_id for spec in specs],
            "metrics": [spec.metric.value for spec in specs],
            "dues": [spec.due_at for spec in specs],
            "dedupes": [spec.dedupe_key for spec in specs],
        },
    )


async def fulfil(
    connection: AsyncConnection, now: datetime, found: Sequence[Fulfilment]
) -> list[Fulfilled]:
    """Fulfil running clocks and cancel their timers; gives those that were still running."""
    rows = (
        await connection.execute(
            _FULFIL,
            {
                "cases": [one.case_id for one in found],
                "metrics": [one.metric.value for one in found],
                "ats": [one.at for one in found],
                "bys": [one.by for one in found],
            },
        )
    ).all()
    if not rows:
        return []
    await connection.execute(
        _CANCEL,
        {
            "now": now,
            "cases": [row.case_id for row in rows],
            "metrics": [row.metric for row in rows],
            "ats": [row.fulfilled_at for row in rows],
        },
    )
    answered = [row.case_id for row in rows if row.metric == ClockMetric.RESPOND]
    if answered:
        await connection.execute(_FORGET_KEYS, {"cases": answered})
    return [
        Fulfilled(row.case_id, ClockMetric(row.metric), row.fulfilled_at <= row.due_at)
        for row in rows
    ]


async def claim(
    connection: AsyncConnection, now: datetime, worker: str, until: datetime, limit: int
) -> list[Claimed]:
    """Lease due timers, the oldest first; an expired lease is due again."""
    rows = await connection.execute(
        _CLAIM, {"now": now, "worker": worker, "until": until, "limit": limit}
    )
    found = [
        Claimed(
            row.id,
            row.fence,
            TimerSpec(row.case_id, TimerKind(row.kind), ClockMetric(row.metric), row.due_at),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.spec.due_at, one.id))


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    found: datetime | None = (await connection.execute(_NEXT, {"now": now})).scalar_one_or_none()
    return found


async def still_to_take(
    connection: AsyncConnection, worker: str, claimed: Sequence[Claimed]
) -> tuple[list[int], set[int]]:
    """Which timers are still ours, and which of them lead to a step."""
    rows = await connection.execute(
        _HOLD,
        {
            "ids": [one.id for one in claimed],
            "fences": [one.fence for one in claimed],
            "worker": worker,
        },
    )
    kinds = {one.id: one.spec.kind for one in claimed}
    held, steps = [], set()
    for row in rows:
        held.append(row.id)
        if clocks.still_due(kinds[row.id], row.due_at, row.fulfilled_at):
            steps.add(row.id)
    return held, steps


async def mark_breached(connection: AsyncConnection, specs: Sequence[TimerSpec]) -> None:
    """The clocks ran out when they were due, not when we noticed."""
    values = {
        "cases": [spec.case_id for spec in specs],
        "metrics": [spec.metric.value for spec in specs],
    }
    await connection.execute(_BREACH, values)


async def finish(connection: AsyncConnection, now: datetime, ids: Sequence[int]) -> None:
    await connection.execute(_FINISH, {"ids": list(ids), "now": now})


async def count_overdue(connection: AsyncConnection, before: datetime) -> int:
    found: int = (await connection.execute(_OVERDUE, {"before": before})).scalar_one()
    return found
