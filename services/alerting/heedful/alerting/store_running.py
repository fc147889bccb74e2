"""SQL of the clocks that a change of calendars would concern."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.calendars import ALWAYS, Calendar, due
from heedful.alerting.calendars.preview import RunningClock
from heedful.common.contracts import ClockMetric

_RUNNING = text(
    """
    SELECT case_id, metric, started_at, due_at FROM alerting.clock
    WHERE tenant = :tenant AND fulfilled_at IS NULL
    ORDER BY due_at, case_id, metric LIMIT :limit
    """
)


async def running(
    connection: AsyncConnection, tenant: str, of: str, limit: int
) -> Sequence[RunningClock]:
    """Clocks that run under any version of the calendar `of`, the first to be due first.

    All of them run around the clock, in their first cycle.
    """
    if of != ALWAYS.name:
        return []
    rows = await connection.execute(_RUNNING, {"tenant": tenant, "limit": limit})
    return [
        RunningClock(
            case_id=row.case_id,
            metric=ClockMetric(row.metric),
            cycle=1,
            calendar=ALWAYS.ref,
            due_at=row.due_at,
            under=partial(_due, started_at=row.started_at, target=row.due_at - row.started_at),
        )
        for row in rows
    ]


def _due(calendar: Calendar, started_at: datetime, target: timedelta) -> datetime:
    return due(calendar, started_at, target)
