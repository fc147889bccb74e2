"""`/v1/channels/{channel}/{connection_id}`: what a channel itself sends. It carries no API key: the
connection's id names the tenant, and the adapter proves the sender."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from heedful.common.http.openapi import Refusal, by_hand, refusing
from heedful.common.http.openapi.refusals import QUOTA_EXCEEDED, TOO_MANY, UNAVAILABLE
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.ingest.channels import ChannelRequest
from heedful.ingest.directory import Directory
from heedful.ingest.receiving import Receiver

_REFUSING = refusing(
    Refusal(
        400,
        "malformed",
        "Not in the vendor's shape; if it is proven, it is kept in quarantine",
        "data is not an object",
    ),
    Refusal(
        401,
        "unverified",
        "Not proven: no, a wrong or a stale signature",
        "no signature in webhook-signature fits the body",
    ),
    Refusal(
        404,
        "not-found",
        "There is no such connection, or it is not enabled",
        "there is no such connection",
        name="no-such-open-connection",
    ),
    TOO_MANY,
    QUOTA_EXCEEDED,
    UNAVAILABLE,
)
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The log or the quarantine has it. What stands in the answer is the "
        "channel's: by default how many items were taken, else what the vendor demands.",
        "content": {"*/*": {}},
    }
}
_BODY = by_hand(
    {
        "*/*": {
            "schema": {},
            "example": {
                "type": "voc.feedback.received.v1",
                "data": {"channel": "app", "text": "付款页面一直转圈，试了三次都不行"},
            },
        }
    }
)


def router(directory: Directory, receiver: Receiver) -> APIRouter:
    """The routes that vendors call."""
    routes = APIRouter(tags=["channels"], route_class=Route)

    async def receive(channel: str, connection_id: str, request: Request) -> Response:
        connection = await directory.connection(connection_id)
        if connection is None or connection.adapter.name != channel:
            raise not_found("connection")
        given = await _given(request)
        answer = await receiver.deliver(connection, given, request.state.traceparent)
        return Response(answer.body, status_code=answer.status, media_type=answer.media)

    @routes.post(
        "/v1/channels/{channel}/{connection_id}",
        response_class=Response,
        responses={**_REFUSING, **_ANSWER},
        openapi_extra=_BODY,
    )
    async def post_to_channel(channel: str, connection_id: str, request: Request) -> Response:
        """Take what a channel sends. 200 only after the log has it, or quarantine keeps it."""
        return await receive(channel, connection_id, request)

    @routes.get(
        "/v1/channels/{channel}/{connection_id}",
        response_class=Response,
        responses={**_REFUSING, **_ANSWER},
    )
    async def verify_channel(channel: str, connection_id: str, request: Request) -> Response:
        """Answer a vendor that verifies the URL."""
        return await receive(channel, connection_id, request)

    return routes


async def _given(request: Request) -> ChannelRequest:
    return ChannelRequest(
        method=request.method,
        query=_first(request.query_params.multi_items()),
        headers=_first(request.headers.items()),
        # Vendors verify with what is in the URL; a GET has no body (RFC 9110 §9.3.1).
        body=b"" if request.method == "GET" else await request.body(),
        received_at=datetime.now(UTC),
    )


def _first(items: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        found.setdefault(name, value)
    return found
