"""`/issues/{id}`: one thing that many cases are about, and what is done for all of them."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from heedful.common.http.problems import not_found
from heedful.common.security.keys import Scope
from heedful.console.cases.forms import Mistyped, body
from heedful.console.upstream import labels
from heedful.console.upstream.errors import Conflict, Forbidden, Invalid
from heedful.console.upstream.issues import issue, take
from heedful.console.upstream.members import Teams
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

STEPS: Final = ("plan", "answers", "close")
_SHOWN: Final = 100
_PLAN_WITHIN: Final = timedelta(hours=48)


def router(site: Site, teams: Teams) -> APIRouter:
    """The routes of an issue."""
    routes = site.router()
    reader, writer = site.allows(Scope.CASES_READ), site.allows(Scope.CASES_WRITE)

    async def shown(
        viewer: Viewer,
        issue_id: str,
        status: int = HTTPStatus.OK,
        typed: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        alerting = viewer.ask.alerting
        found, team, topics = await asyncio.gather(
            issue(alerting, issue_id),
            teams.of(alerting),
            labels.topics(viewer.ask.nlp, viewer.preference.language),
        )
        due = (site.now() + _PLAN_WITHIN).astimezone(_zone(site, viewer))
        given = {"refused": None, "field": None, "step": None, "done": None, **context}
        return site.page(
            viewer,
            "issue.html",
            status,
            issue=found,
            children=found.children[:_SHOWN],
            team=team,
            topics=topics,
            typed=typed or {},
            due=due,
            **given,
        )

    @routes.get("/issues/{issue_id}")
    async def issue_page(
        issue_id: str, viewer: Annotated[Viewer, reader], done: str | None = None
    ) -> HTMLResponse:
        return await shown(viewer, issue_id, done=done if done in STEPS else None)

    @routes.post("/issues/{issue_id}/{step}")
    async def step_of_issue(
        issue_id: str,
        step: str,
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
    ) -> Response:
        """A step for every case of it; when it cannot be taken, what was typed stays."""
        if step not in STEPS:
            raise not_found("step")
        typed = {name: str(value) for name, value in form.items()}
        try:
            await take(viewer.ask.alerting, issue_id, step, _body(step, typed, site, viewer))
        except Mistyped as error:
            return await shown(viewer, issue_id, 422, typed, step=step, field=error.field)
        except (Conflict, Forbidden, Invalid) as error:
            return await shown(viewer, issue_id, 409, typed, step=step, refused=error)
        return RedirectResponse(f"/issues/{issue_id}?done={step}", HTTPStatus.SEE_OTHER)

    @routes.get("/issues/{issue_id}/{step}")
    async def back_to_issue(issue_id: str, step: str, _: Annotated[Viewer, reader]) -> Response:
        """As of a case: the page that says why a step was not taken has the step's address."""
        if step not in STEPS:
            raise not_found("step")
        return RedirectResponse(f"/issues/{quote(issue_id, safe='')}", HTTPStatus.SEE_OTHER)

    return routes


def _zone(site: Site, viewer: Viewer) -> Any:
    return site.localize(viewer.preference.language).zone


def _body(
    step: str, typed: Mapping[str, str], site: Site, viewer: Viewer
) -> Mapping[str, Any] | None:
    if step == "plan":
        return body("plan", typed, _zone(site, viewer))
    return {"text": typed.get("text", "").strip()} if step == "answers" else None
