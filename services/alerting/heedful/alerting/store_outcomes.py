"""SQL of what came of tries: the log, the state of deliveries, the health of endpoints."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.delivery_records import Task
from heedful.alerting.schedule import DeliveryState, Settlement
from heedful.common.retention import WHOSE, Rule

DISABLE_AFTER = timedelta(hours=120)
"""Of nothing but failures; svix has the same."""
FORGET_AFTER = timedelta(hours=240)
"""A first failure that is older says nothing about today."""

_LOG = text(
    """
    INSERT INTO alerting.attempt (
        delivery_id, number, at, status, error, duration_ms, response, digest)
    SELECT * FROM unnest(
        CAST(:ids AS text[]), CAST(:fences AS bigint[]), CAST(:at AS timestamptz[]),
        CAST(:statuses AS int[]), CAST(:errors AS text[]), CAST(:durations AS int[]),
        CAST(:responses AS text[]), CAST(:digests AS text[]))
    ON CONFLICT DO NOTHING
    """
)

# Only the holder of the fence: a replay or an expired lease gave it to somebody else.
_FINISH = text(
    """
    UPDATE alerting.delivery d SET
        state = w.state, attempts = d.attempts + 1, due_at = COALESCE(w.due_at, d.due_at),
        finished_at = CASE WHEN w.state <> 'pending' THEN w.at END, lease_until = NULL,
        digest = w.digest,
        failover_at = CASE w.state WHEN 'delivered' THEN NULL WHEN 'pending' THEN d.failover_at
            ELSE least(d.failover_at, w.at) END
    FROM unnest(
        CAST(:ids AS text[]), CAST(:fences AS bigint[]), CAST(:at AS timestamptz[]),
        CAST(:states AS text[]), CAST(:due AS timestamptz[]), CAST(:digests AS text[])
    ) AS w (id, fence, at, state, due_at, digest)
    WHERE d.id = w.id AND d.fence = w.fence AND d.claimed_by = :worker AND d.state = 'pending'
    RETURNING d.id
    """
)

_LOCK = text(
    """
    SELECT id FROM alerting.endpoint
    WHERE id = ANY(CAST(:failed AS text[]))
       OR (id = ANY(CAST(:healthy AS text[])) AND first_failure_at IS NOT NULL)
    ORDER BY id FOR UPDATE
    """
)
_HEALTHY = text(
    """
    UPDATE alerting.endpoint SET first_failure_at = NULL, failures = 0
    WHERE id = ANY(CAST(:ids AS text[]))
    """
)
_FAILED = text(
    """
    UPDATE alerting.endpoint e SET
        failures = e.failures + w.number,
        first_failure_at = CASE WHEN e.first_failure_at > CAST(:forgotten AS timestamptz)
            THEN e.first_failure_at ELSE CAST(:now AS timestamptz) END
    FROM unnest(CAST(:ids AS text[]), CAST(:numbers AS int[])) AS w (id, number)
    WHERE e.id = w.id
    RETURNING e.id, e.tenant, e.enabled, e.failures, e.first_failure_at, w.number
    """
)

_OLD = text(
    f"""
    WITH old AS (
        SELECT id FROM alerting.delivery
        WHERE state <> 'pending' AND failover_at IS NULL AND finished_at < :before AND {WHOSE}
        ORDER BY finished_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), tries AS (DELETE FROM alerting.attempt a USING old WHERE a.delivery_id = old.id)
    SELECT id FROM old
    """  # noqa: S608  # a constant
)
_DELETE = text("DELETE FROM alerting.delivery WHERE id = ANY(CAST(:ids AS text[]))")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try.

    Attributes:
        response: the start of the answer's body.
        digest: id of the message that carried this notice together with others.
    """

    at: datetime
    status: int | None
    error: str | None
    duration_ms: int
    response: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A try of a delivery with what follows from it.

    Attributes:
        mute: its robot takes nothing for so long.
    """

    task: Task
    attempt: Attempt
    settlement: Settlement
    mute: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Ailing:
    """An endpoint that fails.

    Attributes:
        before: failures in a row before this batch.
    """

    id: str
    tenant: str
    enabled: bool
    before: int
    failures: int
    since: datetime


async def write(connection: AsyncConnection, worker: str, settled: Sequence[Settled]) -> set[str]:
    """Log the tries and set the states; ids of the deliveries that were still ours."""
    values = {
        "worker": worker,
        "ids": [one.task.id for one in settled],
        "fences": [one.task.fence for one in settled],
        "at": [one.attempt.at for one in settled],
        "statuses": [one.attempt.status for one in settled],
        "errors": [one.attempt.error for one in settled],
        "durations": [one.attempt.duration_ms for one in settled],
        "responses": [one.attempt.response for one in settled],
        "digests": [one.attempt.digest for one in settled],
        "states": [one.settlement.state.value for one in settled],
        "due": [one.settlement.next_at for one in settled],
    }
    await connection.execute(_LOG, values)
    return {row.id for row in await connection.execute(_FINISH, values)}


async def note_health(
    connection: AsyncConnection, now: datetime, healthy: Collection[str], failed: Counter[str]
) -> list[Ailing]:
    """Any success clears an endpoint; gives those that only failed."""
    failed = Counter({name: number for name, number in failed.items() if name not in healthy})
    rows = await connection.execute(_LOCK, {"failed": list(failed), "healthy": list(healthy)})
    locked = {row.id for row in rows}
    well = [one for one in healthy if one in locked]
    if well:
        await connection.execute(_HEALTHY, {"ids": well})
    if not failed:
        return []
    values = {
        "now": now,
        "forgotten": now - FORGET_AFTER,
        "ids": list(failed),
        "numbers": list(failed.values()),
    }
    return [
        Ailing(
            row.id,
            row.tenant,
            row.enabled,
            row.failures - row.number,
            row.failures,
            row.first_failure_at,
        )
        for row in await connection.execute(_FAILED, values)
    ]


def is_success(one: Settled) -> bool:
    return one.settlement.state is DeliveryState.DELIVERED


async def delete_old(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """Forget deliveries that were over so long ago, with their tries; how many it was."""
    rows = await connection.execute(_OLD, {**rule.values, "limit": limit})
    ids = [row.id for row in rows]
    if ids:
        await connection.execute(_DELETE, {"ids": ids})
    return len(ids)
