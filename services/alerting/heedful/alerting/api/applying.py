"""`/v1/policies/{version}/apply` and the same of a calendar: open clocks go over to a version."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_calendars
from heedful.alerting.api.application_models import (
    REF,
    Applied,
    ApplyBody,
    application_out,
    preview_out,
)
from heedful.alerting.api.calendar_models import CalendarName, VersionNumber
from heedful.alerting.api.policies import UNUSABLE, checked
from heedful.alerting.api.policy_models import PolicyVersion
from heedful.alerting.applying import entries, store
from heedful.alerting.applying.previewing import preview
from heedful.alerting.applying.store import Application, Kind, Subject
from heedful.alerting.audit import record
from heedful.alerting.database import Database
from heedful.alerting.policies import store as store_policies
from heedful.alerting.rulebook import Rulebook
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_POLICY = "version of the policy"
_CALENDAR = "version of a calendar"
_OTHER = "policy@2"
_NOT_ACTIVE = Refusal(
    409,
    "not-active",
    "Clocks that start now are not started by this version",
    f"{REF} is not active, so clocks that start now would be measured by another version than "
    "those that run; activate it first",
)
_BUSY = Refusal(
    409,
    "application-running",
    "Another version is being applied",
    f"{_OTHER} is being applied; look at the application and send this again when it is finished",
    {"application": "ap-7c9e6679-7425-40de-944b-e07fc1f90ae7"},
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A version that somebody wants to apply.

    Attributes:
        calendars: the refs that names of calendars stand for.
        active: clocks that start now are started by it.
    """

    subject: Subject
    calendars: Mapping[str, str]
    active: bool


def router(
    database: Database, rulebook: Rulebook, auth: Authenticator, woken: Callable[[], None]
) -> APIRouter:
    """The routes that apply versions.

    Args:
        woken: called after a commit that the loop may act on.
    """
    routes = APIRouter(route_class=Route)
    Writer = Annotated[Principal, Depends(auth.requires(Scope.POLICIES_WRITE))]  # noqa: N806  # a type

    async def answer(
        connection: AsyncConnection,
        now: datetime,
        principal: Principal,
        wanted: _Wanted,
        body: ApplyBody | None,
    ) -> Applied:
        subject, tenant = wanted.subject, principal.tenant
        if body is None or body.dry_run:
            seen = await preview(connection, now, rulebook, tenant, subject, wanted.calendars)
            return Applied(
                ref=subject.ref, dry_run=True, preview=preview_out(seen), application=None
            )
        held = await _ordered(connection, now, principal, wanted)
        return Applied(
            ref=subject.ref, dry_run=False, preview=None, application=application_out(held)
        )

    @routes.post(
        "/v1/policies/{version}/apply",
        tags=["policies"],
        responses=refusing(missing(_POLICY), UNUSABLE, _NOT_ACTIVE, _BUSY),
    )
    async def apply_policy(
        version: PolicyVersion, principal: Writer, body: ApplyBody | None = None
    ) -> Applied:
        """Open cases go over to this version, or, of a dry run, what that would do to them.

        Targets are measured from the original start less the pauses. Steps that were taken stay
        taken, and what has run out stays so.
        """
        async with database.begin() as (connection, now):
            wanted = await _policy(connection, rulebook, principal.tenant, version)
            applied = await answer(connection, now, principal, wanted, body)
        woken()
        return applied

    @routes.post(
        "/v1/calendars/{calendar}/versions/{version}/apply",
        tags=["calendars"],
        responses=refusing(missing(_CALENDAR), _NOT_ACTIVE, _BUSY),
    )
    async def apply_calendar_version(
        name: CalendarName,
        version: VersionNumber,
        principal: Writer,
        body: ApplyBody | None = None,
    ) -> Applied:
        """Open clocks of other versions of the calendar go over to this one, or, of a dry run,
        what that would do to them."""
        async with database.begin() as (connection, now):
            wanted = await _calendar(connection, principal.tenant, name, version)
            applied = await answer(connection, now, principal, wanted, body)
        woken()
        return applied

    return routes


async def _policy(
    connection: AsyncConnection, rulebook: Rulebook, tenant: str, version: int
) -> _Wanted:
    found = await store_policies.get(connection, tenant, version)
    if found is None:
        raise not_found(_POLICY)
    await checked(connection, rulebook, tenant, found.document)
    named = (await rulebook.active(connection, [tenant]))[tenant].named
    calendars = {name: named[name].ref for name in found.document.calendars()}
    return _Wanted(Subject(Kind.POLICY, store_policies.NAME, version), calendars, found.active)


async def _calendar(connection: AsyncConnection, tenant: str, name: str, version: int) -> _Wanted:
    if await store_calendars.get(connection, tenant, name, version) is None:
        raise not_found(_CALENDAR)
    active = (await store_calendars.activations(connection, tenant, [name])).get(name)
    subject = Subject(Kind.CALENDAR, name, version)
    return _Wanted(subject, {name: subject.ref}, active is not None and active.version == version)


async def _ordered(
    connection: AsyncConnection, now: datetime, principal: Principal, wanted: _Wanted
) -> Application:
    """The order; one for the same that is not finished is the order."""
    tenant, subject = principal.tenant, wanted.subject
    if not wanted.active:
        raise Problem(409, _NOT_ACTIVE.code, _NOT_ACTIVE.detail.replace(REF, subject.ref))
    made = await store.insert(
        connection, now, f"ap-{uuid.uuid4()}", tenant, subject, wanted.calendars, principal.acting
    )
    if made is not None:
        await record(connection, now, entries.ordered(made))
        return made
    other = await store.running(connection, tenant)
    if other is None:
        raise Problem(409, _BUSY.code, "another one has just finished; send this again")
    if other.subject != subject:
        detail = _BUSY.detail.replace(_OTHER, other.subject.ref)
        raise Problem(409, _BUSY.code, detail, application=other.id)
    return other
