"""`/v1/audit`: who changed what in alerting."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Row

from heedful.alerting.audit import store_entries
from heedful.alerting.audit.store_entries import Wanted
from heedful.alerting.database import Database
from heedful.common.contracts import Actor, ActorType, WrittenTime
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.pagination import Cursor
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_LONGEST = 19

Named = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


class SubjectOut(BaseModel):
    kind: str = Field(examples=["endpoint"])
    id: str


class EntryOut(BaseModel):
    """One change. `position` counts from 1 without gaps within the tenant."""

    position: int
    at: datetime
    actor: Actor
    request_id: str | None = Field(description="Trace id of the request, as in the logs.")
    action: str = Field(examples=["endpoint.created"])
    subject: SubjectOut
    before: dict[str, Any] | None = Field(description="Without secrets; null: there was nothing.")
    after: dict[str, Any] | None = Field(description="Without secrets; null: nothing is left.")
    hash: str = Field(description="Of its link in the chain, in hexadecimal.")


def router(database: Database, auth: Authenticator) -> APIRouter:
    """The route of the audit."""
    routes = APIRouter(tags=["audit"], route_class=Route)
    may_read = Depends(auth.requires(Scope.AUDIT_READ))

    @routes.get("/v1/audit")
    async def list_audit(
        principal: Annotated[Principal, may_read],
        subject_kind: Named = None,
        subject_id: Named = None,
        actor: Named = None,
        action: Named = None,
        since: WrittenTime | None = None,
        until: WrittenTime | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[EntryOut]:
        """Administrative changes of the tenant, the newest first; `until` is not included.

        What happens to a case stands in its own events.
        """
        wanted = Wanted(
            subject_kind=subject_kind,
            subject_id=subject_id,
            actor_id=actor,
            action=action,
            since=since,
            until=until,
        )
        async with database.begin() as (connection, _):
            rows = await store_entries.page(
                connection, principal.tenant, wanted, _before(cursor), limit + 1
            )
        shown, more = rows[:limit], len(rows) > limit
        return Page(
            items=[_out(row) for row in shown],
            next_cursor=Cursor.encode(str(shown[-1].position)) if more else None,
        )

    return routes


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (position,) = Cursor.decode(cursor, 1)
    if not (position.isascii() and position.isdecimal() and len(position) < _LONGEST):
        raise paging.bad_cursor()
    return int(position)


def _out(row: Row[Any]) -> EntryOut:
    return EntryOut(
        position=row.position,
        at=row.at,
        actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
        request_id=row.request_id,
        action=row.action,
        subject=SubjectOut(kind=row.subject_kind, id=row.subject_id),
        before=row.before,
        after=row.after,
        hash=bytes(row.hash).hex(),
    )
