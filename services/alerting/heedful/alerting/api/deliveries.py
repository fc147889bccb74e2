"""`/v1/deliveries`: what was sent, and sending it again."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Row

from heedful.alerting import store_deliveries, store_endpoints, store_queries
from heedful.alerting.api.event_names import EventName
from heedful.alerting.database import Database
from heedful.alerting.schedule import DeliveryState
from heedful.common.contracts import WrittenTime
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

_AT_ONCE = 1_000
_LOGGED = 100
_NO_NUL = r"^[^\x00]*$"

CaseId = Annotated[str | None, Query(max_length=200, pattern=_NO_NUL)]


class AttemptOut(BaseModel):
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int
    response: str | None = Field(
        description="The start of the answer's body, without what was sent and without secrets."
    )
    digest: str | None = Field(
        description="The message that carried this notice together with others."
    )

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        return cls(
            at=row.at,
            status=row.status,
            error=row.error,
            duration_ms=row.duration_ms,
            response=row.response,
            digest=row.digest,
        )


class DeliveryOut(BaseModel):
    id: str = Field(description="The webhook-id, the same on every try.")
    case_id: str
    endpoint_id: str
    type: EventName
    state: DeliveryState
    attempts: int
    due_at: datetime = Field(description="Of the next try, while pending.")
    created_at: datetime
    finished_at: datetime | None
    last_attempt: AttemptOut | None
    urgent: bool = Field(description="Of a red light: goes first, and fails over.")
    digest: str | None = Field(
        description="The message that carried it, when its robot's budget was short."
    )
    failed_over_to: str | None = Field(
        description="The delivery to another endpoint, because this one took too long."
    )
    failover_of: str | None = Field(description="The delivery that this one stands in for.")

    @classmethod
    def of(cls, row: Row[Any], last: Row[Any] | None) -> Self:
        return cls(
            id=row.id,
            case_id=row.case_id,
            endpoint_id=row.endpoint_id,
            type=EventName(row.event_type),
            state=row.state,
            attempts=row.attempts,
            due_at=row.due_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
            last_attempt=None if last is None else AttemptOut.of(last),
            urgent=row.urgent,
            digest=row.digest,
            failed_over_to=row.failed_over_to,
            failover_of=row.failover_of,
        )


class DeliveryDetail(DeliveryOut):
    log: list[AttemptOut] = Field(description="The last tries, the latest first.")


class Replayable(StrEnum):
    FAILED = "failed"
    DISCARDED = "discarded"
    DELIVERED = "delivered"


class ReplayBody(BaseModel):
    """Which deliveries; what is left out chooses all."""

    model_config = ConfigDict(extra="forbid")

    states: list[Replayable] = Field(
        default_factory=lambda: [Replayable.FAILED, Replayable.DISCARDED],
        min_length=1,
        max_length=len(Replayable),
    )
    endpoint_id: Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)] | None = None
    case_id: Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)] | None = None
    since: WrittenTime | None = Field(default=None, description="Made at this time or later.")
    until: WrittenTime | None = Field(default=None, description="Made before this time.")


class Replayed(BaseModel):
    replayed: int
    more: bool = Field(description="There may be others: ask again.")


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
            rows = await store_queries.deliveries(
                connection, filters, principal.tenant, paging.after(cursor), limit
            )
            shown = rows[:limit]
            tries = await store_queries.last_attempts(connection, [row.id for row in shown])
        more = len(rows) > limit
        return Page(
            items=[DeliveryOut.of(row, tries.get(row.id)) for row in shown],
            next_cursor=paging.encoded(shown[-1].created_at, shown[-1].id) if more else None,
        )

    # Before the paths of one delivery: who asks it for another method is told of this one.
    @routes.post("/v1/deliveries/replay", status_code=202)
    async def replay_deliveries(
        body: ReplayBody, principal: Annotated[Principal, may_write]
    ) -> Replayed:
        """Send again all that fits, at most 1,000 at once, of endpoints that are enabled."""
        chosen = body.model_dump(exclude={"states"})
        states = [one.value for one in body.states]
        async with database.begin() as (connection, now):
            count = await store_deliveries.replay_many(
                connection, now, principal.tenant, states, chosen, _AT_ONCE
            )
        woken()
        return Replayed(replayed=count, more=count == _AT_ONCE)

    @routes.get("/v1/deliveries/{delivery_id}", responses=refusing(missing("delivery")))
    async def get_delivery(
        delivery_id: str, principal: Annotated[Principal, may_read]
    ) -> DeliveryDetail:
        """One delivery with its tries."""
        async with database.begin() as (connection, _):
            found = await store_queries.delivery(connection, principal.tenant, delivery_id)
            if found is None:
                raise not_found("delivery")
            tries = await store_queries.attempts(connection, delivery_id, _LOGGED)
        shown = DeliveryOut.of(found, tries[0] if tries else None)
        return DeliveryDetail(**shown.model_dump(), log=[AttemptOut.of(one) for one in tries])

    @routes.post("/v1/deliveries/{delivery_id}/replay", status_code=202, responses=_REPLAY)
    async def replay_delivery(
        delivery_id: str, principal: Annotated[Principal, may_write]
    ) -> DeliveryOut:
        """Send it again now, with the same id and body, from the start of the schedule."""
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
        return DeliveryOut.of(again or found, tries.get(delivery_id))

    return routes
