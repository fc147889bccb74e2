"""`/board`: what is open, and what runs out next."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.board import choice as chosen
from heedful.console.board.bulk import chosen as cases_of
from heedful.console.board.bulk import take_all
from heedful.console.board.choice import SETTLED, TABS, Choice, cases_of_tab
from heedful.console.upstream.cases import CaseItem, recent_reds, work
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.figures import figures
from heedful.console.upstream.members import Teams
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_JUST_NOW: Final = timedelta(minutes=10)

Chosen = Annotated[Choice, Depends(chosen.choice)]


def router(site: Site, teams: Teams) -> APIRouter:
    """The routes of the board."""
    routes = site.router()
    reader = site.allows(Scope.CASES_READ)

    async def listed(viewer: Viewer, choice: Choice, cursor: str | None) -> dict[str, Any]:
        filters = choice.filters(viewer.session.person)
        alerting = viewer.ask.alerting
        found, recent, team = await asyncio.gather(
            work(alerting, filters, is_open=choice.is_open, cursor=cursor),
            arrived(viewer, choice, cursor),
            teams.of(alerting),
        )
        there = {one.id for one in found.items}
        new = [one for one in recent if one.id not in there]
        return {"choice": choice, "cursor": cursor, "found": found, "recent": new, "team": team}

    async def arrived(viewer: Viewer, choice: Choice, cursor: str | None) -> list[CaseItem]:
        """Red lights that have just come in: by what is due they would stand on a later page."""
        if not choice.is_open or cursor is not None or choice.colour not in ("", "red"):
            return []
        filters = choice.filters(viewer.session.person)
        return await recent_reds(viewer.ask.alerting, filters, site.now() - _JUST_NOW)

    async def counted(viewer: Viewer, choice: Choice) -> dict[str, Any]:
        filters = choice.filters(viewer.session.person)
        try:
            found = await figures(viewer.ask.alerting, filters)
        except UpstreamError:
            # The list is what people work by: it is shown without them.
            found = None
        tabs = {
            tab: None if found is None else cases_of_tab(tab, found.states)
            for tab in ("", *TABS, SETTLED)
        }
        return {"choice": choice, "figures": found, "tabs": tabs}

    @routes.get("/board")
    async def board_page(
        viewer: Annotated[Viewer, reader], choice: Chosen, cursor: str | None = None
    ) -> HTMLResponse:
        work_list, tiles = await asyncio.gather(
            listed(viewer, choice, cursor), counted(viewer, choice)
        )
        return site.page(viewer, "board.html", **{**work_list, **tiles})

    @routes.get("/board/list")
    async def board_list(
        viewer: Annotated[Viewer, reader], choice: Chosen, cursor: str | None = None
    ) -> HTMLResponse:
        return site.page(viewer, "board/list.html", **await listed(viewer, choice, cursor))

    @routes.get("/board/figures")
    async def board_figures(viewer: Annotated[Viewer, reader], choice: Chosen) -> HTMLResponse:
        return site.page(viewer, "board/figures.html", **await counted(viewer, choice))

    _acting(routes, site, teams)
    return routes


def _acting(routes: APIRouter, site: Site, teams: Teams) -> None:
    """What is done with the cases that are ticked."""
    writer = site.allows(Scope.CASES_WRITE)

    async def done(
        request: Request,
        viewer: Viewer,
        choice: Choice,
        form: FormData,
        step: str,
        body: dict[str, str] | None = None,
    ) -> HTMLResponse:
        outcomes = await take_all(viewer.ask.alerting, cases_of(form.getlist("case")), step, body)
        team = await teams.of(viewer.ask.alerting)
        context: dict[str, Any] = {
            "outcomes": outcomes,
            "team": team,
            "step": step,
            "choice": choice,
        }
        if "hx-request" not in request.headers:
            return site.page(viewer, "board/outcome_page.html", **context)
        answer = site.page(viewer, "board/outcome.html", **context)
        answer.headers["HX-Trigger"] = "changed"
        return answer

    @routes.post("/board/claim")
    async def claim_many(
        request: Request,
        viewer: Annotated[Viewer, writer],
        choice: Chosen,
        form: Annotated[FormData, site.form],
    ) -> HTMLResponse:
        """The cases that are ticked become those of who asks."""
        return await done(request, viewer, choice, form, "claim")

    @routes.post("/board/assign")
    async def assign_many(
        request: Request,
        viewer: Annotated[Viewer, writer],
        choice: Chosen,
        form: Annotated[FormData, site.form],
    ) -> HTMLResponse:
        """The cases that are ticked become somebody's."""
        body = {"owner": str(form.get("owner", "")).strip()}
        return await done(request, viewer, choice, form, "assign", body)
