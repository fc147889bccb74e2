"""`/v1/board/cases.csv`: the cases behind the board, for a spreadsheet."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from heedful.alerting.api.board import Chosen
from heedful.alerting.database import Database
from heedful.alerting.figures import store_export
from heedful.alerting.figures.filters import Filters
from heedful.common import spreadsheet
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

MOST_ROWS = 200_000

_TOO_MANY = Refusal(
    422,
    "too-many-rows",
    "More cases than one file may have; `rows` says how many",
    "these are 250000 cases; a file has at most 200000: choose a state, a team or an age",
    {"rows": 250_000},
)


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": f"{','.join(store_export.COLUMNS)}\r\n",
            }
        }
    }
}


class CsvResponse(StreamingResponse):
    media_type = "text/csv"


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of the export."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get(
        "/v1/board/cases.csv",
        response_class=CsvResponse,
        responses={**refusing(_TOO_MANY), **_FILE},
    )
    async def export_cases(
        principal: Annotated[Principal, may_read], chosen: Chosen
    ) -> CsvResponse:
        """Cases with their clocks as CSV, in the order of receipt; without words of customers.

        UTF-8 with a byte order mark, times in UTC.
        """
        async with database.begin() as (connection, now):
            rows = await store_export.count(connection, principal.tenant, now, chosen)
        if rows > MOST_ROWS:
            raise Problem(
                422,
                "too-many-rows",
                f"these are {rows} cases; a file has at most {MOST_ROWS}: choose a state, a team"
                " or an age",
                rows=rows,
            )
        name = f"cases-{now:%Y%m%d-%H%M}.csv"
        return CsvResponse(
            _file(database, principal.tenant, now, chosen),
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return routes


async def _file(
    database: Database, tenant: str, now: datetime, chosen: Filters
) -> AsyncIterator[bytes]:
    """Page by page, each in a transaction of its own: a slow reader holds none open."""
    yield spreadsheet.head(store_export.COLUMNS)
    after: tuple[datetime, str] | None = None
    while True:
        async with database.begin() as (connection, _):
            rows = await store_export.page(connection, tenant, now, chosen, after)
        if rows:
            yield spreadsheet.lines(
                [getattr(row, name) for name in store_export.COLUMNS] for row in rows
            )
            after = (rows[-1].received_at, rows[-1].case_id)
        if len(rows) < store_export.AT_ONCE:
            return
