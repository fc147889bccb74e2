"""`/v1/calendars/{calendar}/versions/{version}/days`: a month, day by day."""

import calendar as months
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from heedful.alerting import store_calendars
from heedful.alerting.api.calendar_models import NO_VERSION, CalendarName, VersionNumber, existing
from heedful.alerting.calendars.document import FIRST_DAY, LAST_DAY
from heedful.alerting.calendars.model import Calendar, Interval, SaidBy
from heedful.alerting.database import Database
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import refusing
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

Year = Annotated[int, Query(ge=FIRST_DAY.year, le=LAST_DAY.year, examples=[2026])]
Month = Annotated[int, Query(ge=1, le=12, examples=[10])]


class CalendarDay(BaseModel):
    """A date, by the clock on the wall of the calendar's zone."""

    date: date
    hours: list[str] = Field(description="Empty: closed.", examples=[["09:00-12:00"]])
    said_by: SaidBy = Field(description="The first that says something about the day.")
    guessed: bool = Field(
        description="Whether it lies in a year of which public holidays are not known."
    )


class CalendarMonth(BaseModel):
    """The days of a month under a version."""

    ref: str = Field(examples=["office-cn@2"])
    days: list[CalendarDay]


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of days."""
    routes = APIRouter(tags=["calendars"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))

    @routes.get("/v1/calendars/{calendar}/versions/{version}/days", responses=refusing(NO_VERSION))
    async def list_calendar_days(
        name: CalendarName,
        version: VersionNumber,
        principal: Annotated[Principal, may_read],
        year: Year,
        month: Month,
    ) -> CalendarMonth:
        """Which hours are worked on each day of a month, and by what that is said."""
        async with database.begin() as (connection, _):
            found = existing(await store_calendars.get(connection, principal.tenant, name, version))
        _, last = months.monthrange(year, month)
        return CalendarMonth(
            ref=found.calendar.ref,
            days=[_day(found.calendar, date(year, month, day)) for day in range(1, last + 1)],
        )

    return routes


def _day(calendar: Calendar, on: date) -> CalendarDay:
    public = calendar.public
    return CalendarDay(
        date=on,
        hours=[_written(one) for one in calendar.hours(on)],
        said_by=calendar.said_by(on),
        guessed=public is not None and on.year > public.known_through,
    )


def _written(one: Interval) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in one)
