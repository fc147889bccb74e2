"""`/v1/board`: the figures for the wall."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from heedful.alerting import store_queries
from heedful.alerting.api.models import BoardOut, NextClock, Share
from heedful.alerting.case import State
from heedful.alerting.database import Database
from heedful.common.contracts import ClockMetric
from heedful.common.http.auth import Authenticator
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_UPCOMING = 10
_DAYS = 30


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of the board."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get("/v1/board")
    async def get_board(
        principal: Annotated[Principal, may_read],
        days: Annotated[int, Query(ge=1, le=400)] = _DAYS,
    ) -> BoardOut:
        """Counts, what is overdue, what is next, and how well the targets are kept."""
        async with database.begin() as (connection, now):
            found = await store_queries.board(
                connection, principal.tenant, now, now - timedelta(days=days), _UPCOMING
            )
        return _board(found, days)

    return routes


def _board(found: store_queries.Board, days: int) -> BoardOut:
    def share(metric: ClockMetric, *, met: bool) -> Share:
        n, good = found.cohorts.get(metric, (0, 0))
        return Share(share=(good if met else n - good) / n if n else None, n=n)

    return BoardOut(
        days=days,
        cases=sum(found.states.values()),
        states={state: found.states.get(state, 0) for state in State},
        overdue={metric: found.overdue.get(metric, 0) for metric in ClockMetric},
        next_to_breach=[
            NextClock(case_id=row.case_id, state=row.state, metric=row.metric, due_at=row.due_at)
            for row in found.next_to_breach
        ],
        responded_in_time=share(ClockMetric.RESPOND, met=True),
        planned_in_time=share(ClockMetric.PLAN, met=True),
        landed_late=share(ClockMetric.LAND, met=False),
    )
