"""`/search`: what customers said, by words, by meaning and by what it is about."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from heedful.common.contracts import Channel, Colour
from heedful.common.security.keys import Scope
from heedful.console.journeys.period import PRESETS, PeriodAsked
from heedful.console.journeys.pieces import pieces
from heedful.console.upstream import cases, labels, search
from heedful.console.web.address import Address
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

MODES: Final = ("hybrid", "text", "vector")
_PATH: Final = "/search"
_MOST_CHARS: Final = 200
Words = Annotated[str | None, Field(max_length=_MOST_CHARS)]


class Wanted(PeriodAsked):
    """What an address of the page asks for."""

    q: Words = None
    mode: Literal["hybrid", "text", "vector"] = "hybrid"
    light: Colour | None = None
    channel: Channel | None = None
    topic: Words = None
    touchpoint: Words = None
    customer_id: Words = None
    cursor: str | None = None

    @property
    def address(self) -> Address:
        """Of the page that shows it."""
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"cursor"})
        if self.mode == MODES[0]:
            del given["mode"]
        return Address(_PATH, {name: str(value) for name, value in given.items()})

    @property
    def asks(self) -> dict[str, str | None]:
        """What journey is asked, without the time."""
        q = None if self.q is None else self.q.strip() or None
        return {
            "q": q,
            "mode": self.mode if q else None,
            "light": self.light,
            "channel": self.channel,
            "topic": self.topic,
            "touchpoint": self.touchpoint,
            "customer_id": self.customer_id,
        }


Asked = Annotated[Wanted, Query()]


def router(site: Site) -> APIRouter:
    """The routes of the search."""
    routes = site.router()
    reader = site.allows(Scope.JOURNEY_READ)

    @routes.get(_PATH)
    async def search_page(viewer: Annotated[Viewer, reader], wanted: Asked) -> HTMLResponse:
        """The form at once; what was found comes by itself."""
        topics = await labels.topics(viewer.ask.nlp, viewer.preference.language)
        return site.page(
            viewer,
            "search.html",
            wanted=wanted,
            address=wanted.address,
            presets=PRESETS,
            modes=MODES,
            lights=[one.value for one in Colour],
            channels=[one.value for one in Channel],
            topics=topics,
        )

    @routes.get("/search/found")
    async def search_found(viewer: Annotated[Viewer, reader], wanted: Asked) -> HTMLResponse:
        """A page of what was found, as a part."""
        local = site.localize(viewer.preference.language)
        period = wanted.period(site.now(), local.zone, None)
        found, topics = await asyncio.gather(
            search.found(viewer.ask.journey, {**wanted.asks, **period.query}, cursor=wanted.cursor),
            labels.topics(viewer.ask.nlp, viewer.preference.language),
        )
        said = [(one.source, one.id) for one in found.items]
        return site.page(
            viewer,
            "search/found.html",
            cases_of=await cases.about(viewer.ask.alerting, said),
            wanted=wanted,
            address=wanted.address,
            found=[(one, _pieces(one)) for one in found.items],
            answer=found,
            topics=topics,
        )

    return routes


def _pieces(hit: search.Hit) -> object:
    marks = [(one.start, one.end) for one in hit.snippet.marks]
    return pieces(hit.snippet.text, marks)
