"""`/v1/calendars`: when work is done. Its versions are in calendar_versions.py."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import calendar_changes, store_calendars
from heedful.alerting.api.calendar_models import (
    CalendarBody,
    CalendarName,
    CalendarOut,
    CalendarPut,
    calendar_out,
    version_out,
    written_actor,
)
from heedful.alerting.audit import record
from heedful.alerting.calendars import ALWAYS
from heedful.alerting.calendars.announced import Announced, announced
from heedful.alerting.calendars.document import CalendarDocument, KeptCalendar, kept
from heedful.alerting.calendars.faults import faults
from heedful.alerting.calendars.knowledge import Warned, warnings
from heedful.alerting.database import Database
from heedful.alerting.store_calendars import MAX_CALENDARS, TooManyCalendars, Version
from heedful.common.http import Page
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.pagination import Cursor
from heedful.common.http.paging import DEFAULT, Limit
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

NO_CALENDAR = refusing(missing("calendar"))
_UNUSABLE = Refusal(
    422,
    "bad-calendar",
    "The calendar cannot be used as it is",
    "the calendar cannot be used as it is; see errors",
    {
        "errors": [
            {
                "at": "body.extra.0.like",
                "message": "sunday has no hours in week; name a weekday that has some",
            }
        ]
    },
)
_BUILT_IN = Refusal(
    409,
    "built-in",
    "The calendar is built in",
    f"the calendar {ALWAYS.name} is built in; choose another name",
)
_TOO_MANY = Refusal(
    409,
    "too-many-calendars",
    "The tenant has as many calendars as it may have",
    f"a tenant has at most {MAX_CALENDARS} calendars; put a version of one that is there",
)


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The routes of calendars."""
    routes = APIRouter(tags=["calendars"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    may_write = Depends(auth.requires(Scope.POLICIES_WRITE))

    @routes.get("/v1/calendars")
    async def list_calendars(
        principal: Annotated[Principal, may_read],
        cursor: str | None = None,
        limit: Limit = DEFAULT,
    ) -> Page[CalendarOut]:
        """The tenant's calendars by name. `always`, which never closes, is there for everybody."""
        after = "" if cursor is None else Cursor.decode(cursor, 1)[0]
        async with database.begin() as (connection, now):
            rows = await store_calendars.page(connection, principal.tenant, after, limit + 1)
            shown = rows[:limit]
            names = [one.name for one in shown]
            active = await store_calendars.activations(connection, principal.tenant, names)
        return Page(
            items=[calendar_out(one, active.get(one.name), warned(one, now)) for one in shown],
            next_cursor=Cursor.encode(names[-1]) if len(rows) > limit else None,
        )

    @routes.get("/v1/calendars/{calendar}", responses=NO_CALENDAR)
    async def get_calendar(
        name: CalendarName, principal: Annotated[Principal, may_read]
    ) -> CalendarOut:
        """A calendar: its newest version, and the one under which clocks are started."""
        async with database.begin() as (connection, now):
            found = await store_calendars.versions_of(
                connection, principal.tenant, name, before=None, limit=1
            )
            active = await store_calendars.activations(connection, principal.tenant, [name])
        if not found:
            raise not_found("calendar")
        return calendar_out(found[0], active.get(name), warned(found[0], now))

    @routes.put("/v1/calendars/{calendar}", responses=refusing(_UNUSABLE, _BUILT_IN, _TOO_MANY))
    async def put_calendar(
        name: CalendarName, body: CalendarBody, principal: Annotated[Principal, may_write]
    ) -> CalendarPut:
        """Make a new version, which is not active yet. What is the same already makes none."""
        if name == ALWAYS.name:
            raise Problem(409, _BUILT_IN.code, _BUILT_IN.detail)
        version = _checked(body.document)
        async with database.begin() as (connection, now):
            made, created = await _kept(connection, now, principal, name, version, body.note)
            active = await store_calendars.activations(connection, principal.tenant, [name])
            if created:
                await record(connection, now, calendar_changes.put(principal.acting, made))
        shown = version_out(made, active.get(name), warned(made, now))
        return CalendarPut(**dict(shown), created=created)

    return routes


def warned(version: Version, now: datetime) -> list[Warned]:
    """What is to be said of a version at this time."""
    calendar = version.calendar
    today = now.astimezone(calendar.timezone).date()
    return warnings(version.kept, calendar, today, _known(version.kept.document))


def _checked(document: CalendarDocument) -> KeptCalendar:
    known = _known(document)
    wrong = faults(document, known)
    if wrong:
        errors = [{"at": f"body.{one.at}", "message": one.message} for one in wrong]
        raise Problem(422, _UNUSABLE.code, _UNUSABLE.detail, errors=errors)
    return kept(document, known)


def _known(document: CalendarDocument) -> Announced | None:
    """What this release knows of the public holidays that the calendar asks for."""
    asked = document.public_holidays
    return None if asked is None else announced(asked.region)


async def _kept(
    connection: AsyncConnection,
    now: datetime,
    principal: Principal,
    name: str,
    version: KeptCalendar,
    note: str | None,
) -> tuple[Version, bool]:
    try:
        return await store_calendars.put(
            connection, now, principal.tenant, name, version, note, written_actor(principal)
        )
    except TooManyCalendars as error:
        raise Problem(409, _TOO_MANY.code, _TOO_MANY.detail) from error
