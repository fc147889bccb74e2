"""`/v1/insights`: what only a stitched journey can tell."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from heedful.common import spreadsheet
from heedful.common.contracts import WrittenTime
from heedful.common.http import Authenticator, Page, Problem
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey.api.models import BAD_RANGE
from heedful.journey.insights import all as registry
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import Label, Report, csv_rows
from heedful.journey.insights_computing import Insights
from heedful.journey.insights_reading.period import Period, TooMany
from heedful.journey.timeline import check_range

USUAL: Final = timedelta(days=365)
"""Before `to`, where nobody says `from`."""
_CSV: Final = "text/csv"
_OWN: Final = frozenset({"from", "to", "format"})

_TOO_MANY = Refusal(
    422,
    "too-many-events",
    "The period has more events than are read at once; `from` says what would do",
    "4100000 events, and 3000000 are read at once: ask for less, from=2026-04-12T00:00:00Z",
    {"events": 4_100_000, "limit": 3_000_000, "from": "2026-04-12T00:00:00Z"},
)
_INVALID = Refusal(
    422,
    "invalid",
    "A parameter is not one of this insight's, or out of its range",
    "the request does not have the documented shape",
    {"errors": [{"at": "query.min_n", "message": "not known here"}]},
    name="invalid-parameter",
)
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            _CSV: {
                "schema": {"type": "string"},
                "example": "topic,employees,employees_low,employees_high,customers,grey,why\r\n",
            }
        }
    }
}

Named = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class InsightForm(StrEnum):
    JSON = "json"
    CSV = "csv"


class InsightView(BaseModel):
    name: str = Field(examples=["employee-voice"])
    title: Label = Field(
        examples=[{"zh": "员工之声与客户之声", "en": "Employee voice beside customer voice"}]
    )
    parameters: dict[str, Any] = Field(
        description="JSON Schema of what may stand in the query beside `from`, `to` and `format`.",
        examples=[{"type": "object", "properties": {"segment": {"type": "string"}}}],
    )


def router(insights: Insights, auth: Authenticator, clock: Callable[[], datetime]) -> APIRouter:
    """The routes of insights."""
    routes = APIRouter(tags=["insights"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    # Schemas cost milliseconds each, and never change.
    listed = cache(_views)

    @routes.get("/v1/insights", dependencies=[may_read])
    async def list_insights() -> Page[InsightView]:
        """Every insight, what it is called and what may be asked of it."""
        return listed()

    @routes.get(
        "/v1/insights/{insight}",
        response_model=Report,
        responses={
            **BAD_RANGE,
            **refusing(missing("insight"), _TOO_MANY, _INVALID),
            **_FILE,
        },
    )
    async def get_insight(
        insight: str,
        request: Request,
        principal: Annotated[Principal, may_read],
        since: Annotated[
            WrittenTime | None, Query(alias="from", description="Default: a year before `to`.")
        ] = None,
        until: Annotated[
            WrittenTime | None, Query(alias="to", description="Not included. Default: now.")
        ] = None,
        touchpoint: Named = None,
        segment: Named = None,
        format: Annotated[  # noqa: A002  # what callers write
            InsightForm | None, Query(description="Default: what `Accept` says, else json.")
        ] = None,
    ) -> Response:
        """One insight over what happened in a period, as JSON made for charts, or as CSV.

        Further parameters are those that `GET /v1/insights` lists. A parameter with structure is
        written as JSON, a list also by repeating it.
        """
        found = registry.INSIGHTS.get(insight)
        if found is None:
            raise not_found("insight")
        asked = _asked(found, request)
        period = _period(since, until, clock())
        try:
            report = await insights.report(principal.tenant, found, asked, period)
        except TooMany as error:
            raise _too_many(error) from error
        if format is InsightForm.CSV or (format is None and _prefers_csv(request)):
            return _file(report)
        return Response(report.model_dump_json(), media_type="application/json")

    return routes


def _views() -> Page[InsightView]:
    return Page(items=[_view(one) for one in registry.INSIGHTS.values()])


def _view(insight: Insight[Any]) -> InsightView:
    schema = insight.parameters.model_json_schema()
    for name in insight.stored:
        schema["properties"].pop(name, None)
    return InsightView(name=insight.name, title=insight.title, parameters=schema)


def _asked(insight: Insight[Any], request: Request) -> Parameters:
    given = {name: _values(request, name) for name in request.query_params if name not in _OWN}
    for name in insight.stored:
        if name in given:
            raise _refused([{"type": "extra_forbidden", "loc": (name,), "msg": "not asked for"}])
    try:
        asked: Parameters = insight.parameters.model_validate(given)
    except ValidationError as error:
        raise _refused(error.errors(include_url=False)) from error
    return asked


def _refused(errors: Any) -> RequestValidationError:
    return RequestValidationError([{**one, "loc": ("query", *one["loc"])} for one in errors])


def _values(request: Request, name: str) -> Any:
    written = request.query_params.getlist(name)
    values = [_value(one) for one in written]
    return values[0] if len(values) == 1 else values


def _value(written: str) -> Any:
    """What has structure is JSON; the rest pydantic reads from text."""
    if not written.startswith(("{", "[")):
        return written
    try:
        return orjson.loads(written)
    except orjson.JSONDecodeError:
        return written


def _period(since: datetime | None, until: datetime | None, now: datetime) -> Period:
    end = now if until is None else until
    first = datetime.min.replace(tzinfo=UTC)
    begin = end - min(USUAL, end - first) if since is None else since
    check_range(begin, end)
    return Period(begin, end)


def _too_many(error: TooMany) -> Problem:
    members: dict[str, Any] = {"events": error.events, "limit": error.limit}
    mend = "ask for less than an hour, or raise HEEDFUL_JOURNEY__INSIGHT_EVENTS"
    if error.since is not None:
        members["from"] = f"{error.since:%Y-%m-%dT%H:%M:%S.%fZ}"
        mend = f"ask for less, from={members['from']}"
    said = f"{error.events} events, and {error.limit} are read at once: {mend}"
    return Problem(422, "too-many-events", said, **members)


def _prefers_csv(request: Request) -> bool:
    return request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip() == _CSV


def _file(report: Report) -> Response:
    header, *rows = csv_rows(report)
    body = spreadsheet.head([str(name) for name in header]) + spreadsheet.lines(rows)
    return Response(
        body,
        media_type=_CSV,
        headers={"Content-Disposition": f'attachment; filename="{report.name}.csv"'},
    )
