"""What is done with a version of a policy: tried, run over the past, activated, applied."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.pages.applications import place
from heedful.console.pages.policies import HOME, Version
from heedful.console.upstream import policies
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

DAYS: Final = (7, 30, 90)
_ONE: Final = ("colour", "channel", "touchpoint", "department", "tier", "intent")
_MANY: Final = ("topics", "urgencies")


def router(site: Site) -> APIRouter:
    """The routes of these steps; the first three change nothing."""
    routes = site.router()
    reader, writer = site.allows(Scope.CASES_READ), site.allows(Scope.POLICIES_WRITE)
    one = HOME + "/{version}"

    @routes.post(one + "/try")
    async def try_policy(
        viewer: Annotated[Viewer, reader],
        form: Annotated[FormData, site.form],
        version: Version,
    ) -> HTMLResponse:
        item = _item(form, site.now())
        found = await policies.tried(viewer.ask.alerting, version, item)
        return site.page(viewer, "policies/tried.html", tried=found)

    @routes.post(one + "/dry-run")
    async def run_dry(
        viewer: Annotated[Viewer, reader],
        form: Annotated[FormData, site.form],
        version: Version,
    ) -> HTMLResponse:
        text = str(form.get("days", ""))
        days = int(text) if text in map(str, DAYS) else DAYS[0]
        found = await policies.dry_run(viewer.ask.alerting, version, days)
        return site.page(viewer, "policies/dry_run.html", run=found)

    @routes.post(one + "/apply/preview", dependencies=[site.form])
    async def preview_policy(viewer: Annotated[Viewer, writer], version: Version) -> HTMLResponse:
        found = await policies.apply(viewer.ask.alerting, version, dry_run=True)
        return site.page(viewer, "documents/preview.html", preview=found.preview)

    @routes.post(one + "/apply", dependencies=[site.form])
    async def apply_policy(viewer: Annotated[Viewer, writer], version: Version) -> Response:
        found = await policies.apply(viewer.ask.alerting, version, dry_run=False)
        if found.application is None:
            return to(f"{HOME}/{version}", done="applied")
        return to(place(found.application.id))

    @routes.post(one + "/activate", dependencies=[site.form])
    async def activate_policy(viewer: Annotated[Viewer, writer], version: Version) -> Response:
        await policies.activate(viewer.ask.alerting, version)
        return to(f"{HOME}/{version}", done="activated")

    return routes


def _item(form: FormData, now: datetime) -> dict[str, Any]:
    """The body of a try: fields that are empty are left out."""
    item: dict[str, Any] = {"received_at": now.isoformat()}
    for name in _ONE:
        if value := str(form.get(name, "")).strip():
            item[name] = value
    for name in _MANY:
        if values := [one.strip() for one in str(form.get(name, "")).split(",") if one.strip()]:
            item[name] = values
    if "needs_response" in form:
        item["needs_response"] = True
    return item
