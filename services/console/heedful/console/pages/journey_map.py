"""`/map`: the journey of all customers, with what is red and green on the way."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from heedful.common.security.keys import Scope
from heedful.console.journeys.map import columns, tally
from heedful.console.journeys.period import PRESETS, PeriodAsked
from heedful.console.upstream import insights, touchpoints
from heedful.console.upstream.caller import Caller
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.insights import Report
from heedful.console.web.address import Address
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

_PATH: Final = "/map"
_INSIGHT: Final = "touchpoint-map"
_USUAL_DAYS: Final = 90


class Wanted(PeriodAsked):
    """What an address of the page asks for."""

    cursor: str | None = None

    @property
    def address(self) -> Address:
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Address(_PATH, {name: str(value) for name, value in given.items()})


Asked = Annotated[Wanted, Query()]


def router(site: Site, insight_seconds: float) -> APIRouter:
    """The routes of the map.

    Args:
        insight_seconds: so long an insight may take.
    """
    routes = site.router()
    reader = site.allows(Scope.JOURNEY_READ)

    @routes.get(_PATH)
    async def map_page(viewer: Annotated[Viewer, reader], wanted: Asked) -> HTMLResponse:
        """The period at once; the map, which counts over all of it, comes by itself."""
        return site.page(
            viewer,
            "map.html",
            wanted=wanted,
            address=wanted.address,
            usual=_USUAL_DAYS,
            presets=PRESETS,
        )

    @routes.get("/map/journey")
    async def map_of_journey(viewer: Annotated[Viewer, reader], wanted: Asked) -> HTMLResponse:
        """The map, as a part. Without the insight it has the lights alone, and says so."""
        journey = viewer.ask.journey
        zone = site.localize(viewer.preference.language).zone
        period = wanted.period(site.now(), zone, _USUAL_DAYS)
        lifecycle, listed, (report, missing) = await asyncio.gather(
            touchpoints.stages(journey),
            touchpoints.touchpoints(journey, period.query, wanted.cursor),
            _report(journey, period.query, insight_seconds),
        )
        found = columns(lifecycle, listed.items, report)
        return site.page(
            viewer,
            "map/journey.html",
            columns=found,
            tally=tally(found),
            report=report,
            missing=missing,
            address=wanted.address,
            more=listed.next_cursor,
        )

    return routes


async def _report(
    journey: Caller, period: Mapping[str, str | None], seconds: float
) -> tuple[Report | None, str | None]:
    """The insight, or why there is none."""
    try:
        return await insights.report(journey, _INSIGHT, period, seconds), None
    except UpstreamError as error:
        return None, error.detail
