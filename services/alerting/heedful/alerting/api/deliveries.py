"""`/v1/deliveries`: what was sent, and sending it again."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Row

from heedful.alerting import store_deliveries, store_endpoints, store_queries
from heedful.alerting.database import Database
from heedful.alerting.store_deliveries import DeliveryState
from heedful.alerting.webhook import EventType
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_REPLAY = refusing(
    missing("delivery"),
    Refusal(
        409,
        "endpoint-gone",
        "The endpoint was deleted or disabled",
        "the endpoint of this delivery was deleted or disabled",
    ),
)

CaseId = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


class AttemptOut(BaseModel):
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int


class DeliveryOut(BaseModel):
    id: str = Field(description="The webhook-id, the same on every try.")
    case_id: str
    endpoint_id: str
    type: EventType
    state: DeliveryState
    attempts: int
    due_at: datetime = Field(description="Of the next try, while pending.")
    created_at: datetime
    finished_at: datetime | None
    last_attempt: AttemptOut | None


def router(database: Database, auth: Authenticator, woken: Callable[[], None]) -> APIRouter:
    """The routes of deliveries."""
    routes = APIRouter(tags=["deliveries"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    may_write = Depends(auth.requires(Scope.ENDPOINTS_WRITE))

    @routes.get("/v1/deliveries")
    async def list_deliveries(
        principal: Annotated[Principal, may_read],
        case_id: CaseId = None,
        state: DeliveryState | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[DeliveryOut]:
        """Deliveries of the tenant, the newest first, each with its last try."""
        filters = {"case_id": case_id, "state": state}
        async with database.begin() as (connection, _):
            rows = await store_queries.page(
                connection, "deliveries", filters, principal.tenant, paging.after(cursor), limit
            )
            shown = rows[:limit]
            tries = await store_queries.last_attempts(connection, [row.id for row in shown])
        more = len(rows) > limit
        return Page(
            items=[_out(row, tries.get(row.id)) for row in shown],
            next_cursor=paging.encoded(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @routes.post("/v1/deliveries/{delivery_id}/replay", status_code=202, responses=_REPLAY)
    async def replay_delivery(
        delivery_id: str, principal: Annotated[Principal, may_write]
    ) -> DeliveryOut:
        """Send it again now, with the same id and body, from the start of the schedule."""
        if "\x00" in delivery_id:
            raise not_found("delivery")
        async with database.begin() as (connection, now):
            found = await store_queries.delivery(connection, principal.tenant, delivery_id)
            if found is None:
                raise not_found("delivery")
            if not await store_endpoints.is_enabled(connection, found.endpoint_id):
                raise Problem(
                    409, "endpoint-gone", "the endpoint of this delivery was deleted or disabled"
                )
            await store_deliveries.replay(connection, now, principal.tenant, delivery_id)
            again = await store_queries.delivery(connection, principal.tenant, delivery_id)
            tries = await store_queries.last_attempts(connection, [delivery_id])
        woken()
        return _out(again or found, tries.get(delivery_id))

    return routes


def _out(row: Row[Any], last: Row[Any] | None) -> DeliveryOut:
    return DeliveryOut(
        id=row.id,
        case_id=row.case_id,
        endpoint_id=row.endpoint_id,
        type=row.event_type,
        state=row.state,
        attempts=row.attempts,
        due_at=row.due_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
        last_attempt=None
        if last is None
        else AttemptOut(
            at=last.at, status=last.status, error=last.error, duration_ms=last.duration_ms
        ),
    )
