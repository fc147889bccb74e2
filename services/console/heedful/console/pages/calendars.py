"""`/calendars`: the hours in which clocks run, month by month, and a new version."""

import asyncio
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.calendars.month import WEEKDAYS, month
from heedful.console.documents.differences import differences
from heedful.console.documents.text import Unreadable, read
from heedful.console.upstream import calendars
from heedful.console.upstream.calendars import Version
from heedful.console.upstream.errors import Conflict, Invalid
from heedful.console.web.editing import Edited, typed
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/calendars"
Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
_OFFICE: Final = ["09:00-12:00", "13:30-18:00"]
_YEARS: Final = range(2000, 2101)
EXAMPLE: Final[dict[str, Any]] = {
    "zone": "Asia/Shanghai",
    "week": dict.fromkeys(WEEKDAYS[:5], _OFFICE[:]),
    "holidays": [],
    "extra": [],
    "public_holidays": {"region": "CN"},
}
"""What a calendar that is new begins with."""


def router(site: Site) -> APIRouter:
    """The routes of calendars; what is done with a version is in calendar_steps.py."""
    routes = site.router()
    reader, writer = site.allows(Scope.CASES_READ), site.allows(Scope.POLICIES_WRITE)

    @routes.get(HOME)
    async def calendars_page(
        viewer: Annotated[Viewer, reader], cursor: str | None = None
    ) -> HTMLResponse:
        found = await calendars.listed(viewer.ask.alerting, cursor)
        return site.page(viewer, "calendars.html", found=found)

    @routes.get(HOME + "/{name}")
    async def calendar_page(
        viewer: Annotated[Viewer, reader],
        name: Name,
        version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
        of: Annotated[str | None, Query(alias="month", pattern=r"^\d{4}-\d{2}$")] = None,
        done: str | None = None,
    ) -> HTMLResponse:
        found, versions = await asyncio.gather(
            calendars.get(viewer.ask.alerting, name),
            calendars.versions(viewer.ask.alerting, name),
        )
        number = version or found.active_version or found.newest.version
        shown = await _version(viewer, name, number, versions.items)
        active = (
            None
            if found.active_version in (None, number)
            else await _version(viewer, name, found.active_version or 0, versions.items)
        )
        shown_month = _month(of, site.now().date())
        days = await calendars.days(viewer.ask.alerting, name, number, shown_month)
        return site.page(
            viewer,
            "calendars/calendar.html",
            calendar=found,
            version=shown,
            versions=versions,
            month=month(days, shown_month),
            guessed=any(day.guessed for day in days),
            weekdays=WEEKDAYS,
            changes=None if active is None else differences(active.document, shown.document),
            done=done,
        )

    @routes.get(HOME + "/{name}/edit")
    async def edit_calendar(
        viewer: Annotated[Viewer, writer],
        name: Name,
        version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
        new: bool = False,
    ) -> HTMLResponse:
        if new:
            return _editor(site, viewer, name, Edited.of(EXAMPLE))
        found = await calendars.get(viewer.ask.alerting, name)
        base = found.newest
        if version is not None:
            base = await calendars.version(viewer.ask.alerting, name, version)
        return _editor(site, viewer, name, Edited.of(base.document))

    @routes.post(HOME + "/{name}/edit")
    async def put_calendar(
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
        name: Name,
    ) -> Response:
        text, note = typed(form), str(form.get("note", "")).strip()
        try:
            body = {**read(text), **({"note": note} if note else {})}
            made = await calendars.put(viewer.ask.alerting, name, body)
        except Unreadable as error:
            return _editor(site, viewer, name, Edited.unreadable(text, error), note)
        except (Invalid, Conflict) as error:
            return _editor(site, viewer, name, Edited.refused(text, error), note)
        return to(f"{HOME}/{name}", version=made.version, done="made" if made.created else "same")

    return routes


async def _version(viewer: Viewer, name: str, number: int, near: list[Version]) -> Version:
    """Of those that are there already, else asked for."""
    known = next((one for one in near if one.version == number), None)
    return known or await calendars.version(viewer.ask.alerting, name, number)


def _month(written: str | None, today: date) -> date:
    """Today's where it is no month of a year that calendars have."""
    try:
        found = date.fromisoformat(f"{written}-01") if written else today
    except ValueError:
        return today
    return found if found.year in _YEARS else today


def _editor(site: Site, viewer: Viewer, name: str, edited: Edited, note: str = "") -> HTMLResponse:
    return site.page(
        viewer,
        "calendars/edit.html",
        status=422 if edited.wrong else 200,
        name=name,
        edited=edited,
        note=note,
    )
