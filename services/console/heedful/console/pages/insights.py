"""`/insights`: what only a stitched journey can tell, a page for each."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from heedful.common.security.keys import Scope
from heedful.console.insights import form
from heedful.console.insights.chart import chart
from heedful.console.insights.form import Field
from heedful.console.insights.kinds import KINDS, Shown
from heedful.console.insights.names import Names
from heedful.console.insights.refused import refused
from heedful.console.insights.saying import sentences
from heedful.console.insights.written import Writes, table
from heedful.console.journeys.period import PRESETS, PeriodAsked
from heedful.console.sessions.preference import Language
from heedful.console.upstream import insights, labels
from heedful.console.upstream.errors import Invalid, NotThere
from heedful.console.upstream.insights import Column, Known
from heedful.console.web.address import Address
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_USUAL_DAYS: Final = 365
_MOST_CHARS: Final = 2000
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "journey": ("touchpoint-map", "patterns", "peak-end", "perception"),
    "leaving": ("satisfied-but-leaving", "churn-drivers", "customer-value"),
    "needs": ("hidden-needs", "key-drivers", "emerging", "priorities"),
    "voices": ("coverage", "score-begging", "super-users", "employee-voice", "alignment"),
}
"""The index, by the question that is asked."""

Asked = Annotated[PeriodAsked, Query()]


def router(site: Site, insight_seconds: float) -> APIRouter:
    """The routes of insights.

    Args:
        insight_seconds: so long one may take.
    """
    routes = site.router()
    reader = site.allows(Scope.JOURNEY_READ)

    @routes.get("/insights")
    async def insights_index(viewer: Annotated[Viewer, reader]) -> HTMLResponse:
        known = await insights.known(viewer.ask.journey)
        return site.page(viewer, "insights.html", groups=_grouped(known))

    @routes.get("/insights/{name}")
    async def insight_page(
        name: str, request: Request, viewer: Annotated[Viewer, reader], when: Asked
    ) -> HTMLResponse:
        """What may be asked at once; the report comes by itself."""
        known = await _known(viewer, name)
        found = _fields(known, request)
        return site.page(
            viewer,
            "insights/insight.html",
            known=known,
            fields=found,
            when=when,
            usual=_USUAL_DAYS,
            presets=PRESETS,
            address=_address(name, found, when),
        )

    @routes.get("/insights/{name}/report")
    async def insight_report(
        name: str, request: Request, viewer: Annotated[Viewer, reader], when: Asked
    ) -> HTMLResponse:
        """Sentence, chart, table and examples, as a part."""
        journey = viewer.ask.journey
        known = await _known(viewer, name)
        asked = {**_period(site, viewer, when), **form.asked(_fields(known, request))}
        try:
            report, topics = await asyncio.gather(
                insights.report(journey, name, asked, insight_seconds),
                labels.topics(viewer.ask.nlp, viewer.preference.language),
            )
        except Invalid as error:
            address = _address(name, _fields(known, request), when)
            return site.page(
                viewer, "insights/refused.html", 422, refused=refused(error), address=address
            )
        shown, written = KINDS.get(name), _writes(site, viewer, topics)

        def said(column: Column) -> str:
            return _of(viewer.preference.language, column.label)

        return site.page(
            viewer,
            "insights/report.html",
            known=known,
            report=report,
            sentences=sentences(report, shown, written),
            chart=None if shown is None else chart(report, shown, written.names, said),
            table=table(report, written, lambda words: _of(viewer.preference.language, words)),
            figures=[
                (key, written.cell(cell, "ratio"), written.interval(cell, "ratio"))
                for key, cell in report.figures.items()
                if cell is not None
            ],
        )

    @routes.get("/insights/{name}/file")
    async def insight_file(
        name: str, request: Request, viewer: Annotated[Viewer, reader], when: Asked
    ) -> Response:
        """The same report as CSV, as journey writes it."""
        known = await _known(viewer, name)
        asked = {**_period(site, viewer, when), **form.asked(_fields(known, request))}
        found = await insights.file(viewer.ask.journey, name, asked, insight_seconds)
        return Response(
            found.content,
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{known.name}.csv"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return routes


def _writes(site: Site, viewer: Viewer, topics: Mapping[str, str]) -> Writes:
    spoken = viewer.preference.language

    def word(code: str) -> str | None:
        name = f"insights.word.{code}"
        return site.words.say(name, spoken) if site.words.known(name) else None

    return Writes(
        site.localize(spoken),
        Names(topics, word),
        site.words.say("insights.yes", spoken),
        site.words.say("insights.no", spoken),
    )


def _period(site: Site, viewer: Viewer, asked: PeriodAsked) -> Mapping[str, str | None]:
    zone = site.localize(viewer.preference.language).zone
    return asked.period(site.now(), zone, _USUAL_DAYS).query


def _of(language: Language, words: insights.Words) -> str:
    return words.zh if language is Language.ZH else words.en


async def _known(viewer: Viewer, name: str) -> Known:
    """
    Raises:
        NotThere: there is no insight of that name.
    """
    for one in await insights.known(viewer.ask.journey):
        if one.name == name:
            return one
    raise NotThere("journey", "not-found", f"there is no insight {name[:50]!r}")


def _fields(known: Known, request: Request) -> list[Field]:
    """With what the address says, and where it says nothing, what makes the better picture."""
    shown: Shown | None = KINDS.get(known.name)
    usual = {} if shown is None or shown.defaults is None else shown.defaults
    given = {name: value[:_MOST_CHARS] for name, value in request.query_params.items()}
    return form.fields(known, {**usual, **{key: one for key, one in given.items() if one}})


def _address(name: str, found: list[Field], when: PeriodAsked) -> Address:
    dates = when.model_dump(mode="json", by_alias=True, exclude_none=True)
    chosen = {one.name: one.value for one in found if one.value}
    return Address(f"/insights/{name}", {**{key: str(one) for key, one in dates.items()}, **chosen})


def _grouped(known: list[Known]) -> list[tuple[str, list[Known]]]:
    """Groups with what is known of them; what is in no group stands last."""
    by_name = {one.name: one for one in known}
    grouped = {name for names in _GROUPS.values() for name in names}
    found = [
        (group, [by_name[name] for name in names if name in by_name])
        for group, names in _GROUPS.items()
    ]
    others = [one for one in known if one.name not in grouped]
    return [
        *((group, some) for group, some in found if some),
        *([("others", others)] if others else []),
    ]
