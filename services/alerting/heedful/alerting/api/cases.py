"""`GET /v1/cases`: lists and one case with all that happened to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import StringConstraints
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_lists, store_queries, store_verifications
from heedful.alerting.api.board import Chosen, Named
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
from heedful.alerting.store_lists import Said, Sort, sort_key
from heedful.alerting.store_queries import SortKey
from heedful.common.http import Cursor, Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

NO_CASE = missing("case")
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The routes that read cases."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    Reader = Annotated[Principal, may_read]  # noqa: N806  # a type

    @routes.get("/v1/cases")
    async def list_cases(
        principal: Reader,
        chosen: Chosen,
        is_open: Annotated[
            bool | None, Query(alias="open", description="Whether something is left to do.")
        ] = None,
        source: Annotated[Named, Query(description="Of feedback that a case is about.")] = None,
        feedback_id: Annotated[
            list[Id] | None, Query(max_length=100, description="Of such feedback; one of these.")
        ] = None,
        sort: Annotated[
            Sort, Query(description="due: the earliest open deadline first, cases without one last")
        ] = Sort.OPENED,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[CaseOut]:
        """Cases of the tenant that fit every filter; the newest first, or what is due first."""
        filters, after = replace(chosen, open=is_open), _after(sort, cursor)
        said = Said(source, feedback_id or ())
        async with database.begin() as (connection, now):
            rows = await store_lists.page(
                connection, principal.tenant, now, filters, said, sort, after, limit
            )
            shown = rows[:limit]
            items = await cases_out(connection, shown)
        more = len(rows) > limit
        return Page(items=items, next_cursor=_cursor(sort, shown[-1]) if more else None)

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


async def cases_out(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[CaseOut]:
    """Rows of cases as lists show them."""
    ids = [row.id for row in rows]
    feedback = await store_queries.feedback_of(connection, ids)
    clocks = await store_cases.clocks_of(connection, ids)
    return [
        case_out(row, store_cases.case_of(row, clocks.get(row.id, ())), feedback[row.id])
        for row in rows
    ]


def _after(sort: Sort, cursor: str | None) -> SortKey | None:
    """The sort key in a cursor, which is of this order."""
    if cursor is None:
        return None
    order, rest = Cursor.decode(cursor, 2)
    if order != sort:
        raise paging.bad_cursor()
    return paging.after(rest)


def _cursor(sort: Sort, last: Row[Any]) -> str:
    return Cursor.encode(sort, paging.encoded(*sort_key(sort, last)))
