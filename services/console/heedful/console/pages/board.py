"""`/board`: what is open, and what runs out next."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from heedful.common.security.keys import Scope
from heedful.console.upstream import cases
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer


def router(site: Site) -> APIRouter:
    """The routes of the board."""
    routes = site.router()
    reader = site.allows(Scope.CASES_READ)

    @routes.get("/board")
    async def board_page(
        viewer: Annotated[Viewer, reader], cursor: str | None = None
    ) -> HTMLResponse:
        found = await cases.listed(viewer.ask.alerting, cursor=cursor)
        return site.page(viewer, "board.html", found=found)

    return routes
