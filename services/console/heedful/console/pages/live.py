"""`/board/events`: what happens while a page is open."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from heedful.common.security.keys import Scope
from heedful.console.live.events import events
from heedful.console.live.streams import Streams
from heedful.console.web import headers
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

PATH: Final = "/board/events"
_HEADERS: Final = {
    **headers.PAGE,
    # A proxy that collects an answer before it passes it on would keep a page waiting (nginx).
    "X-Accel-Buffering": "no",
}


def router(site: Site, streams: Streams) -> APIRouter:
    """The route of the stream."""
    routes = site.router()
    reader = site.allows(Scope.CASES_READ)

    @routes.get(PATH)
    async def board_events(request: Request, viewer: Annotated[Viewer, reader]) -> Response:
        if streams.full:
            return site.error_page(request, 503, "error.full.heading", "error.full.text")

        async def holds() -> bool:
            return await site.sessions.holds(viewer.token)

        async def sent() -> AsyncIterator[bytes]:
            with streams.listen(viewer.session.tenant) as listener:
                async for one in events(listener, holds, site.now):
                    yield one

        return StreamingResponse(sent(), media_type="text/event-stream", headers=_HEADERS)

    return routes
