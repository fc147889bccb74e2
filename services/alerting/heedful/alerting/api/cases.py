"""`/v1/cases` and the steps on them."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_queries
from heedful.alerting.actions import Actions
from heedful.alerting.api.models import (
    CaseDetail,
    CaseOut,
    LandBody,
    Noted,
    PlanBody,
    case_fields,
    clock_out,
    event_out,
)
from heedful.alerting.case import State, WrongTransition
from heedful.alerting.database import Database
from heedful.common.contracts import Actor, ActorType, Colour
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_NO_CASE = missing("case")
_STEP = refusing(
    _NO_CASE,
    Refusal(
        409,
        "wrong-state",
        "The state does not allow it; `allowed` names the states that do",
        "a case that is new cannot be closed",
        {"state": "new", "allowed": ["landed"]},
    ),
)


def router(database: Database, actions: Actions, auth: Authenticator) -> APIRouter:
    """The routes of cases."""
    routes = APIRouter(tags=["cases"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    may_write = Depends(auth.requires(Scope.CASES_WRITE))
    Reader = Annotated[Principal, may_read]  # noqa: N806  # a type
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    async def take(principal: Principal, case_id: str, step: Awaitable[bool]) -> CaseDetail:
        try:
            known = await step
        except WrongTransition as error:
            raise Problem(
                409,
                "wrong-state",
                str(error),
                state=error.state,
                allowed=list(error.allowed),
            ) from error
        if not known:
            raise not_found("case")
        async with database.begin() as (connection, _):
            return await _detail(connection, principal.tenant, case_id)

    @routes.get("/v1/cases")
    async def list_cases(
        principal: Reader,
        state: State | None = None,
        colour: Colour | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[CaseOut]:
        """Cases of the tenant, the newest first."""
        filters = {"state": state, "colour": colour}
        async with database.begin() as (connection, _):
            rows = await store_queries.page(
                connection, "cases", filters, principal.tenant, paging.after(cursor), limit
            )
            shown = rows[:limit]
            feedback = await store_queries.feedback_of(connection, [row.id for row in shown])
        more = len(rows) > limit
        return Page(
            items=[CaseOut.model_validate(case_fields(row, feedback[row.id])) for row in shown],
            next_cursor=paging.encoded(shown[-1].opened_at, shown[-1].id) if more else None,
        )

    @routes.get("/v1/cases/{case_id}", responses=refusing(_NO_CASE))
    async def get_case(case_id: str, principal: Reader) -> CaseDetail:
        """One case with its clocks and events."""
        async with database.begin() as (connection, _):
            return await _detail(connection, principal.tenant, case_id)

    @routes.post("/v1/cases/{case_id}/acknowledge", responses=_STEP)
    async def acknowledge_case(
        case_id: str, principal: Writer, body: Noted | None = None
    ) -> CaseDetail:
        """Somebody has seen it. The respond clock runs on until a person contacts the customer."""
        note = body.note if body else None
        step = actions.acknowledge(principal.tenant, case_id, _actor(principal), note)
        return await take(principal, case_id, step)

    @routes.post("/v1/cases/{case_id}/plan", responses=_STEP)
    async def plan_case(case_id: str, body: PlanBody, principal: Writer) -> CaseDetail:
        """An owner will do something by a date. Fulfils the plan clock."""
        step = actions.plan(
            principal.tenant, case_id, _actor(principal), body.owner, body.action, body.due
        )
        return await take(principal, case_id, step)

    @routes.post("/v1/cases/{case_id}/land", responses=_STEP)
    async def land_case(case_id: str, body: LandBody, principal: Writer) -> CaseDetail:
        """The improvement is in place. Fulfils the land clock."""
        step = actions.land(
            principal.tenant, case_id, _actor(principal), body.root_cause, body.action_taken
        )
        return await take(principal, case_id, step)

    @routes.post("/v1/cases/{case_id}/close", responses=_STEP)
    async def close_case(case_id: str, principal: Writer, body: Noted | None = None) -> CaseDetail:
        """Nothing is left to do. An unanswered customer's respond clock still runs."""
        note = body.note if body else None
        step = actions.close(principal.tenant, case_id, _actor(principal), note)
        return await take(principal, case_id, step)

    return routes


async def _detail(connection: AsyncConnection, tenant: str, case_id: str) -> CaseDetail:
    row = None if "\x00" in case_id else await store_queries.case(connection, tenant, case_id)
    if row is None:
        raise not_found("case")
    feedback = await store_queries.feedback_of(connection, [case_id])
    return CaseDetail.model_validate(
        {
            **case_fields(row, feedback[case_id]),
            "clocks": [
                clock_out(one) for one in await store_queries.clocks_of(connection, case_id)
            ],
            "events": [
                event_out(one) for one in await store_queries.events_of(connection, case_id)
            ],
        }
    )


def _actor(principal: Principal) -> Actor:
    """A key is a machine, whoever holds it."""
    return Actor(type=ActorType.SYSTEM, id=principal.key_id)
