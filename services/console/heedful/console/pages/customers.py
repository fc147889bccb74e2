"""`/customers`: look somebody up, see where customers stand, and which may be one person."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from heedful.common.contracts import IdentifierType
from heedful.common.security.keys import Scope
from heedful.console.personal.masking import masked
from heedful.console.upstream import identities, profiles, touchpoints
from heedful.console.upstream.caller import Caller
from heedful.console.upstream.errors import Invalid
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_PATH: Final = "/customers"
_MOST_CHARS: Final = 300
_KINDS: Final = tuple(one.value for one in IdentifierType)


def router(site: Site) -> APIRouter:
    """The routes of looking customers up."""
    routes = site.router()
    reader = site.allows(Scope.JOURNEY_READ)

    @routes.get(_PATH)
    async def customers_page(
        viewer: Annotated[Viewer, reader], stage: str = "", stuck: bool | None = None
    ) -> HTMLResponse:
        """Look somebody up; pairs to decide on and journeys come by themselves."""
        lifecycle = await touchpoints.stages(viewer.ask.journey)
        return site.page(
            viewer,
            "customers.html",
            kinds=_KINDS,
            stages=lifecycle.stages,
            stage=stage,
            stuck=stuck,
            found=None,
            given=("customer_id", ""),
        )

    @routes.post("/customers/find")
    async def find_customer(
        viewer: Annotated[Viewer, reader], form: Annotated[FormData, site.form]
    ) -> Response:
        """By an identifier, which is sent in the body so that no log has it."""
        kind, value = str(form.get("kind", "")), str(form.get("value", "")).strip()
        journey = viewer.ask.journey
        lifecycle, found = await asyncio.gather(
            touchpoints.stages(journey), _with_identifier(journey, kind, value)
        )
        if found is not None and len(found.items) == 1:
            return RedirectResponse(f"{_PATH}/{found.items[0].id}", HTTPStatus.SEE_OTHER)
        return site.page(
            viewer,
            "customers.html",
            kinds=_KINDS,
            stages=lifecycle.stages,
            stage="",
            stuck=None,
            found=[] if found is None else found.items,
            given=(kind, value),
            masked=masked,
        )

    @routes.get("/customers/standing")
    async def customers_standing(
        viewer: Annotated[Viewer, reader],
        stage: str = "",
        stuck: bool | None = None,
        cursor: str | None = None,
    ) -> HTMLResponse:
        """A page of where customers stand, as a part."""
        journey = viewer.ask.journey
        lifecycle, found = await asyncio.gather(
            touchpoints.stages(journey),
            profiles.standings(journey, stage or None, stuck, cursor),
        )
        return site.page(
            viewer,
            "customers/standing.html",
            found=found,
            stages={one.code: one for one in lifecycle.stages},
            stage=stage,
            stuck=stuck,
        )

    @routes.get("/customers/suggestions")
    async def customers_suggested(
        viewer: Annotated[Viewer, reader], cursor: str | None = None
    ) -> HTMLResponse:
        """A page of pairs that may be one person, as a part."""
        found = await identities.suggestions(viewer.ask.journey, cursor)
        return site.page(viewer, "customers/suggestions.html", found=found)

    return routes


async def _with_identifier(journey: Caller, kind: str, value: str) -> profiles.ListedPage | None:
    """None: what was written names nobody."""
    if kind not in _KINDS or not value or len(value) > _MOST_CHARS:
        return None
    try:
        return await profiles.with_identifier(journey, kind, value)
    except Invalid:
        return None
