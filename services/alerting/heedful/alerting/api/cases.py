"""`GET /v1/cases`: lists and one case with all that happened to it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_queries, store_verifications
from heedful.alerting.api.etags import ETAG, etag
from heedful.alerting.api.models import (
    CaseDetail,
    CaseOut,
    case_fields,
    case_out,
    clock_out,
    event_out,
    fix_out,
    signal_out,
)
from heedful.alerting.database import Database
from heedful.alerting.signals import store as store_signals
from heedful.alerting.states import State
from heedful.common.contracts import Colour
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

NO_CASE = missing("case")


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The routes that read cases."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    Reader = Annotated[Principal, may_read]  # noqa: N806  # a type

    @routes.get("/v1/cases")
    async def list_cases(
        principal: Reader,
        state: State | None = None,
        colour: Colour | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[CaseOut]:
        """Cases of the tenant, the newest first."""
        filters = {"state": state, "colour": colour}
        async with database.begin() as (connection, _):
            rows = await store_queries.page(
                connection, "cases", filters, principal.tenant, paging.after(cursor), limit
            )
            shown = rows[:limit]
            items = await _shown(connection, shown)
        return Page(
            items=items,
            next_cursor=paging.encoded(shown[-1].opened_at, shown[-1].id)
            if len(rows) > limit
            else None,
        )

    @routes.get(
        "/v1/cases/{case_id}",
        responses={**refusing(NO_CASE), 200: {"headers": {"ETag": ETAG}}},
    )
    async def get_case(case_id: str, principal: Reader, response: Response) -> CaseDetail:
        """One case with its clocks and events."""
        async with database.begin() as (connection, _):
            found = await detail(connection, principal.tenant, case_id)
        response.headers["ETag"] = etag(found.sequence)
        return found

    return routes


async def detail(connection: AsyncConnection, tenant: str, case_id: str) -> CaseDetail:
    """One case of the tenant, whole.

    Raises:
        Problem: it has none of that id.
    """
    row = await store_queries.case(connection, tenant, case_id)
    if row is None:
        raise not_found("case")
    feedback = await store_queries.feedback_of(connection, [case_id])
    clocks = await store_cases.clocks_of(connection, [case_id])
    case = store_cases.case_of(row, clocks.get(case_id, ()))
    events = await store_queries.events_of(connection, case_id)
    signals = await store_signals.of_case(connection, case_id)
    fixes = await store_verifications.of_case(connection, tenant, case_id)
    return CaseDetail.model_validate(
        {
            **case_fields(row, case, feedback[case_id]),
            "clocks": [clock_out(one) for one in case.clocks],
            "fixes": [fix_out(one) for one in fixes],
            "signals": [signal_out(one) for one in signals],
            "events": [event_out(one) for one in events],
        }
    )


async def _shown(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[CaseOut]:
    ids = [row.id for row in rows]
    feedback = await store_queries.feedback_of(connection, ids)
    clocks = await store_cases.clocks_of(connection, ids)
    return [
        case_out(row, store_cases.case_of(row, clocks.get(row.id, ())), feedback[row.id])
        for row in rows
    ]
