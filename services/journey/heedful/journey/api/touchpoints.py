"""`/v1/touchpoints`, the red/green map of the journey, and `/v1/summary`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from heedful.common.contracts import Colour, WrittenTime
from heedful.common.http import Authenticator, Cursor, Page
from heedful.common.http.pagination import DEFAULT_LIMIT, MAX_LIMIT
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey.api.models import BAD_RANGE, ShareView, Summary, Touchpoint
from heedful.journey.queries import Queries
from heedful.journey.timeline import check_range
from heedful.journey.touchpoints import ENOUGH, colour, wilson


def router(queries: Queries, auth: Authenticator) -> APIRouter:
    """The routes of what is counted over all customers."""
    routes = APIRouter(tags=["journey"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("/v1/touchpoints", responses=BAD_RANGE)
    async def list_touchpoints(
        principal: Annotated[Principal, may_read],
        since: Annotated[WrittenTime | None, Query(alias="from")] = None,
        until: Annotated[WrittenTime | None, Query(alias="to", description="Not included.")] = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    ) -> Page[Touchpoint]:
        """Where it hurts: lights by touchpoint, by occurred_at, in the order of names."""
        check_range(since, until)
        after = None if cursor is None else Cursor.decode(cursor, 1)[0]
        rows = await queries.touchpoints(principal.tenant, since, until, after, limit + 1)
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(
            items=[_touchpoint(row) for row in shown],
            next_cursor=Cursor.encode(shown[-1].touchpoint) if more else None,
        )

    @routes.get("/v1/summary")
    async def get_summary(principal: Annotated[Principal, may_read]) -> Summary:
        """How much journey knows of this tenant."""
        row = await queries.summary(principal.tenant)
        return Summary(
            events=row.events,
            feedback=row.feedback,
            interactions=row.events - row.feedback,
            customers=row.customers,
            lights=_lights(row),
        )

    return routes


def _lights(row: Row[Any]) -> dict[str, int]:
    return {name.value: getattr(row, name.value) for name in Colour}


def _touchpoint(row: Row[Any]) -> Touchpoint:
    red = wilson(row.red, row.feedback)
    return Touchpoint(
        touchpoint=row.touchpoint,
        events=row.events,
        feedback=row.feedback,
        lights=_lights(row),
        red_share=None if red is None else ShareView(share=red.share, low=red.low, high=red.high),
        enough=row.feedback >= ENOUGH,
        colour=colour(row.red, row.green, row.feedback),
    )
