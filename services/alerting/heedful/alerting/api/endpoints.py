"""`/v1/endpoints`: where webhooks go."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from heedful.alerting import store_endpoints, webhook
from heedful.alerting.database import Database
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.webhook import EventType
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.http.targets import refusal
from heedful.common.security import Principal, Scope, SecretBox

_NO_ENDPOINT = refusing(missing("endpoint"))
_BAD_URL = refusing(
    Refusal(
        422,
        "bad-url",
        "The URL can never be called",
        "url: this address is not a public one",
    )
)

Url = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^[^\x00\s]+$")]
Description = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class EndpointBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url
    description: Description | None = None
    events: list[EventType] = Field(
        default_factory=list, max_length=len(EventType), description="Empty: all of them."
    )
    enabled: StrictBool = True


class EndpointOut(BaseModel):
    id: str
    url: str
    description: str | None
    events: list[EventType]
    enabled: bool
    created_at: datetime


class EndpointMade(EndpointOut):
    secret: str = Field(description="Verifies signatures; shown only here.")


def router(
    database: Database, secrets: SecretBox, auth: Authenticator, *, allow_private: bool
) -> APIRouter:
    """The routes of endpoints."""
    routes = APIRouter(tags=["endpoints"], route_class=Route)
    may_write = Depends(auth.requires(Scope.ENDPOINTS_WRITE))
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("/v1/endpoints", status_code=201, responses=_BAD_URL)
    async def create_endpoint(body: EndpointBody, principal: Writer) -> EndpointMade:
        """Add an endpoint. Its secret is in this answer and nowhere else."""
        wrong = refusal(body.url, allow_private=allow_private)
        if wrong is not None:
            raise Problem(422, "bad-url", f"url: {wrong}")
        endpoint_id, secret = f"ep-{uuid.uuid4()}", webhook.new_secret()
        sealed = secrets.seal(secret.encode(), f"endpoint:{endpoint_id}")
        async with database.begin() as (connection, now):
            made = Endpoint(
                id=endpoint_id,
                tenant=principal.tenant,
                url=body.url,
                description=body.description,
                events=tuple(dict.fromkeys(body.events)),
                enabled=body.enabled,
                created_at=now,
            )
            await store_endpoints.insert(connection, made, sealed)
        return EndpointMade(**_out(made).model_dump(), secret=secret)

    @routes.get("/v1/endpoints")
    async def list_endpoints(
        principal: Writer, cursor: str | None = None, limit: paging.Limit = paging.DEFAULT
    ) -> Page[EndpointOut]:
        """The tenant's endpoints, the newest first, without secrets."""
        async with database.begin() as (connection, _):
            rows = await store_endpoints.page(
                connection, principal.tenant, paging.after(cursor), limit + 1
            )
        shown, more = rows[:limit], len(rows) > limit
        return Page(
            items=[_out(one) for one in shown],
            next_cursor=paging.encoded(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @routes.get("/v1/endpoints/{endpoint_id}", responses=_NO_ENDPOINT)
    async def get_endpoint(endpoint_id: str, principal: Writer) -> EndpointOut:
        """One endpoint, without its secret."""
        async with database.begin() as (connection, _):
            found = await store_endpoints.get(connection, principal.tenant, _known(endpoint_id))
        if found is None:
            raise not_found("endpoint")
        return _out(found)

    @routes.delete("/v1/endpoints/{endpoint_id}", status_code=204, responses=_NO_ENDPOINT)
    async def delete_endpoint(endpoint_id: str, principal: Writer) -> None:
        """Remove an endpoint; what waits for it is discarded."""
        async with database.begin() as (connection, now):
            gone = await store_endpoints.delete(
                connection, now, principal.tenant, _known(endpoint_id)
            )
        if not gone:
            raise not_found("endpoint")

    return routes


def _known(endpoint_id: str) -> str:
    if "\x00" in endpoint_id:
        raise not_found("endpoint")
    return endpoint_id


def _out(endpoint: Endpoint) -> EndpointOut:
    return EndpointOut(
        id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        events=list(endpoint.events),
        enabled=endpoint.enabled,
        created_at=endpoint.created_at,
    )
