"""`/applications/…`: a policy or a calendar that goes over to open cases, while it does."""

from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from heedful.common.security.keys import Scope
from heedful.console.upstream import applications
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/applications"


def router(site: Site) -> APIRouter:
    """The page of one, and the part of it that follows."""
    routes = site.router()
    reader = site.allows(Scope.CASES_READ)

    @routes.get(HOME + "/{application_id}")
    async def application_page(
        viewer: Annotated[Viewer, reader], application_id: str
    ) -> HTMLResponse:
        found = await applications.get(viewer.ask.alerting, application_id)
        return site.page(viewer, "documents/application.html", found=found)

    @routes.get(HOME + "/{application_id}/progress")
    async def application_progress(
        viewer: Annotated[Viewer, reader], application_id: str
    ) -> HTMLResponse:
        found = await applications.get(viewer.ask.alerting, application_id)
        return site.page(viewer, "documents/progress.html", found=found)

    return routes


def place(application_id: str) -> str:
    return f"{HOME}/{application_id}"
