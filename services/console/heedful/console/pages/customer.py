"""`/customers/{id}`: who somebody is, where they stand, and what happened to them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.journeys.handles import handle
from heedful.console.personal.masking import masked
from heedful.console.personal.unmasking import note_unmasking
from heedful.console.upstream import cases, identities, labels, outlooks, profiles, touchpoints
from heedful.console.upstream.caller import Caller
from heedful.console.upstream.errors import NotThere
from heedful.console.upstream.profiles import Journey
from heedful.console.web.refusals import RoleTooLow
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer


def router(site: Site, engine: AsyncEngine) -> APIRouter:
    """The routes of one customer.

    Args:
        engine: of the console's own database, where it is kept who saw an identifier whole.
    """
    routes = site.router()
    reader = site.allows(Scope.JOURNEY_READ)

    @routes.get("/customers/{customer_id}")
    async def customer_page(
        customer_id: str,
        viewer: Annotated[Viewer, reader],
        refused: str = "",
        done: str = "",
    ) -> HTMLResponse:
        """Who they are and where they stand; timeline and sessions come by themselves."""
        journey = viewer.ask.journey
        profile, known, standing, lifecycle = await asyncio.gather(
            profiles.profile(journey, customer_id),
            identities.identities(journey, customer_id),
            _journey(journey, customer_id),
            touchpoints.stages(journey),
        )
        return site.page(
            viewer,
            "customers/customer.html",
            asked=customer_id,
            profile=profile,
            known=known,
            journey=standing,
            stages={one.code: one for one in lifecycle.stages},
            lifecycle=lifecycle.stages,
            masked=masked,
            handle=handle,
            whole=False,
            refused=refused,
            done=done,
        )

    @routes.post("/customers/{customer_id}/unmasked")
    async def unmask_customer(
        customer_id: str, viewer: Annotated[Viewer, reader], _: Annotated[FormData, site.form]
    ) -> HTMLResponse:
        """The identifiers whole, for a lead or a higher role; that they were seen is kept."""
        if not viewer.is_at_least("lead"):
            raise RoleTooLow(Scope.JOURNEY_WRITE)
        known = await identities.identities(viewer.ask.journey, customer_id)
        await note_unmasking(engine, viewer.session, "customer", known.id, site.now())
        return site.page(
            viewer,
            "customers/identifiers.html",
            known=known,
            masked=masked,
            handle=handle,
            whole=True,
        )

    @routes.get("/customers/{customer_id}/timeline")
    async def customer_timeline(
        customer_id: str, viewer: Annotated[Viewer, reader], cursor: str | None = None
    ) -> HTMLResponse:
        """A page of what happened, as a part."""
        found, topics = await asyncio.gather(
            profiles.timeline(viewer.ask.journey, customer_id, cursor),
            labels.topics(viewer.ask.nlp, viewer.preference.language),
        )
        said = [(one.source, one.id) for one in found.items if one.kind == "feedback"]
        return site.page(
            viewer,
            "customers/timeline.html",
            cases_of=await cases.about(viewer.ask.alerting, said),
            customer_id=customer_id,
            found=found,
            topics=topics,
            first=cursor is None,
        )

    @routes.get("/customers/{customer_id}/outlook")
    async def customer_outlook(customer_id: str, viewer: Annotated[Viewer, reader]) -> HTMLResponse:
        """What their journey shows and what they have bought, as a part."""
        journey = viewer.ask.journey
        found, value = await asyncio.gather(
            outlooks.signals(journey, customer_id), outlooks.value(journey, customer_id)
        )
        return site.page(viewer, "customers/outlook.html", signals=found.signals, value=value)

    @routes.get("/customers/{customer_id}/sessions")
    async def customer_sessions(
        customer_id: str, viewer: Annotated[Viewer, reader], cursor: str | None = None
    ) -> HTMLResponse:
        """A page of sessions, as a part."""
        journey = viewer.ask.journey
        found, lifecycle, topics = await asyncio.gather(
            profiles.sessions(journey, customer_id, cursor),
            touchpoints.stages(journey),
            labels.topics(viewer.ask.nlp, viewer.preference.language),
        )
        return site.page(
            viewer,
            "customers/sessions.html",
            customer_id=customer_id,
            found=found,
            stages={one.code: one for one in lifecycle.stages},
            topics=topics,
        )

    return routes


async def _journey(journey: Caller, customer_id: str) -> Journey | None:
    """None: of a customer without events."""
    try:
        return await profiles.journey_of(journey, customer_id)
    except NotThere:
        return None
