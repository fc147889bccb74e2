"""`/cases/{id}`: one case, and what is done with it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import FormData

from heedful.common.http.problems import not_found
from heedful.common.security.keys import Scope
from heedful.console.board.bulk import moved
from heedful.console.cases import forms
from heedful.console.cases.allowed import STATES, allowed, likeliest
from heedful.console.cases.forms import Mistyped
from heedful.console.cases.reading import Read, read
from heedful.console.personal.masking import masked
from heedful.console.personal.unmasking import note_unmasking
from heedful.console.upstream import labels
from heedful.console.upstream.customers import around, customer
from heedful.console.upstream.errors import Away, Conflict, Forbidden, Invalid, UpstreamError
from heedful.console.upstream.members import Teams
from heedful.console.upstream.steps import Seen, take
from heedful.console.web.refusals import RoleTooLow
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_PLAN_WITHIN = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step that was not done: what was typed, and why.

    Attributes:
        seen: the case's last event that who acts knew of.
        field: what of it cannot be read.
    """

    step: str
    typed: Mapping[str, str] = field(default_factory=dict)
    seen: int = 0
    error: UpstreamError | None = None
    field: str | None = None


def router(site: Site, teams: Teams, engine: AsyncEngine) -> APIRouter:
    """The routes of a case."""
    routes = site.router()
    reader, writer = site.allows(Scope.CASES_READ), site.allows(Scope.CASES_WRITE)

    async def shown(
        viewer: Viewer, case_id: str, status: int, attempt: Attempt | None, done: str | None
    ) -> HTMLResponse:
        found, team, topics = await asyncio.gather(
            read(viewer.ask, case_id),
            teams.of(viewer.ask.alerting),
            labels.topics(viewer.ask.nlp, viewer.preference.language),
        )
        return site.page(
            viewer,
            "case.html",
            status,
            **_context(site, viewer, found, attempt),
            team=team,
            topics=topics,
            done=done if done in STATES else None,
        )

    @routes.get("/cases/{case_id}")
    async def case_page(
        case_id: str, viewer: Annotated[Viewer, reader], done: str | None = None
    ) -> HTMLResponse:
        return await shown(viewer, case_id, HTTPStatus.OK, None, done)

    @routes.post("/cases/{case_id}/{step}")
    async def take_step(
        case_id: str,
        step: str,
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
    ) -> Response:
        """A step; when it cannot be taken the page shows why, and what was typed."""
        if step not in STATES:
            raise not_found("step")
        typed = {name: str(value) for name, value in form.items()}
        sequence = typed.get("sequence", "")
        seen = int(sequence) if sequence.isascii() and sequence.isdigit() else 0
        zone = site.localize(viewer.preference.language).zone
        try:
            body = forms.body(step, typed, zone)
            taken = await take(viewer.ask.alerting, Seen(case_id, seen), step, body or None)
        except Mistyped as error:
            attempt = Attempt(step, typed, seen, field=error.field)
            return await shown(viewer, case_id, 422, attempt, None)
        except (Conflict, Forbidden, Invalid, Away) as error:
            status = _STATUS.get(type(error), 503)
            return await shown(viewer, case_id, status, Attempt(step, typed, seen, error), None)
        return RedirectResponse(f"/cases/{taken.id}?done={step}", HTTPStatus.SEE_OTHER)

    _around(routes, site, engine)

    @routes.get("/cases/{case_id}/{step}")
    async def back_to_case(case_id: str, step: str, _: Annotated[Viewer, reader]) -> Response:
        """The page that says why a step was not taken has the step's address: who has to sign in
        again there, or reads that address anew, comes back to the case."""
        if step not in STATES:
            raise not_found("step")
        return RedirectResponse(f"/cases/{quote(case_id, safe='')}", HTTPStatus.SEE_OTHER)

    return routes


_STATUS: Mapping[type[UpstreamError], int] = {Conflict: 409, Forbidden: 403, Invalid: 422}


def _context(site: Site, viewer: Viewer, found: Read, attempt: Attempt | None) -> dict[str, Any]:
    case, person = found.case, viewer.session.person
    can = allowed(case, person) if viewer.may(Scope.CASES_WRITE) else []
    error = attempt.error if attempt else None
    due = max(case.received_at + _PLAN_WITHIN, site.now() + timedelta(hours=1))
    return {
        "case": case,
        "words": found.words,
        "customer_id": found.customer_id,
        "can": can,
        "first": likeliest(case, person) if can else None,
        "attempt": attempt,
        "moved": moved(error) if error else None,
        "missed": case.since(attempt.seen) if attempt and attempt.seen else [],
        "forms": forms,
        "due": due.astimezone(site.localize(viewer.preference.language).zone),
    }


def _around(routes: APIRouter, site: Site, engine: AsyncEngine) -> None:
    """The customer of a case: how they are reached, and what happened around it."""
    reader = site.allows(Scope.JOURNEY_READ)

    async def shown(viewer: Viewer, case_id: str, *, whole: bool) -> HTMLResponse:
        found = await read(viewer.ask, case_id)
        may = _may_unmask(viewer, found)
        if whole:
            if not may:
                raise RoleTooLow(Scope.JOURNEY_WRITE)
            await note_unmasking(engine, viewer.session, "case", case_id, site.now())
        who, timeline = None, None
        if found.customer_id is not None:
            who, timeline = await asyncio.gather(
                customer(viewer.ask.journey, found.customer_id),
                around(viewer.ask.journey, found.customer_id, *found.said),
            )
        known = {(one.source, one.id) for one in found.case.feedback}
        return site.page(
            viewer,
            "case/around.html",
            case=found.case,
            customer=who,
            timeline=timeline,
            known=known,
            may_unmask=may,
            whole=whole,
            masked=masked,
        )

    @routes.get("/cases/{case_id}/around")
    async def case_around(case_id: str, viewer: Annotated[Viewer, reader]) -> HTMLResponse:
        return await shown(viewer, case_id, whole=False)

    @routes.post("/cases/{case_id}/around/unmasked")
    async def case_unmasked(
        case_id: str, viewer: Annotated[Viewer, reader], _: Annotated[FormData, site.form]
    ) -> HTMLResponse:
        """The identifiers whole, for who holds the case or leads; that they were seen is kept."""
        return await shown(viewer, case_id, whole=True)


def _may_unmask(viewer: Viewer, found: Read) -> bool:
    return viewer.is_at_least("lead") or found.case.owner == viewer.session.person
