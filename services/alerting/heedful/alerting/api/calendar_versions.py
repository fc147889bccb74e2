"""`/v1/calendars/{calendar}/versions`: each never changes; one is active."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import calendar_changes, store_calendars, store_rearming
from heedful.alerting import calendars as business
from heedful.alerting.api.calendar_models import (
    NO_VERSION,
    CalendarName,
    DueOut,
    VersionNumber,
    VersionOut,
    existing,
    version_out,
    written_actor,
)
from heedful.alerting.api.calendars import NO_CALENDAR, warned
from heedful.alerting.audit import record
from heedful.alerting.calendars import LOOK_AHEAD, BeyondLookAhead
from heedful.alerting.calendars.document import FIRST_DAY, LAST_DAY
from heedful.alerting.calendars.knowledge import guessed
from heedful.alerting.database import Database
from heedful.alerting.policies.faults import faults as policy_faults
from heedful.alerting.rulebook import Rulebook
from heedful.alerting.store_calendars import Version
from heedful.common.contracts import WrittenTime
from heedful.common.http import Page
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.pagination import Cursor
from heedful.common.http.paging import DEFAULT, Limit, number
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_NO_DEADLINE = Refusal(
    422,
    "no-deadline",
    "The calendar opens too seldom for the target, or the start is out of range",
    "calendar office-cn@2: the 400 days after 2026-11-24 lack 1:00:00 of a target of "
    "125 days, 0:00:00; shorten the target or open the calendar more",
)

_UNFIT = Refusal(
    409,
    "calendar-unfit",
    "Under it clocks of the active policy would have no deadline",
    "policy@3, which is active, cannot be used with office-cn@2; see errors, and change the "
    "calendar, or the policy first",
    {
        "errors": [
            {
                "at": "policy.rules.0.clocks.plan.target",
                "message": "calendar office-cn@2 has only about 57 working hours in some 400 days, "
                "and no deadline is looked for further ahead; shorten the target or open the "
                "calendar more",
            }
        ]
    },
)

Start = Annotated[WrittenTime, Query(description=f"Between {FIRST_DAY.year} and {LAST_DAY.year}.")]
Seconds = Annotated[
    float, Query(ge=0, le=LOOK_AHEAD.total_seconds(), allow_inf_nan=False, examples=[14400])
]


def router(database: Database, rulebook: Rulebook, auth: Authenticator) -> APIRouter:
    """The routes of versions of calendars."""
    routes = APIRouter(tags=["calendars"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    may_write = Depends(auth.requires(Scope.POLICIES_WRITE))

    @routes.get("/v1/calendars/{calendar}/versions", responses=NO_CALENDAR)
    async def list_calendar_versions(
        name: CalendarName,
        principal: Annotated[Principal, may_read],
        cursor: str | None = None,
        limit: Limit = DEFAULT,
    ) -> Page[VersionOut]:
        """Versions of a calendar, the newest first."""
        before = None if cursor is None else number(Cursor.decode(cursor, 1)[0])
        async with database.begin() as (connection, now):
            rows = await store_calendars.versions_of(
                connection, principal.tenant, name, before, limit + 1
            )
            active = await store_calendars.activations(connection, principal.tenant, [name])
        if not rows and cursor is None:
            raise not_found("calendar")
        shown = rows[:limit]
        return Page(
            items=[version_out(one, active.get(name), warned(one, now)) for one in shown],
            next_cursor=Cursor.encode(str(shown[-1].version)) if len(rows) > limit else None,
        )

    @routes.get("/v1/calendars/{calendar}/versions/{version}", responses=refusing(NO_VERSION))
    async def get_calendar_version(
        name: CalendarName, version: VersionNumber, principal: Annotated[Principal, may_read]
    ) -> VersionOut:
        """One version, which never changes."""
        async with database.begin() as (connection, now):
            found = await store_calendars.get(connection, principal.tenant, name, version)
            active = await store_calendars.activations(connection, principal.tenant, [name])
        there = existing(found)
        return version_out(there, active.get(name), warned(there, now))

    @routes.post(
        "/v1/calendars/{calendar}/versions/{version}/activate",
        responses=refusing(NO_VERSION, _UNFIT),
    )
    async def activate_calendar_version(
        name: CalendarName, version: VersionNumber, principal: Annotated[Principal, may_write]
    ) -> VersionOut:
        """Clocks that start from now on take this version; those that run keep theirs. Notices
        that wait for its hours wait for the new ones, from a few seconds later on."""
        tenant = principal.tenant
        async with database.begin() as (connection, now):
            there = existing(await store_calendars.get(connection, tenant, name, version))
            await _fits(connection, rulebook, tenant, there)
            by = written_actor(principal)
            before = await store_calendars.activate(connection, now, tenant, name, version, by)
            active = await store_calendars.activations(connection, tenant, [name])
            await store_rearming.ask(connection, now, tenant)
            change = calendar_changes.activated(principal.acting, before, there)
            await record(connection, now, change)
        return version_out(there, active.get(name), warned(there, now))

    @routes.get(
        "/v1/calendars/{calendar}/versions/{version}/due",
        responses=refusing(NO_VERSION, _NO_DEADLINE),
    )
    async def try_calendar_version(
        name: CalendarName,
        version: VersionNumber,
        principal: Annotated[Principal, may_read],
        start: Start,
        target_seconds: Seconds,
    ) -> DueOut:
        """When so much working time after a moment has passed, under this version."""
        async with database.begin() as (connection, _):
            found = await store_calendars.get(connection, principal.tenant, name, version)
        calendar = existing(found).calendar
        if not FIRST_DAY.year <= start.year <= LAST_DAY.year:
            raise Problem(
                422,
                _NO_DEADLINE.code,
                f"start lies between {FIRST_DAY.year} and {LAST_DAY.year}",
            )
        try:
            due_at = business.due(calendar, start, timedelta(seconds=target_seconds))
            opens = business.next_open(calendar, start)
        except BeyondLookAhead as error:
            raise Problem(422, _NO_DEADLINE.code, str(error)) from error
        return DueOut(
            start=start,
            target_seconds=target_seconds,
            due_at=due_at,
            next_open=opens,
            guessed=guessed(calendar, due_at),
        )

    return routes


async def _fits(
    connection: AsyncConnection, rulebook: Rulebook, tenant: str, version: Version
) -> None:
    """See that the active policy can start its clocks under the version.

    Raises:
        Problem: 409, it cannot.
    """
    active = (await rulebook.active(connection, [tenant]))[tenant]
    named = {**active.named, version.name: version.calendar}
    wrong = policy_faults(active.policy, named)
    if wrong:
        raise Problem(
            409,
            _UNFIT.code,
            f"{active.ref}, which is active, cannot be used with {version.calendar.ref}; see "
            "errors, and change the calendar, or the policy first",
            errors=[{"at": f"policy.{one.at}", "message": one.message} for one in wrong],
        )
