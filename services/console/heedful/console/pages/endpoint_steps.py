"""What is done with an endpoint: on and off, another secret, a preview, a test, deleted."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.pages.endpoints import HOME, one_page, place, secret_page
from heedful.console.upstream import endpoints
from heedful.console.upstream.errors import Invalid
from heedful.console.web.faults import faults
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer


def router(site: Site) -> APIRouter:
    """The routes of these steps."""
    routes = site.router()
    keeper = site.allows(Scope.ENDPOINTS_WRITE)
    one = HOME + "/endpoints/{endpoint_id}"

    @routes.post(one + "/enabled")
    async def switch_endpoint(
        viewer: Annotated[Viewer, keeper],
        form: Annotated[FormData, site.form],
        endpoint_id: str,
    ) -> Response:
        on = form.get("enabled") == "true"
        await endpoints.change(viewer.ask.alerting, endpoint_id, {"enabled": on})
        return to(place(endpoint_id), done="enabled" if on else "disabled")

    @routes.post(one + "/delete", dependencies=[site.form])
    async def delete_endpoint(viewer: Annotated[Viewer, keeper], endpoint_id: str) -> Response:
        await endpoints.delete(viewer.ask.alerting, endpoint_id)
        return to(HOME, done="deleted")

    @routes.post(one + "/rotate")
    async def rotate_secret(
        viewer: Annotated[Viewer, keeper],
        form: Annotated[FormData, site.form],
        endpoint_id: str,
    ) -> Response:
        given = str(form.get("secret", "")).strip() or None
        try:
            made = await endpoints.rotate(viewer.ask.alerting, endpoint_id, given)
        except Invalid as error:
            found = await endpoints.get(viewer.ask.alerting, endpoint_id)
            return await one_page(site, viewer, found, wrong=faults(error))
        return secret_page(site, viewer, made, "rotated")

    @routes.get(one + "/preview")
    async def preview_message(
        viewer: Annotated[Viewer, keeper], endpoint_id: str, event: str = "case.opened"
    ) -> HTMLResponse:
        shown = await endpoints.preview(viewer.ask.alerting, endpoint_id, event)
        return site.page(viewer, "delivery/preview.html", shown=shown)

    @routes.post(one + "/test", dependencies=[site.form])
    async def send_test(viewer: Annotated[Viewer, keeper], endpoint_id: str) -> Response:
        sent = await endpoints.test(viewer.ask.alerting, endpoint_id)
        return to(f"{HOME}/messages/{sent.id}", done="tested")

    return routes
