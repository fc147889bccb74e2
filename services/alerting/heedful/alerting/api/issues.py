"""`GET /v1/issues`: the parents of cases."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.api import issue_models
from heedful.alerting.api.issue_models import MOST_CASES, MOST_EVENTS, IssueDetail, IssueOut
from heedful.alerting.database import Database
from heedful.alerting.storms import store_history, store_looks, store_reading
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

NO_ISSUE = missing("issue")

Topic = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The routes that read issues."""
    routes = APIRouter(tags=["issues"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    Reader = Annotated[Principal, may_read]  # noqa: N806  # a type

    @routes.get("/v1/issues")
    async def list_issues(
        principal: Reader,
        open: bool | None = None,  # noqa: A002  # a query parameter
        topic: Topic = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[IssueOut]:
        """Issues of the tenant, the newest first."""
        async with database.begin() as (connection, _):
            rows = await store_reading.page(
                connection,
                principal.tenant,
                open_only=open,
                topic=topic,
                after=paging.after(cursor),
                limit=limit + 1,
            )
            shown = rows[:limit]
            standing = await store_looks.standing(connection, {row.id for row in shown})
        last = shown[-1] if len(rows) > limit else None
        return Page(
            items=[IssueOut.of(row, standing[row.id]) for row in shown],
            next_cursor=None if last is None else paging.encoded(last.opened_at, last.id),
        )

    @routes.get("/v1/issues/{issue_id}", responses=refusing(NO_ISSUE))
    async def get_issue(issue_id: str, principal: Reader) -> IssueDetail:
        """One issue with its cases and what happened to it."""
        async with database.begin() as (connection, _):
            return await detail(connection, principal.tenant, issue_id)

    return routes


async def detail(connection: AsyncConnection, tenant: str, issue_id: str) -> IssueDetail:
    """One issue of the tenant, whole.

    Raises:
        Problem: it has none of that id.
    """
    row = await store_reading.get(connection, tenant, issue_id)
    if row is None:
        raise not_found("issue")
    standing = await store_looks.standing(connection, [issue_id])
    children = await store_reading.children(connection, issue_id, MOST_CASES)
    events = await store_history.of_issue(connection, issue_id, MOST_EVENTS)
    return issue_models.detail(row, standing[issue_id], children, events)
