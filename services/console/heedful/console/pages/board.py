"""`/board`: what is open, and what runs out next."""

import asyncio
from dataclasses import replace
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
from heedful.console.board.kept import KeptFigures
from heedful.console.upstream import labels
from heedful.console.upstream.cases import CaseItem, Filters, recent_reds, work
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.figures import Figures
from heedful.console.upstream.members import Teams
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_JUST_NOW: Final = timedelta(minutes=10)

Chosen = Annotated[Choice, Depends(chosen.choice)]


def router(site: Site, teams: Teams) -> APIRouter:
    """The routes of the board."""
    routes = site.router()
    reader = site.allows(Scope.CASES_READ)
    kept = KeptFigures(site.now)

    async def listed(viewer: Viewer, choice: Choice, cursor: str | None) -> dict[str, Any]:
        filters = choice.filters(viewer.session.person)
        alerting = viewer.ask.alerting
        found, recent, team, topics = await asyncio.gather(
            work(alerting, filters, is_open=choice.is_open, cursor=cursor),
            arrived(viewer, choice, cursor),
            teams.of(alerting),
            labels.topics(viewer.ask.nlp, viewer.preference.language),
        )
        there = {one.id for one in found.items}
        return {
            "choice": choice,
            "cursor": cursor,
            "found": found,
            "recent": [one for one in recent if one.id not in there],
            "team": team,
            "topics": topics,
        }

    async def arrived(viewer: Viewer, choice: Choice, cursor: str | None) -> list[CaseItem]:
        """Red lights that have just come in: by what is due they would stand on a later page."""
        if not choice.is_open or cursor is not None or choice.colour not in ("", "red"):
            return []
        filters = choice.filters(viewer.session.person)
        return await recent_reds(viewer.ask.alerting, filters, site.now() - _JUST_NOW)

    def counted(choice: Choice, found: Figures | None) -> dict[str, Any]:
        tabs = {
            tab: None if found is None else cases_of_tab(tab, found.states)
            for tab in ("", *TABS, SETTLED)
        }
        return {"choice": choice, "figures": found, "tabs": tabs}

    @routes.get("/board")
    async def board_page(
        viewer: Annotated[Viewer, reader], choice: Chosen, cursor: str | None = None
    ) -> HTMLResponse:
        """Figures that nobody has asked for yet come after it: they would keep the list waiting."""
        found = kept.known(viewer.session.tenant, _of_all_states(viewer, choice))
        context = {**await listed(viewer, choice, cursor), **counted(choice, found)}
        return site.page(viewer, "board.html", **context, away=False)

    @routes.get("/board/list")
    async def board_list(
        viewer: Annotated[Viewer, reader], choice: Chosen, cursor: str | None = None
    ) -> HTMLResponse:
        return site.page(viewer, "board/list.html", **await listed(viewer, choice, cursor))

    @routes.get("/board/figures")
    async def board_figures(viewer: Annotated[Viewer, reader], choice: Chosen) -> HTMLResponse:
        try:
            found = await kept.of(viewer.ask.alerting, _of_all_states(viewer, choice))
        except UpstreamError:
            found = None
        context = counted(choice, found)
        return site.page(viewer, "board/figures.html", **context, away=found is None)

    _acting(routes, site, teams)
    return routes


def _of_all_states(viewer: Viewer, choice: Choice) -> Filters:
    """Figures stand on the tabs from state to state."""
    return replace(choice.filters(viewer.session.person), state=None)


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
