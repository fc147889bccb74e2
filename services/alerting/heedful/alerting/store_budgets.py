"""SQL of robots' budgets: one bucket per robot, whoever sends to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.budgets import Bucket
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.base import Budget

_ADD = text(
    """
    INSERT INTO alerting.robot (robot, kind, tokens, filled_at, next_at)
    VALUES (:robot, :kind, :tokens, :now, :now) ON CONFLICT (robot) DO NOTHING
    """
)

# Another replica that has the robot right now serves it; this one goes on.
_READY = text(
    """
    SELECT r.robot, r.kind, r.tokens, r.filled_at, r.muted_until FROM alerting.robot r
    WHERE r.next_at <= :now AND EXISTS (
        SELECT FROM alerting.delivery d
        WHERE d.robot = r.robot AND d.state = 'pending' AND d.due_at <= :now
          AND (d.lease_until IS NULL OR d.lease_until <= :now))
    ORDER BY r.next_at, r.robot LIMIT :limit FOR UPDATE OF r SKIP LOCKED
    """
)

_KEEP = text(
    """
    UPDATE alerting.robot SET tokens = :tokens, filled_at = :filled_at, next_at = :next_at
    WHERE robot = :robot
    """
)

_MUTE = text(
    """
    UPDATE alerting.robot SET tokens = 0, muted_until = greatest(muted_until, :until),
        next_at = greatest(next_at, :until)
    WHERE robot = :robot
    """
)


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot with its bucket, locked."""

    id: str
    kind: EndpointKind
    bucket: Bucket


async def add(
    connection: AsyncConnection, now: datetime, robot: str, kind: EndpointKind, budget: Budget
) -> None:
    """Nothing happens when the robot is known."""
    values = {"robot": robot, "kind": kind.value, "tokens": float(budget.burst), "now": now}
    await connection.execute(_ADD, values)


async def ready(connection: AsyncConnection, now: datetime, limit: int) -> list[Robot]:
    """Robots that may speak and have something to say, locked."""
    return [
        Robot(row.robot, EndpointKind(row.kind), Bucket(row.tokens, row.filled_at, row.muted_until))
        for row in await connection.execute(_READY, {"now": now, "limit": limit})
    ]


async def keep(
    connection: AsyncConnection, now: datetime, robot: str, bucket: Bucket, budget: Budget
) -> None:
    """Store a bucket, and from when on it has a token."""
    missing = max(0.0, 1 - bucket.tokens)
    next_at = now + timedelta(seconds=missing / budget.per_second)
    values = {"tokens": bucket.tokens, "filled_at": bucket.filled_at, "next_at": next_at}
    await connection.execute(_KEEP, {**values, "robot": robot})


async def mute(connection: AsyncConnection, robot: str, until: datetime) -> None:
    """Let it rest: its vendor counts on while it is spoken to."""
    await connection.execute(_MUTE, {"robot": robot, "until": until})
