"""`/v1/channels/{channel}/{connection_id}`: what a channel itself sends. It carries no API key: the
connection's id names the tenant, and the adapter proves the sender."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.ingest.channels.base import ChannelRequest
from heedful.ingest.directory import Directory
from heedful.ingest.receiving import Receiver

_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "Proven, but not in the vendor's shape; it is kept in quarantine"},
    401: {"description": "Not proven: no, a wrong or a stale signature"},
    404: {"description": "No such connection, or it is not enabled"},
    429: {"description": "The quota of the connection or its tenant is used up"},
    503: {"description": "The log is slow or absent; Retry-After says when to send again"},
}


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

    @routes.post("/v1/channels/{channel}/{connection_id}", responses=_RESPONSES)
    async def post(channel: str, connection_id: str, request: Request) -> Response:
        """Take what a channel sends. 200 only after the log has it, or quarantine keeps it."""
        return await receive(channel, connection_id, request)

    @routes.get("/v1/channels/{channel}/{connection_id}", responses=_RESPONSES)
    async def get(channel: str, connection_id: str, request: Request) -> Response:
        """Answer a vendor that verifies the URL."""
        return await receive(channel, connection_id, request)

    return routes


async def _given(request: Request) -> ChannelRequest:
    return ChannelRequest(
        method=request.method,
        query=_first(request.query_params.multi_items()),
        headers=_first(request.headers.items()),
        body=await request.body(),
        received_at=datetime.now(UTC),
    )


def _first(items: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        found.setdefault(name, value)
    return found
