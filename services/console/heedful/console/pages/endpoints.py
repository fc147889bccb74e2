"""`/delivery`: endpoints and their forms."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.http.problems import not_found
from heedful.common.security.keys import Scope
from heedful.console.delivery.form import EndpointForm
from heedful.console.delivery.kinds import AUDIENCES, EVENTS, KINDS, Kind
from heedful.console.upstream import endpoints
from heedful.console.upstream.endpoints import Endpoint, MadeEndpoint
from heedful.console.upstream.errors import Conflict, Invalid
from heedful.console.web.faults import Fault, faults
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/delivery"
_OTHERS: Final = 200
"""Endpoints that can be chosen to stand in for one."""


def router(site: Site) -> APIRouter:
    """The routes of endpoints; what is done with one is in endpoint_steps.py."""
    routes = site.router()
    keeper = site.allows(Scope.ENDPOINTS_WRITE)

    @routes.get(HOME)
    async def delivery_page(
        viewer: Annotated[Viewer, keeper], cursor: str | None = None, done: str | None = None
    ) -> HTMLResponse:
        found = await endpoints.listed(viewer.ask.alerting, cursor)
        return site.page(viewer, "delivery.html", found=found, done=done)

    @routes.get(HOME + "/new")
    async def new_endpoint(
        viewer: Annotated[Viewer, keeper], kind: str | None = None
    ) -> HTMLResponse:
        if kind is None:
            return site.page(viewer, "delivery/kinds.html", kinds=KINDS.values())
        return await _empty(site, viewer, kind_of(kind), EndpointForm())

    @routes.post(HOME + "/new")
    async def make_endpoint(
        viewer: Annotated[Viewer, keeper],
        form: Annotated[FormData, site.form],
        kind: Annotated[str, Query()],
    ) -> HTMLResponse:
        chosen, typed = kind_of(kind), EndpointForm.typed(form)
        try:
            made = await endpoints.make(viewer.ask.alerting, typed.made(chosen))
        except (Invalid, Conflict) as error:
            return await _empty(site, viewer, chosen, typed, faults(error))
        return secret_page(site, viewer, made, "made")

    @routes.get(HOME + "/endpoints/{endpoint_id}")
    async def endpoint_page(
        viewer: Annotated[Viewer, keeper], endpoint_id: str, done: str | None = None
    ) -> HTMLResponse:
        found = await endpoints.get(viewer.ask.alerting, endpoint_id)
        return await one_page(site, viewer, found, done=done)

    @routes.post(HOME + "/endpoints/{endpoint_id}")
    async def change_endpoint(
        viewer: Annotated[Viewer, keeper],
        form: Annotated[FormData, site.form],
        endpoint_id: str,
    ) -> Response:
        found = await endpoints.get(viewer.ask.alerting, endpoint_id)
        typed = EndpointForm.typed(form)
        try:
            body = typed.changed(kind_of(found.kind))
            await endpoints.change(viewer.ask.alerting, found.id, body)
        except (Invalid, Conflict) as error:
            return await one_page(site, viewer, found, typed, faults(error))
        return to(place(found.id), done="changed")

    return routes


def place(endpoint_id: str) -> str:
    return f"{HOME}/endpoints/{endpoint_id}"


def kind_of(name: str) -> Kind:
    """
    Raises:
        Problem: 404, no kind is called so.
    """
    found = KINDS.get(name)
    if found is None:
        raise not_found("kind of endpoint")
    return found


async def one_page(
    site: Site,
    viewer: Viewer,
    found: Endpoint,
    typed: EndpointForm | None = None,
    wrong: Sequence[Fault] = (),
    done: str | None = None,
) -> HTMLResponse:
    """The page of one endpoint: as it is, or as somebody filled in its form."""
    kind = kind_of(found.kind)
    others = await endpoints.listed(viewer.ask.alerting, limit=_OTHERS)
    return site.page(
        viewer,
        "delivery/endpoint.html",
        status=422 if wrong else 200,
        endpoint=found,
        kind=kind,
        typed=typed or EndpointForm.of(found, kind),
        wrong=wrong,
        done=done,
        others=[one for one in others.items if one.id != found.id],
        events=EVENTS,
        audiences=AUDIENCES,
    )


def secret_page(site: Site, viewer: Viewer, made: MadeEndpoint, done: str) -> HTMLResponse:
    """The only page that ever shows a secret: the answer to the form itself, kept nowhere."""
    return site.page(viewer, "delivery/secret.html", endpoint=made, done=done)


async def _empty(
    site: Site, viewer: Viewer, kind: Kind, typed: EndpointForm, wrong: Sequence[Fault] = ()
) -> HTMLResponse:
    others = await endpoints.listed(viewer.ask.alerting, limit=_OTHERS)
    return site.page(
        viewer,
        "delivery/new.html",
        status=422 if wrong else 200,
        kind=kind,
        typed=typed,
        wrong=wrong,
        others=others.items,
        events=EVENTS,
        audiences=AUDIENCES,
    )
