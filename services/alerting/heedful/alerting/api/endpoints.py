"""`/v1/endpoints`: where notices go."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from heedful.alerting import endpoint_changes, store_endpoints
from heedful.alerting.api.endpoint_models import (
    EndpointBody,
    EndpointMade,
    EndpointOut,
    EndpointPatch,
)
from heedful.alerting.api.endpoint_problems import (
    BAD_ACTION_LINKS,
    BAD_FAILOVER,
    BAD_SECRET,
    BAD_TEMPLATE,
    BAD_URL,
    NO_ENDPOINT,
    there,
    told,
)
from heedful.alerting.audit import record
from heedful.alerting.database import Database
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoints import Endpoints
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_UNSET = datetime.min.replace(tzinfo=UTC)


def router(database: Database, endpoints: Endpoints, auth: Authenticator) -> APIRouter:
    """The routes of endpoints."""
    routes = APIRouter(tags=["endpoints"], route_class=Route)
    may_write = Depends(auth.requires(Scope.ENDPOINTS_WRITE))
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post(
        "/v1/endpoints",
        status_code=201,
        responses=refusing(BAD_URL, BAD_SECRET, BAD_TEMPLATE, BAD_ACTION_LINKS, BAD_FAILOVER),
    )
    async def create_endpoint(body: EndpointBody, principal: Writer) -> EndpointMade:
        """Add an endpoint. Its secret is in this answer and nowhere else."""
        with told():
            made, secret = await endpoints.create(
                _wanted(body, principal.tenant), body.url, body.secret, principal.acting
            )
        return EndpointMade(**EndpointOut.of(made).model_dump(), secret=secret)

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
            items=[EndpointOut.of(one) for one in shown],
            next_cursor=paging.encoded(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @routes.get("/v1/endpoints/{endpoint_id}", responses=refusing(NO_ENDPOINT))
    async def get_endpoint(endpoint_id: str, principal: Writer) -> EndpointOut:
        """One endpoint, without its secret."""
        async with database.begin() as (connection, _):
            found = await store_endpoints.get(connection, principal.tenant, endpoint_id)
        return EndpointOut.of(there(found))

    @routes.patch(
        "/v1/endpoints/{endpoint_id}",
        responses=refusing(
            NO_ENDPOINT, BAD_URL, BAD_SECRET, BAD_TEMPLATE, BAD_ACTION_LINKS, BAD_FAILOVER
        ),
    )
    async def change_endpoint(
        endpoint_id: str, body: EndpointPatch, principal: Writer
    ) -> EndpointOut:
        """Change an endpoint. Disabling discards what waits for it; enabling begins anew."""
        given = body.model_fields_set
        url = body.url if "url" in given else None
        with told():
            changes = _changes(body, given - {"url"})
            found = await endpoints.change(
                principal.tenant, endpoint_id, url, changes, principal.acting
            )
        return EndpointOut.of(there(found))

    @routes.delete("/v1/endpoints/{endpoint_id}", status_code=204, responses=refusing(NO_ENDPOINT))
    async def delete_endpoint(endpoint_id: str, principal: Writer) -> None:
        """Remove an endpoint; what waits for it is discarded."""
        async with database.begin() as (connection, now):
            found = await store_endpoints.get(connection, principal.tenant, endpoint_id)
            gone = await store_endpoints.delete(connection, now, principal.tenant, endpoint_id)
            if found is None or not gone:
                raise not_found("endpoint")
            await record(connection, now, endpoint_changes.deleted(principal.acting, found))

    return routes


def _wanted(body: EndpointBody, tenant: str) -> Endpoint:
    return Endpoint(
        id="",
        tenant=tenant,
        url=body.url,
        description=body.description,
        events=tuple(dict.fromkeys(body.events)),
        enabled=body.enabled,
        created_at=_UNSET,
        kind=body.kind,
        audiences=tuple(dict.fromkeys(body.audiences)),
        language=body.language,
        failover=body.failover,
        fallback=body.fallback,
        storms=body.storms,
        keyword=body.keyword,
        timezone=body.timezone,
        own=None if body.template is None else body.template.templates(),
        action_links=body.action_links,
    )


def _changes(body: EndpointPatch, given: set[str]) -> dict[str, Any]:
    """Fields of an endpoint, of those that were given."""
    found: dict[str, Any] = {name: getattr(body, name) for name in given - {"template"}}
    for name in given & {"events", "audiences"}:
        found[name] = tuple(dict.fromkeys(found[name]))
    if "template" in given:
        found["own"] = None if body.template is None else body.template.templates()
    return found
