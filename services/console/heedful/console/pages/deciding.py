"""`/customers/{id}/merge` and the like: people say who is who, with a reason."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.journeys.handles import named
from heedful.console.upstream import identities
from heedful.console.upstream.errors import Conflict
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_MOST_CHARS: Final = 2000
_MOST_ID_CHARS: Final = 300


def router(site: Site) -> APIRouter:
    """The routes of decisions; a lead, or a higher role, takes them."""
    routes = site.router()
    writer = site.allows(Scope.JOURNEY_WRITE)

    @routes.post("/customers/{customer_id}/merge")
    async def merge_customer(
        customer_id: str, viewer: Annotated[Viewer, writer], form: Annotated[FormData, site.form]
    ) -> Response:
        two_ids = form.get("two_customer_ids") == "true"
        step = identities.merge(
            viewer.ask.journey, customer_id, _other(form), _said(form), two_ids=two_ids
        )
        return await _decided(customer_id, step, "merged")

    @routes.post("/customers/{customer_id}/keep-apart")
    async def keep_customer_apart(
        customer_id: str, viewer: Annotated[Viewer, writer], form: Annotated[FormData, site.form]
    ) -> Response:
        step = identities.keep_apart(viewer.ask.journey, customer_id, _other(form), _said(form))
        return await _decided(customer_id, step, "kept_apart")

    @routes.post("/customers/{customer_id}/unmerge")
    async def unmerge_customer(
        customer_id: str, viewer: Annotated[Viewer, writer], form: Annotated[FormData, site.form]
    ) -> Response:
        """Identifiers are chosen by what stands for them: the form does not say them."""
        journey = viewer.ask.journey
        known = await identities.identities(journey, customer_id)
        parted = named(known.identifiers, {str(one) for one in form.getlist("identifier")})
        if not parted:
            return _to(customer_id, refused="no-identifier")
        step = identities.unmerge(journey, customer_id, parted, _said(form))
        return await _decided(customer_id, step, "unmerged")

    @routes.post("/customers/{customer_id}/decisions/{decision_id}/revoke")
    async def revoke_decision(
        customer_id: str,
        decision_id: str,
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
    ) -> Response:
        step = identities.revoke(viewer.ask.journey, decision_id, _said(form)["reason"])
        return await _decided(customer_id, step, "revoked")

    return routes


async def _decided(customer_id: str, step: Awaitable[object], done: str) -> Response:
    """Back to the customer, with what was done, or why it was not."""
    try:
        await step
    except Conflict as error:
        return _to(customer_id, refused=error.code)
    return _to(customer_id, done=done)


def _to(customer_id: str, **said: str) -> Response:
    query = "&".join(f"{name}={quote(value)}" for name, value in said.items())
    return RedirectResponse(f"/customers/{quote(customer_id)}?{query}", HTTPStatus.SEE_OTHER)


def _other(form: FormData) -> str:
    """An id, or the address of a customer's page that somebody copied."""
    return str(form.get("other", "")).strip().rpartition("/")[2][:_MOST_ID_CHARS]


def _said(form: FormData) -> dict[str, str]:
    given = {name: str(form.get(name, "")).strip()[:_MOST_CHARS] for name in ("reason", "evidence")}
    return {name: value for name, value in given.items() if value or name == "reason"}
