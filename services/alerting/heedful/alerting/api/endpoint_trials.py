"""Rotating an endpoint's secret, previewing its messages, sending it a test."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from heedful.alerting import store_queries
from heedful.alerting.api.deliveries import DeliveryOut
from heedful.alerting.api.endpoint_models import (
    EndpointMade,
    EndpointOut,
    PreviewBody,
    PreviewOut,
    RotationBody,
)
from heedful.alerting.api.endpoint_problems import (
    BAD_SECRET,
    BAD_TEMPLATE,
    DISABLED,
    NO_ENDPOINT,
    there,
    told,
)
from heedful.alerting.database import Database
from heedful.alerting.endpoints import Endpoints
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import refusing
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope


def router(
    database: Database, endpoints: Endpoints, auth: Authenticator, woken: Callable[[], None]
) -> APIRouter:
    """The routes that try an endpoint out."""
    routes = APIRouter(tags=["endpoints"], route_class=Route)
    may_write = Depends(auth.requires(Scope.ENDPOINTS_WRITE))
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("/v1/endpoints/{endpoint_id}/rotate", responses=refusing(NO_ENDPOINT, BAD_SECRET))
    async def rotate_secret(
        endpoint_id: str, principal: Writer, body: RotationBody | None = None
    ) -> EndpointMade:
        """Another secret. Webhooks carry two signatures until the old one is over."""
        wanted = body or RotationBody()
        overlap = timedelta(seconds=wanted.overlap_seconds)
        with told():
            found = await endpoints.rotate(
                principal.tenant, endpoint_id, wanted.secret, overlap, principal.acting
            )
        endpoint, secret = there(found)
        return EndpointMade(**EndpointOut.of(endpoint).model_dump(), secret=secret)

    @routes.post(
        "/v1/endpoints/{endpoint_id}/preview", responses=refusing(NO_ENDPOINT, BAD_TEMPLATE)
    )
    async def preview_message(
        endpoint_id: str, principal: Writer, body: PreviewBody | None = None
    ) -> PreviewOut:
        """A sample notice as the endpoint would get it; sends nothing."""
        wanted = body or PreviewBody()
        own = None if wanted.template is None else wanted.template.templates()
        with told():
            found = await endpoints.preview(principal.tenant, endpoint_id, wanted.type, own)
        message, sent = there(found)
        return PreviewOut(title=message.title, text=message.text, body=sent)

    @routes.post(
        "/v1/endpoints/{endpoint_id}/test",
        status_code=202,
        responses=refusing(NO_ENDPOINT, DISABLED),
    )
    async def test_endpoint(endpoint_id: str, principal: Writer) -> DeliveryOut:
        """Send a test notice the way that every notice goes; `/v1/deliveries` tells its fate."""
        with told():
            found = there(await endpoints.test(principal.tenant, endpoint_id))
        woken()
        async with database.begin() as (connection, _):
            row = await store_queries.delivery(connection, principal.tenant, found)
        return DeliveryOut.of(there(row), None)

    return routes
