"""What is done with a version of a calendar: its moves previewed, activated, applied."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.pages.applications import place
from heedful.console.pages.calendars import HOME, Name, Number
from heedful.console.upstream import calendars
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_MOST_HOURS: Final = 9600


def router(site: Site) -> APIRouter:
    """The routes of these steps; the first three change nothing."""
    routes = site.router()
    reader, writer = site.allows(Scope.CASES_READ), site.allows(Scope.POLICIES_WRITE)
    one = HOME + "/{name}/versions/{number}"

    @routes.get(one + "/preview")
    async def preview_calendar(
        viewer: Annotated[Viewer, reader],
        name: Name,
        number: Number,
        of: Annotated[str, Query(pattern=r"^[a-z0-9-]{0,64}$")] = "",
    ) -> HTMLResponse:
        found = await calendars.preview(viewer.ask.alerting, name, number, of or None)
        return site.page(viewer, "calendars/preview.html", preview=found)

    @routes.get(one + "/due")
    async def due_in_calendar(
        viewer: Annotated[Viewer, reader],
        name: Name,
        number: Number,
        hours: Annotated[float, Query(gt=0, le=_MOST_HOURS, allow_inf_nan=False)],
        start: datetime,
    ) -> HTMLResponse:
        version = await calendars.version(viewer.ask.alerting, name, number)
        if start.tzinfo is None:
            start = start.replace(tzinfo=ZoneInfo(version.shown.zone))
        found = await calendars.due(
            viewer.ask.alerting, name, number, start, timedelta(hours=hours)
        )
        return site.page(viewer, "calendars/due.html", due=found, zone=ZoneInfo(version.shown.zone))

    @routes.post(one + "/apply/preview", dependencies=[site.form])
    async def preview_applied(
        viewer: Annotated[Viewer, writer], name: Name, number: Number
    ) -> HTMLResponse:
        found = await calendars.apply(viewer.ask.alerting, name, number, dry_run=True)
        return site.page(viewer, "documents/preview.html", preview=found.preview)

    @routes.post(one + "/apply", dependencies=[site.form])
    async def apply_calendar(
        viewer: Annotated[Viewer, writer], name: Name, number: Number
    ) -> Response:
        found = await calendars.apply(viewer.ask.alerting, name, number, dry_run=False)
        if found.application is None:
            return to(f"{HOME}/{name}", version=number, done="applied")
        return to(place(found.application.id))

    @routes.post(one + "/activate", dependencies=[site.form])
    async def activate_calendar(
        viewer: Annotated[Viewer, writer], name: Name, number: Number
    ) -> Response:
        await calendars.activate(viewer.ask.alerting, name, number)
        return to(f"{HOME}/{name}", version=number, done="activated")

    @routes.post(HOME)
    async def name_calendar(
        viewer: Annotated[Viewer, writer], form: Annotated[FormData, site.form]
    ) -> Response:
        name = str(form.get("name", "")).strip().lower()
        return to(f"{HOME}/{name}/edit", new="true")

    return routes
