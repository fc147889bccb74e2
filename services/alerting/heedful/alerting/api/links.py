"""`/l/{token}`: the pages behind links in messages. The token is the proof; there is no API key."""

import math
import time
from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from heedful.alerting.links import pages
from heedful.alerting.links.following import Following
from heedful.alerting.links.link import PATH
from heedful.alerting.links.pacing import Pacing
from heedful.alerting.links.pages import Page
from heedful.common.http.route import Route


def router(
    following: Following, pacing: Pacing, clock: Callable[[], float] = time.monotonic
) -> APIRouter:
    """The pages. People open them, programs do not: they are no part of the API's document."""
    routes = APIRouter(route_class=Route, include_in_schema=False)

    def refused(request: Request) -> HTMLResponse | None:
        host = request.client.host if request.client else None
        wait = pacing.wait_seconds(host, clock())
        if not wait:
            return None
        answer = _answer(pages.too_often())
        answer.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        return answer

    @routes.api_route(PATH + "{token}", methods=["GET", "HEAD"])
    async def look_at_link(token: str, request: Request) -> HTMLResponse:
        """Asks for a click. Messengers fetch this page to show a preview, so it does nothing."""
        return refused(request) or _answer(pages.looked(await following.look(token)))

    @routes.post(PATH + "{token}")
    async def follow_link(token: str, request: Request) -> HTMLResponse:
        """Does what the link is for, as its member, and burns it."""
        return refused(request) or _answer(pages.followed(await following.follow(token)))

    return routes


def _answer(page: Page) -> HTMLResponse:
    return HTMLResponse(page.html, page.status, headers=dict(pages.HEADERS))
