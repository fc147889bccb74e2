"""`/v1/applications`: versions that are applied to open clocks, and how far that is."""

from typing import Annotated

from fastapi import APIRouter, Depends

from heedful.alerting.api.application_models import ApplicationOut, application_out
from heedful.alerting.applying import store
from heedful.alerting.database import Database
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_WHAT = "application"


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The routes of applications."""
    routes = APIRouter(tags=["policies"], route_class=Route)
    Reader = Annotated[Principal, Depends(auth.requires(Scope.CASES_READ))]  # noqa: N806  # a type

    @routes.get("/v1/applications")
    async def list_applications(
        principal: Reader, cursor: str | None = None, limit: paging.Limit = paging.DEFAULT
    ) -> Page[ApplicationOut]:
        """Versions that were applied, the newest first."""
        after = paging.after(cursor)
        async with database.begin() as (connection, _):
            rows = await store.page(connection, principal.tenant, after, limit + 1)
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(
            items=[application_out(one) for one in shown],
            next_cursor=paging.encoded(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @routes.get("/v1/applications/{application_id}", responses=refusing(missing(_WHAT)))
    async def get_application(application_id: str, principal: Reader) -> ApplicationOut:
        """How far it is, and what it did."""
        async with database.begin() as (connection, _):
            found = await store.get(connection, principal.tenant, application_id)
        if found is None:
            raise not_found(_WHAT)
        return application_out(found)

    return routes
