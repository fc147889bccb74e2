"""Entries of the quarantine sent again or thrown away: one, or all that fit a filter."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.pages.quarantine import HOME, selection
from heedful.console.upstream import quarantine
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer


def router(site: Site) -> APIRouter:
    """The routes of these steps."""
    routes = site.router()
    writer = site.allows(Scope.QUARANTINE_WRITE)

    @routes.post(HOME + "/all/replay")
    async def replay_many(
        viewer: Annotated[Viewer, writer], form: Annotated[FormData, site.form]
    ) -> Response:
        chosen = _chosen(form)
        tried = await quarantine.replay_all(viewer.ask.ingest, chosen)
        taken = sum(one.state == "replayed" for one in tried)
        return to(HOME, done="replayed", count=taken, left=len(tried) - taken, **chosen)

    @routes.post(HOME + "/all/discard")
    async def discard_many(
        viewer: Annotated[Viewer, writer], form: Annotated[FormData, site.form]
    ) -> Response:
        chosen = _chosen(form)
        gone = await quarantine.discard_all(viewer.ask.ingest, chosen)
        return to(HOME, done="discarded", count=gone, **chosen)

    @routes.post(HOME + "/{entry_id}/replay", dependencies=[site.form])
    async def replay_entry(viewer: Annotated[Viewer, writer], entry_id: str) -> Response:
        again = await quarantine.replay(viewer.ask.ingest, entry_id)
        return to(f"{HOME}/{entry_id}", done="replayed" if again.state == "replayed" else "stays")

    @routes.post(HOME + "/{entry_id}/discard", dependencies=[site.form])
    async def discard_entry(viewer: Annotated[Viewer, writer], entry_id: str) -> Response:
        await quarantine.discard(viewer.ask.ingest, entry_id)
        return to(f"{HOME}/{entry_id}", done="discarded")

    return routes


def _chosen(form: FormData) -> dict[str, str]:
    return selection(
        str(form.get("channel", "")), str(form.get("reason", "")), str(form.get("import_id", ""))
    )
