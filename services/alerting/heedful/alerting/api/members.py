"""`/v1/members`: the people of a tenant."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.api.member_models import (
    AbsencesBody,
    MemberBody,
    MemberOut,
    MembersBody,
    Synced,
    shown,
)
from heedful.alerting.audit import record
from heedful.alerting.database import Database
from heedful.alerting.people import Member, Position, changes, directory, store
from heedful.alerting.people.directory import Change, Plan, TooManyMembers, UnknownDeputy
from heedful.common.contracts import Name
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator, require_role_of_people
from heedful.common.http.openapi import ROLE_REQUIRED, Refusal, missing, refusing
from heedful.common.http.pagination import Cursor
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Role, Scope

_NO_MEMBER = missing("member")
_UNKNOWN_DEPUTY = Refusal(
    422,
    "unknown-deputy",
    "A deputy is no other member; `members` have such a one",
    "1 members have a deputy who is no other member; add the deputies first, or all at once",
    {"members": ["wang.fang"]},
)
_TOO_MANY = Refusal(
    409,
    "too-many-members",
    "The tenant would have more members than are possible",
    "a tenant has at most 5000 members",
)
_SHOWN = 20


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The routes of members."""
    routes = APIRouter(tags=["members"], route_class=Route)
    may_read = Depends(auth.requires(Scope.MEMBERS_READ))
    may_write = Depends(auth.requires(Scope.MEMBERS_WRITE))
    may_leave = Depends(auth.requires_any((Scope.MEMBERS_WRITE, Scope.CASES_WRITE)))
    Reader = Annotated[Principal, may_read]  # noqa: N806  # a type
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type
    Leaver = Annotated[Principal, may_leave]  # noqa: N806  # a type

    @routes.get("/v1/members")
    async def list_members(
        principal: Reader,
        position: Position | None = None,
        team: Name | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[MemberOut]:
        """Members by their ids. Of a team are also those who work for all teams."""
        after = None if cursor is None else Cursor.decode(cursor, 1)[0]
        async with database.begin() as (connection, now):
            rows = await store.page(
                connection,
                principal.tenant,
                after=after,
                limit=limit + 1,
                position=position,
                team=team,
            )
        found, more = rows[:limit], len(rows) > limit
        return Page(
            items=[shown(one, now) for one in found],
            next_cursor=Cursor.encode(found[-1].id) if more else None,
        )

    @routes.put("/v1/members", responses=refusing(ROLE_REQUIRED, _UNKNOWN_DEPUTY, _TOO_MANY))
    async def put_members(body: MembersBody, principal: Writer) -> Synced:
        """Make the members of a directory be as they are there, all or nothing.

        A machine may do so, or a manager.
        """
        require_role_of_people(principal, Role.MANAGER)
        async with database.begin() as (connection, now):
            plan = await _planned(
                directory.sync(
                    connection,
                    now,
                    principal.tenant,
                    [one.given(one.id) for one in body.members],
                    remove_missing=body.remove_missing,
                )
            )
            await _audited(connection, now, principal, plan.changes)
        return Synced(
            created=plan.created,
            updated=plan.updated,
            unchanged=plan.unchanged,
            removed=plan.removed,
        )

    @routes.get("/v1/members/{member_id}", responses=refusing(_NO_MEMBER))
    async def get_member(member_id: Name, principal: Reader) -> MemberOut:
        """One member."""
        async with database.begin() as (connection, now):
            found = await store.get(connection, principal.tenant, member_id)
        return shown(_known(found), now)

    @routes.put(
        "/v1/members/{member_id}", responses=refusing(ROLE_REQUIRED, _UNKNOWN_DEPUTY, _TOO_MANY)
    )
    async def put_member(member_id: Name, body: MemberBody, principal: Writer) -> MemberOut:
        """Make a member, or change one. A machine may do so, or a manager."""
        require_role_of_people(principal, Role.MANAGER)
        async with database.begin() as (connection, now):
            given = [body.given(member_id)]
            plan = await _planned(directory.sync(connection, now, principal.tenant, given))
            stored = await store.get(connection, principal.tenant, member_id)
            await _audited(connection, now, principal, plan.changes)
        return shown(_known(stored), now)

    @routes.put("/v1/members/{member_id}/absences", responses=refusing(ROLE_REQUIRED, _NO_MEMBER))
    async def put_absences(member_id: Name, body: AbsencesBody, principal: Leaver) -> MemberOut:
        """When a member is away. Everybody says so of themselves; a lead, or a machine with
        `members:write`, of others."""
        _may_set_absences(principal, member_id)
        absences = [one.absence() for one in body.absences]
        async with database.begin() as (connection, now):
            change = await directory.set_absences(
                connection, now, principal.tenant, member_id, absences
            )
            await _audited(connection, now, principal, [change] if change else [])
        return shown(_known(change.after if change else None), now)

    @routes.delete(
        "/v1/members/{member_id}", status_code=204, responses=refusing(ROLE_REQUIRED, _NO_MEMBER)
    )
    async def delete_member(member_id: Name, principal: Writer) -> None:
        """Remove a member. Their links end, and who had them as a deputy has none then."""
        require_role_of_people(principal, Role.MANAGER)
        async with database.begin() as (connection, now):
            change = await directory.remove(connection, principal.tenant, member_id)
            await _audited(connection, now, principal, [change] if change else [])
        _known(change.before if change else None)

    return routes


async def _audited(
    connection: AsyncConnection, now: datetime, principal: Principal, made: Sequence[Change]
) -> None:
    """Last in the transaction: it holds the tenant's chain until the commit."""
    entries = [changes.entry(principal.tenant, principal.acting, one) for one in made]
    await record(connection, now, *entries)


def _known(member: Member | None) -> Member:
    if member is None:
        raise not_found("member")
    return member


def _may_set_absences(principal: Principal, member_id: str) -> None:
    if principal.actor is not None and principal.actor.id == member_id:
        return
    if not principal.may(Scope.MEMBERS_WRITE):
        raise Problem(
            403,
            "forbidden",
            "without the scope members:write only the member says so, with a token of theirs",
        )
    require_role_of_people(principal, Role.LEAD)


async def _planned(syncing: Awaitable[Plan]) -> Plan:
    try:
        return await syncing
    except UnknownDeputy as error:
        raise Problem(
            422,
            "unknown-deputy",
            f"{error}; add the deputies first, or all at once",
            members=list(error.members[:_SHOWN]),
        ) from error
    except TooManyMembers as error:
        raise Problem(409, "too-many-members", str(error)) from error
