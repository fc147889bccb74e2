"""SQL of the relay: events that are not in the log yet, and who may publish them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.store_cases import step_of
from heedful.common.contracts import CaseEvent

_UNPUBLISHED = text(
    """
    SELECT id, case_id, sequence, tenant, kind, at, recorded_at, actor_type, actor_id, colour,
           feedback_source, feedback_id, clock, deadlines, note, detail
    FROM alerting.case_event WHERE published_at IS NULL ORDER BY position LIMIT :limit
    """
)

_ANY = text("SELECT EXISTS (SELECT 1 FROM alerting.case_event WHERE published_at IS NULL)")

_PUBLISHED = text(
    """
    UPDATE alerting.case_event SET published_at = :now
    WHERE id = ANY(CAST(:ids AS text[])) AND published_at IS NULL
    """
)

_LEASE = text(
    """
    INSERT INTO alerting.lease (name, holder, until) VALUES (:name, :holder, :until)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.holder = excluded.holder OR lease.until <= :now
    RETURNING holder
    """
)

_RELEASE = text("DELETE FROM alerting.lease WHERE name = :name AND holder = :holder")


@dataclass(frozen=True, slots=True)
class Unpublished:
    event: CaseEvent
    recorded_at: datetime


async def unpublished(connection: AsyncConnection, limit: int) -> list[Unpublished]:
    """The oldest events that are not in the log; per case in sequence, without gaps.

    A case's sequence n + 1 is written only under the row lock that n was committed under, so
    whoever sees n + 1 sees n, at a smaller position.
    """
    rows = await connection.execute(_UNPUBLISHED, {"limit": limit})
    return [Unpublished(_event(row), row.recorded_at) for row in rows]


async def any_unpublished(connection: AsyncConnection) -> bool:
    found: bool = (await connection.execute(_ANY)).scalar_one()
    return found


async def mark_published(connection: AsyncConnection, now: datetime, ids: Sequence[str]) -> None:
    await connection.execute(_PUBLISHED, {"ids": list(ids), "now": now})


async def take_lease(
    connection: AsyncConnection, now: datetime, name: str, holder: str, until: datetime
) -> bool:
    """Be the only one, until then."""
    taken = await connection.execute(
        _LEASE, {"name": name, "holder": holder, "until": until, "now": now}
    )
    return taken.first() is not None


async def release_lease(connection: AsyncConnection, name: str, holder: str) -> None:
    await connection.execute(_RELEASE, {"name": name, "holder": holder})


def _event(row: Row[Any]) -> CaseEvent:
    step = step_of(row)
    return CaseEvent(
        tenant=row.tenant,
        id=row.id,
        case_id=row.case_id,
        sequence=row.sequence,
        kind=step.kind,
        at=step.at,
        actor=step.actor,
        colour=row.colour,
        feedback=step.feedback,
        clock=step.clock,
        deadlines=step.deadlines,
        note=step.note,
    )
