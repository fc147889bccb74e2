"""`GET /v1/cases/changes`: which cases something happened to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from heedful.alerting import store_changes
from heedful.alerting.api.cases import cases_out
from heedful.alerting.api.models import CaseOut
from heedful.alerting.case_changes import NoPosition, Place, Position, Snapshot
from heedful.alerting.database import Database
from heedful.common.http import paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_DETAIL = (
    "pass the position of the last answer unchanged; if you did, the database was restored: list "
    "the cases anew, and ask without `after` for a position"
)
_BAD_POSITION = Refusal(
    400,
    "bad-position",
    "`after` is no position, or one from before the database was restored",
    _DETAIL,
)


class Changes(BaseModel):
    """Cases that something happened to after a position, as they are by now."""

    items: list[CaseOut]
    position: str = Field(description="What to ask `after` next time.")
    more: bool = Field(description="There is more up to now: ask again at once.")


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of changes."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get("/v1/cases/changes", responses=refusing(_BAD_POSITION))
    async def list_changed_cases(
        principal: Annotated[Principal, may_read],
        after: Annotated[
            str | None, Query(description="`position` of the last answer; none: only where we are.")
        ] = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Changes:
        """Cases with events after a position, each once, in the order of the last of them. No event
        is missed, in whatever order transactions commit. Meant to be asked each second."""
        async with database.begin() as (connection, _):
            now = await store_changes.snapshot(connection)
            if after is None:
                return Changes(items=[], position=Position(now).written(), more=False)
            position = _read(after, now)
            until = position.until or now
            rows = await store_changes.page(
                connection, principal.tenant, position.since, until, position.last, limit
            )
            shown, more = rows[:limit], len(rows) > limit
            items = await cases_out(connection, shown)
        following = Position(until)
        if more:
            last = Place(shown[-1].transaction, shown[-1].id)
            following = Position(position.since, until, last)
        return Changes(items=items, position=following.written(), more=more)

    return routes


def _read(after: str, now: Snapshot) -> Position:
    try:
        return Position.read(after, now)
    except NoPosition as error:
        raise Problem(400, "bad-position", _DETAIL) from error
