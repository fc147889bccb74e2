"""`/v1/calendars/{calendar}/versions/{version}/preview`: which deadlines it would move."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from heedful.alerting import store_calendars, store_running
from heedful.alerting.api.calendar_models import NO_VERSION, CalendarName, VersionNumber, existing
from heedful.alerting.calendars.document import NAME_PATTERN
from heedful.alerting.calendars.preview import Move, preview
from heedful.alerting.database import Database
from heedful.common.contracts import ClockMetric
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import refusing
from heedful.common.http.paging import DEFAULT, Limit
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

MAX_CLOCKS = 10_000
"""Looked at by one preview."""

Of = Annotated[
    str | None,
    Query(
        pattern=NAME_PATTERN,
        description="Clocks of which calendar; left out: of this one, whatever the version.",
        examples=["always"],
    ),
]


class MoveOut(BaseModel):
    """A deadline that would move."""

    case_id: str
    metric: ClockMetric
    cycle: int = Field(examples=[1])
    calendar: str = Field(description="What it runs under.", examples=["office-cn@1"])
    due_at: datetime
    new_due_at: datetime | None = Field(
        description="null: there would be none within 400 days.", examples=["2026-11-25T00:15:00Z"]
    )
    by_seconds: float | None = Field(description="Negative: earlier.", examples=[86400.0])


class PreviewOut(BaseModel):
    """What would become of running clocks if they went on under this version. Nothing changes."""

    ref: str = Field(examples=["office-cn@2"])
    of: str = Field(description="Name of the calendar whose clocks these are.", examples=["always"])
    looked_at: int = Field(description="Running clocks, the first to be due.")
    complete: bool = Field(description=f"false: there are more than {MAX_CLOCKS:,} of them.")
    earlier: int
    later: int
    out_of_reach: int = Field(description="Would have no deadline within 400 days.")
    overdue: int = Field(description="Are not due yet, and would be.")
    moves: list[MoveOut] = Field(
        description="As many as `limit`: those without a deadline, then the first to be due."
    )


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of previews."""
    routes = APIRouter(tags=["calendars"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get(
        "/v1/calendars/{calendar}/versions/{version}/preview", responses=refusing(NO_VERSION)
    )
    async def preview_calendar_version(
        name: CalendarName,
        version: VersionNumber,
        principal: Annotated[Principal, may_read],
        of: Of = None,
        limit: Limit = DEFAULT,
    ) -> PreviewOut:
        """Which deadlines of running clocks would move, and by how much, under this version."""
        others = of or name
        async with database.begin() as (connection, now):
            found = existing(await store_calendars.get(connection, principal.tenant, name, version))
            clocks = await store_running.running(
                connection, principal.tenant, others, MAX_CLOCKS + 1
            )
        seen = await asyncio.to_thread(preview, clocks[:MAX_CLOCKS], found.calendar, now)
        return PreviewOut(
            ref=found.calendar.ref,
            of=others,
            looked_at=seen.looked_at,
            complete=len(clocks) <= MAX_CLOCKS,
            earlier=seen.earlier,
            later=seen.later,
            out_of_reach=seen.out_of_reach,
            overdue=seen.overdue,
            moves=[_out(move) for move in seen.moves[:limit]],
        )

    return routes


def _out(move: Move) -> MoveOut:
    return MoveOut(
        case_id=move.clock.case_id,
        metric=move.clock.metric,
        cycle=move.clock.cycle,
        calendar=move.clock.calendar,
        due_at=move.clock.due_at,
        new_due_at=move.due_at,
        by_seconds=None if move.by is None else move.by.total_seconds(),
    )
