"""SQL of clocks and timers. The caller holds the locks of the cases concerned, so that every
transaction locks cases first and timers after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_CLOCK = (
    "case_id", "tenant", "number", "metric", "cycle", "target", "calendar", "pausing", "enforced",
    "started_at", "due_at", "pauses", "taken", "fulfilled_at", "fulfilled_by", "breached_at",
    "ended",
)  # fmt: skip
_NAMES = ", ".join(_CLOCK)
_NEW = ", ".join(f"excluded.{name}" for name in _CLOCK)

_PUT_CLOCKS = text(
    f"""
    INSERT INTO alerting.clock ({_NAMES})
    SELECT {_NAMES} FROM json_populate_recordset(NULL::alerting.clock, CAST(:rows AS json))
    ON CONFLICT (case_id, metric, cycle) DO UPDATE SET ({_NAMES}) = ({_NEW})
    """  # noqa: S608  # constants
)

# Whoever has claimed it and comes back finds another fence.
_ARM = text(
    """
    INSERT INTO alerting.timer (kind, case_id, metric, cycle, due_at)
    SELECT * FROM unnest(
        CAST(:kinds AS text[]), CAST(:cases AS text[]), CAST(:metrics AS text[]),
        CAST(:cycles AS int[]), CAST(:dues AS timestamptz[]))
    ON CONFLICT (case_id, kind, metric, cycle) DO UPDATE
    SET due_at = excluded.due_at, claimed_by = NULL, lease_until = NULL, fence = timer.fence + 1
    """
)

_DISARM = text(
    """
    DELETE FROM alerting.timer t USING unnest(
        CAST(:kinds AS text[]), CAST(:cases AS text[]), CAST(:metrics AS text[]),
        CAST(:cycles AS int[])
    ) AS w (kind, case_id, metric, cycle)
    WHERE (t.case_id, t.kind, t.metric, t.cycle) = (w.case_id, w.kind, w.metric, w.cycle)
    """
)

# MATERIALIZED: inlined, the planner may update more rows than LIMIT says (Oban, basic.ex).
_CLAIM = text(
    """
    WITH due AS MATERIALIZED (
        SELECT id FROM alerting.timer
        WHERE due_at <= :now AND (lease_until IS NULL OR lease_until <= :now)
        ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE alerting.timer t
    SET claimed_by = :worker, lease_until = :until, fence = t.fence + 1
    FROM due WHERE t.id = due.id
    RETURNING t.id, t.kind, t.case_id, t.metric, t.cycle, t.due_at, t.fence
    """
)

_NEXT = text("SELECT due_at FROM alerting.timer WHERE due_at > :now ORDER BY due_at LIMIT 1")

# Still ours: the same fence, and nobody cancelled it while we waited for the case.
_HOLD = text(
    """
    SELECT t.id FROM alerting.timer t
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:fences AS bigint[])) AS w (id, fence)
        ON t.id = w.id AND t.fence = w.fence
    WHERE t.claimed_by = :worker ORDER BY t.id FOR UPDATE OF t
    """
)

# What an issue has to tell is as late as a clock's step would be.
_OVERDUE = text(
    """
    SELECT (SELECT count(*) FROM alerting.timer WHERE due_at < :before)
        + (SELECT count(*) FROM alerting.issue WHERE look_at < :before)
    """
)


class TimerKind(StrEnum):
    """`clock`: its next step is due. `pause`: a case has waited as long as it may."""

    CLOCK = "clock"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class TimerKey:
    """A timer: of a clock's run, or of a case as a whole (no metric, cycle 0)."""

    kind: TimerKind
    case_id: str
    metric: str = ""
    cycle: int = 0


@dataclass(frozen=True, slots=True)
class Timer:
    """When it is due; None: not any more."""

    key: TimerKey
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A timer that is ours until its lease ends."""

    id: int
    fence: int
    key: TimerKey
    due_at: datetime


async def put_clocks(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Store clocks of locked cases, as `stored_clocks.clock_out` gives them."""
    await connection.execute(_PUT_CLOCKS, {"rows": orjson.dumps(rows).decode()})


async def set_timers(connection: AsyncConnection, timers: Iterable[Timer]) -> None:
    """Arm and disarm timers of locked cases."""
    found = list(timers)
    armed = [(one.key, one.due_at) for one in found if one.due_at is not None]
    if armed:
        dues = [due_at for _, due_at in armed]
        await connection.execute(_ARM, {**_keys(key for key, _ in armed), "dues": dues})
    spent = [one.key for one in found if one.due_at is None]
    if spent:
        await connection.execute(_DISARM, _keys(spent))


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
            TimerKey(TimerKind(row.kind), row.case_id, row.metric, row.cycle),
            row.due_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.due_at, one.id))


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    found: datetime | None = (await connection.execute(_NEXT, {"now": now})).scalar_one_or_none()
    return found


async def held(
    connection: AsyncConnection, worker: str, claimed: Sequence[Claimed]
) -> list[Claimed]:
    """Which timers are still ours; the cases are locked."""
    values = {
        "ids": [one.id for one in claimed],
        "fences": [one.fence for one in claimed],
        "worker": worker,
    }
    ours = {row.id for row in await connection.execute(_HOLD, values)}
    return [one for one in claimed if one.id in ours]


async def count_overdue(connection: AsyncConnection, before: datetime) -> int:
    found: int = (await connection.execute(_OVERDUE, {"before": before})).scalar_one()
    return found


def _keys(keys: Iterable[TimerKey]) -> dict[str, list[Any]]:
    given = list(keys)
    return {
        "kinds": [one.kind.value for one in given],
        "cases": [one.case_id for one in given],
        "metrics": [one.metric for one in given],
        "cycles": [one.cycle for one in given],
    }
