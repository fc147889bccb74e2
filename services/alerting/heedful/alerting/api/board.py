"""`/v1/board`: the figures for the wall."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from heedful.alerting.api.board_models import (
    AgeCount,
    BoardOut,
    BreachCount,
    BreachedClock,
    LandingOut,
    NextClock,
    OwnerCount,
    Share,
)
from heedful.alerting.database import Database
from heedful.alerting.figures import model, store_board
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import AGES
from heedful.alerting.states import State
from heedful.common.contracts import ClockMetric, Colour
from heedful.common.http.auth import Authenticator
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_DAYS = 30
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)

Named = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def filters(
    state: State | None = None,
    colour: Colour | None = None,
    owner: Named = None,
    team: Named = None,
    touchpoint: Named = None,
    topic: Named = None,
    unowned: bool = False,
    older_than_hours: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Filters:
    """Query parameters: only cases that have all of these."""
    age = None if older_than_hours is None else timedelta(hours=older_than_hours)
    return Filters(state, colour, owner, team, touchpoint, topic, unowned, age)


Chosen = Annotated[Filters, Depends(filters)]


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of the board."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get("/v1/board")
    async def get_board(
        principal: Annotated[Principal, may_read],
        chosen: Chosen,
        days: Annotated[int, Query(ge=1, le=400)] = _DAYS,
    ) -> BoardOut:
        """Counts, what is overdue, what is next, what ran out and why, and how well the targets
        are kept."""
        async with database.begin() as (connection, now):
            found = await store_board.board(
                connection, principal.tenant, now, timedelta(days=days), chosen
            )
        return _board(found, days, now)

    return routes


def _board(found: store_board.Board, days: int, now: datetime) -> BoardOut:
    kept = {metric: found.kept.get(metric, model.Share()) for metric in ClockMetric}
    land = kept[ClockMetric.LAND]
    return BoardOut(
        days=days,
        cases=sum(found.states.values()),
        issues=found.issues,
        states={state: found.states.get(state, 0) for state in State},
        colours={colour: found.colours.get(colour, 0) for colour in Colour},
        owners=[OwnerCount(owner=owner, n=n) for owner, n in found.owners],
        ages=_ages(found),
        overdue={metric: found.overdue.get(metric, 0) for metric in ClockMetric},
        next_to_breach=[
            NextClock(**_case(row), minutes_left=(row.due_at - now) // _MINUTE)
            for row in found.at_risk
        ],
        breached=[
            BreachedClock(
                **_case(row),
                fulfilled_at=row.fulfilled_at,
                minutes_over=((row.fulfilled_at or now) - row.due_at) // _MINUTE,
                why=row.why,
            )
            for row in found.breached
        ],
        breaches=[
            BreachCount(metric=metric, why=why, n=n)
            for (metric, why), n in sorted(found.breaches.items())
        ],
        responded_in_time=Share.of(kept[ClockMetric.RESPOND]),
        planned_in_time=Share.of(kept[ClockMetric.PLAN]),
        landed_late=Share.of(model.Share(land.n - land.part, land.n)),
        landing=LandingOut.of(found.landing),
    )


def _case(row: Row[Any]) -> dict[str, Any]:
    names = ("case_id", "state", "metric", "due_at", "colour", "owner", "team", "touchpoint")
    return {name: getattr(row, name) for name in names}


def _ages(found: store_board.Board) -> list[AgeCount]:
    cuts = [0, *(age // _HOUR for age in AGES), None]
    return [
        AgeCount(from_hours=low or 0, to_hours=high, n=n)
        for (low, high), n in zip(pairwise(cuts), found.ages, strict=True)
    ]
