"""SQL of the clocks that a change of calendars would concern."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import clocks
from heedful.alerting.calendars import Calendar
from heedful.alerting.calendars.preview import RunningClock
from heedful.alerting.clocks import Clock
from heedful.alerting.stored_clocks import clock_in

# What has run out keeps its terms, so nothing moves it.
_RUNNING = text(
    """
    SELECT * FROM alerting.clock
    WHERE tenant = :tenant AND split_part(calendar, '@', 1) = :of
      AND fulfilled_at IS NULL AND ended IS NULL AND breached_at IS NULL
    ORDER BY due_at, case_id, metric, cycle LIMIT :limit
    """
)


async def running(
    connection: AsyncConnection, tenant: str, of: str, limit: int
) -> Sequence[RunningClock]:
    """Clocks that run under any version of the calendar `of`, the first to be due first."""
    values = {"tenant": tenant, "of": of, "limit": limit}
    return [_running(row) for row in await connection.execute(_RUNNING, values)]


def _running(row: Row[Any]) -> RunningClock:
    clock = clock_in(row)
    return RunningClock(
        case_id=row.case_id,
        metric=clock.metric,
        cycle=clock.cycle,
        calendar=clock.terms.calendar,
        due_at=clock.due_at,
        under=partial(_due, clock),
    )


def _due(clock: Clock, calendar: Calendar) -> datetime:
    """Its deadline if its own calendar were this one; its pauses count by it, too."""
    return clocks.moment(clock, clock.terms.target, {clock.terms.calendar: calendar})
