"""`DELETE /v1/customers/{id}` and `/v1/erasures`: take a customer out, and see that it is done."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import ErasureReason, Remaining
from heedful.common.http import Page, Problem, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey import store_erasures, store_record
from heedful.journey.erasures import Erasures, UnknownCustomer
from heedful.journey.obeyed import Obeyed, obeyed
from heedful.journey.open_erasures import OVERDUE_AFTER
from heedful.journey.record import Entry
from heedful.journey.store_customers import SharedIdentifier
from heedful.journey.store_erasures import Stored

_ERASING = refusing(
    missing("customer"),
    Refusal(
        409,
        "shared-identifier",
        "The id stands for an identifier that several customers share",
        "this id stands for an identifier that several customers share; erase each of them by the "
        "id that /v1/customers?identifier=type:value gives",
    ),
)
_LOCATION: dict[str, Any] = {
    "description": "Where its progress is.",
    "schema": {"type": "string"},
    "example": "/v1/erasures/0b6f0f5e-4f0d-5d8e-9a53-3a9c8d0f1b11",
}


class ErasureState(StrEnum):
    PENDING = "pending"
    OVERDUE = "overdue"
    COMPLETE = "complete"


class ServiceView(BaseModel):
    """What one service has done."""

    service: str
    complete: bool = Field(description="It has given a receipt for every part.")
    receipts: int
    completed_at: datetime | None = Field(description="Time of its last receipt.")
    deleted: dict[str, int]
    remaining: list[Remaining] = Field(description="What goes by itself, and by when.")


class EntryView(BaseModel):
    """An entry of the signed record; `heedful erasure verify` checks it."""

    body: str
    digest: str
    signature: str


class ErasureView(BaseModel):
    """Holds nothing that leads to the customer."""

    id: str
    state: ErasureState
    requested_at: datetime
    requested_by: str
    reason: ErasureReason
    parts: int
    completed_at: datetime | None
    services: list[ServiceView]


class ErasureDetail(ErasureView):
    record: list[EntryView]
    public_key: str = Field(description="Ed25519, hexadecimal.")


def router(
    engine: AsyncEngine, erasures: Erasures, auth: Authenticator, clock: Callable[[], datetime]
) -> APIRouter:
    """The routes of erasures."""
    routes = APIRouter(tags=["privacy"], route_class=Route)
    may_erase = Depends(auth.requires(Scope.PRIVACY_ERASE))

    async def detail(tenant: str, erasure_id: str) -> ErasureDetail:
        async with engine.connect() as connection:
            found = await store_erasures.one(connection, tenant, erasure_id)
            if found is None:
                raise not_found("erasure")
            entries = (await store_record.of_erasures(connection, [found.id]))[found.id]
        return ErasureDetail(
            **_view(found, entries, clock()).model_dump(),
            record=[_entry(one) for one in entries],
            public_key=erasures.signer.public_key.hex(),
        )

    @routes.delete(
        "/v1/customers/{customer_id}",
        status_code=202,
        responses={**_ERASING, 202: {"headers": {"Location": _LOCATION}}},
    )
    async def erase_customer(
        customer_id: uuid.UUID,
        response: Response,
        principal: Annotated[Principal, may_erase],
        reason: ErasureReason = ErasureReason.REQUEST,
    ) -> ErasureDetail:
        """Erase a customer. Journey has deleted when this answers; the other services follow."""
        try:
            made = await erasures.request(principal.tenant, customer_id, principal.author, reason)
        except UnknownCustomer:
            raise not_found("customer") from None
        except SharedIdentifier:
            raise Problem(
                409,
                "shared-identifier",
                "this id stands for an identifier that several customers share; erase each of "
                "them by the id that /v1/customers?identifier=type:value gives",
            ) from None
        response.headers["Location"] = f"/v1/erasures/{made}"
        return await detail(principal.tenant, made)

    @routes.get("/v1/erasures")
    async def list_erasures(
        principal: Annotated[Principal, may_erase],
        state: Annotated[
            ErasureState | None,
            Query(description="overdue: not complete an hour after it was asked for."),
        ] = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[ErasureView]:
        """Erasures of the tenant, the newest first."""
        now = clock()
        async with engine.connect() as connection:
            found = await store_erasures.page(
                connection,
                principal.tenant,
                complete=None if state is None else state is ErasureState.COMPLETE,
                late=now - OVERDUE_AFTER if state is ErasureState.OVERDUE else None,
                after=paging.after(cursor),
                limit=limit + 1,
            )
            shown = found[:limit]
            entries = await store_record.of_erasures(connection, [one.id for one in shown])
        more = len(found) > limit
        return Page(
            items=[_view(one, entries[one.id], now) for one in shown],
            next_cursor=paging.encoded(shown[-1].requested_at, shown[-1].id) if more else None,
        )

    @routes.get("/v1/erasures/{erasure_id}", responses=refusing(missing("erasure")))
    async def get_erasure(
        erasure_id: uuid.UUID, principal: Annotated[Principal, may_erase]
    ) -> ErasureDetail:
        """One erasure with the receipts of every service, as they were signed."""
        return await detail(principal.tenant, str(erasure_id))

    return routes


def _view(stored: Stored, entries: Sequence[Entry], now: datetime) -> ErasureView:
    return ErasureView(
        id=stored.id,
        state=_state(stored, now),
        requested_at=stored.requested_at,
        requested_by=stored.requested_by,
        reason=ErasureReason(stored.reason),
        parts=stored.parts,
        completed_at=stored.completed_at,
        services=[_service(one) for one in obeyed(entries, stored.parts)],
    )


def _state(stored: Stored, now: datetime) -> ErasureState:
    if stored.completed_at is not None:
        return ErasureState.COMPLETE
    late = now - stored.asked_at > OVERDUE_AFTER
    return ErasureState.OVERDUE if late else ErasureState.PENDING


def _service(one: Obeyed) -> ServiceView:
    return ServiceView(
        service=one.service,
        complete=one.complete,
        receipts=one.receipts,
        completed_at=one.completed_at,
        deleted=dict(one.deleted),
        remaining=list(one.remaining),
    )


def _entry(entry: Entry) -> EntryView:
    return EntryView(body=entry.body, digest=entry.digest.hex(), signature=entry.signature.hex())
