"""`/v1/reports/monthly`: the report across departments."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from heedful.alerting.api.board_models import LandingOut, Share
from heedful.alerting.database import Database
from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.reports import page, sections, store
from heedful.alerting.reports.model import Cohort, Named, Report, Team
from heedful.alerting.reports.month import Month
from heedful.alerting.verification.verdict import Outcome
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

MARKDOWN = "text/markdown; charset=utf-8"

_NOT_YET = Refusal(
    422,
    "month-to-come",
    "The month has not begun",
    "2027-01 has not begun; ask for a month that has",
)
_WRITTEN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/html": {
                "schema": {"type": "string"},
                "example": "<!doctype html><title>客户之声月报 2026-10</title>",
            },
            "text/markdown": {"schema": {"type": "string"}, "example": "# 客户之声月报 2026-10"},
        }
    }
}


class Form(StrEnum):
    JSON = "json"
    HTML = "html"
    MARKDOWN = "md"


class CohortOut(BaseModel):
    """Cases received in the month. Each share is of those of which it can be told by now."""

    received: int
    red: int
    responded_in_24h: Share = Field(description="Of red cases, from when their clock began.")
    planned_in_48h: Share
    landed_above_72h: Share
    answered: Share = Field(description="Of red cases, answered at all.")

    @classmethod
    def of(cls, found: Cohort) -> "CohortOut":
        return cls(
            received=found.received,
            red=found.red,
            responded_in_24h=Share.of(found.responded),
            planned_in_48h=Share.of(found.planned),
            landed_above_72h=Share.of(found.above),
            answered=Share.of(found.answered),
        )


class NamedOut(BaseModel):
    name: str | None = Field(examples=["vehicle.brake"])
    cases: CohortOut

    @classmethod
    def of(cls, found: Named) -> "NamedOut":
        return cls(name=found.name, cases=CohortOut.of(found.cohort))


class TeamOut(BaseModel):
    """`landed`, `verified` and `reopened` are what was done in the month; `open` is not landed."""

    name: str | None = Field(examples=["east"])
    cases: CohortOut
    landed: int
    verified: int
    reopened: int
    open: int

    @classmethod
    def of(cls, found: Team) -> "TeamOut":
        work = found.work
        return cls(
            name=found.name,
            cases=CohortOut.of(found.cohort),
            landed=work.landed,
            verified=work.verified,
            reopened=work.reopened,
            open=found.open,
        )


class ReportOut(BaseModel):
    month: str = Field(examples=["2026-10"])
    zone: str = Field(examples=["Asia/Shanghai"])
    at: datetime = Field(description="Until when things were known.")
    cases: CohortOut
    landing: LandingOut
    red_topics: list[NamedOut] = Field(description="With the most red cases.")
    red_touchpoints: list[NamedOut]
    teams: list[TeamOut]
    landed: int
    verified: int
    reopened: Share = Field(description="For each case that landed in the month.")
    fixes: dict[Outcome, int] = Field(description="Fixes looked at in the month.")
    effective: Share = Field(description="Verified, of fixes of which something could be told.")
    coverage: Share = Field(description="Of feedback received, that with labels.")

    @classmethod
    def of(cls, found: Report) -> "ReportOut":
        return cls(
            month=str(found.month),
            zone=found.zone,
            at=found.at,
            cases=CohortOut.of(found.whole),
            landing=LandingOut.of(found.landing),
            red_topics=[NamedOut.of(one) for one in found.topics],
            red_touchpoints=[NamedOut.of(one) for one in found.touchpoints],
            teams=[TeamOut.of(one) for one in found.teams],
            landed=found.work.landed,
            verified=found.work.verified,
            reopened=Share.of(found.reopened),
            fixes={outcome: found.verdicts.get(outcome, 0) for outcome in Outcome},
            effective=Share.of(found.effective),
            coverage=Share.of(found.coverage),
        )


def router(database: Database, auth: Authenticator, zone: ZoneInfo) -> APIRouter:
    """The route of reports."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get(
        "/v1/reports/monthly",
        response_model=ReportOut,
        responses={**refusing(_NOT_YET), **_WRITTEN},
    )
    async def get_monthly_report(
        principal: Annotated[Principal, may_read],
        month: Annotated[
            str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])
        ] = None,
        format: Form = Form.JSON,  # noqa: A002  # what callers write
        language: Language = Language.ZH,
    ) -> ReportOut | Response:
        """The figures of a month, by default the last whole one; also as a page or as Markdown."""
        async with database.begin() as (connection, now):
            chosen = Month.before(now, zone) if month is None else Month.of(month)
            if chosen.start(zone) > now:
                raise Problem(
                    422, "month-to-come", f"{chosen} has not begun; ask for a month that has"
                )
            found = await store.report(connection, now, principal.tenant, chosen, zone)
        match format:
            case Form.HTML:
                return HTMLResponse(page.html(found, language))
            case Form.MARKDOWN:
                return Response(sections.markdown(found, language), media_type=MARKDOWN)
            case Form.JSON:
                return ReportOut.of(found)

    return routes
