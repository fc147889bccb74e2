"""`/delivery/messages`: what was sent, every try of it, and sending it again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.pages.endpoints import HOME as DELIVERY
from heedful.console.upstream import deliveries, endpoints
from heedful.console.upstream.endpoints import Endpoint
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = DELIVERY + "/messages"
STATES: Final = ("pending", "delivered", "failed", "discarded")
_NAMED: Final = 200
"""Endpoints whose names are shown; of others the id."""
_SINCE: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


def router(site: Site) -> APIRouter:
    """The routes of deliveries."""
    routes = site.router()
    keeper = site.allows(Scope.ENDPOINTS_WRITE)

    @routes.get(HOME)
    async def deliveries_page(
        viewer: Annotated[Viewer, keeper],
        state: str = "",
        case_id: str = "",
        cursor: str | None = None,
        done: str | None = None,
        count: int = 0,
    ) -> HTMLResponse:
        chosen = state if state in STATES else None
        found, names = await asyncio.gather(
            deliveries.listed(
                viewer.ask.alerting, state=chosen, case_id=case_id.strip() or None, cursor=cursor
            ),
            _names(viewer),
        )
        return site.page(
            viewer,
            "delivery/messages.html",
            found=found,
            names=names,
            states=STATES,
            state=chosen or "",
            case_id=case_id.strip(),
            done=done,
            count=count,
            since=tuple(_SINCE),
        )

    @routes.get(HOME + "/{delivery_id}")
    async def delivery_detail(
        viewer: Annotated[Viewer, keeper], delivery_id: str, done: str | None = None
    ) -> HTMLResponse:
        found, names = await asyncio.gather(
            deliveries.get(viewer.ask.alerting, delivery_id), _names(viewer)
        )
        return site.page(viewer, "delivery/message.html", found=found, names=names, done=done)

    @routes.get(HOME + "/{delivery_id}/result")
    async def delivery_result(viewer: Annotated[Viewer, keeper], delivery_id: str) -> HTMLResponse:
        found = await deliveries.get(viewer.ask.alerting, delivery_id)
        return site.page(viewer, "delivery/result.html", found=found)

    @routes.post(HOME + "/replay")
    async def replay_failed(
        viewer: Annotated[Viewer, keeper], form: Annotated[FormData, site.form]
    ) -> Response:
        chosen = _chosen(form, site.now())
        did = await deliveries.replay_failed(viewer.ask.alerting, chosen)
        return to(HOME, done="more" if did.more else "replayed", count=did.replayed)

    @routes.post(HOME + "/{delivery_id}/replay", dependencies=[site.form])
    async def replay_one(viewer: Annotated[Viewer, keeper], delivery_id: str) -> Response:
        again = await deliveries.replay(viewer.ask.alerting, delivery_id)
        return to(f"{HOME}/{again.id}", done="again")

    return routes


async def _names(viewer: Viewer) -> dict[str, Endpoint]:
    found = await endpoints.listed(viewer.ask.alerting, limit=_NAMED)
    return {one.id: one for one in found.items}


def _chosen(form: FormData, now: datetime) -> dict[str, Any]:
    """Which failed deliveries; a field that is empty chooses all."""
    chosen: dict[str, Any] = {}
    for name in ("endpoint_id", "case_id"):
        value = str(form.get(name, "")).strip()
        if value:
            chosen[name] = value
    span = _SINCE.get(str(form.get("since", "")))
    if span is not None:
        chosen["since"] = (now.astimezone(UTC) - span).isoformat()
    return chosen
