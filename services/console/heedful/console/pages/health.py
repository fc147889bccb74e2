"""`/health-status`, `/dead-letters`: how the services are, in sentences."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from heedful.common.topics import TOPICS
from heedful.console.upstream import vitals
from heedful.console.upstream.vitals import Vitals
from heedful.console.vitals.findings import Finding, State, of_process, of_service, worst
from heedful.console.vitals.history import History
from heedful.console.vitals.letters import letters
from heedful.console.vitals.samples import Window
from heedful.console.web.localize import Localize
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/health-status"
_SHARES: Final = frozenset({"share"})


@dataclass(frozen=True, slots=True)
class Looked:
    """A process, and what its figures say of each service in it. None: there are none."""

    vitals: Vitals
    window: Window | None
    services: dict[str, list[Finding]]
    process: list[Finding]

    @property
    def process_state(self) -> State:
        """Of what belongs to no service alone."""
        if self.vitals.away is not None or self.vitals.stalled:
            return State.ACT
        if any(said != "ok" for said in self.vitals.checks.values()):
            return State.ACT
        return worst(self.process)

    @property
    def state(self) -> State:
        return max(self.process_state, *map(worst, self.services.values()), State.FINE)


def router(site: Site) -> APIRouter:
    """The routes of health; whoever has signed in may look."""
    routes = site.router()
    history = History()

    async def look() -> list[Looked]:
        found = await asyncio.gather(*map(vitals.of, site.services.processes()))
        return [_looked(one, history, site) for one in found]

    @routes.get(HOME)
    async def health_page(viewer: Annotated[Viewer, site.signed_in]) -> HTMLResponse:
        return _page(site, viewer, "health.html", await look())

    @routes.get(HOME + "/now")
    async def health_part(viewer: Annotated[Viewer, site.signed_in]) -> HTMLResponse:
        return _page(site, viewer, "health/now.html", await look())

    @routes.get("/dead-letters")
    async def dead_letters_page(viewer: Annotated[Viewer, site.signed_in]) -> HTMLResponse:
        looked = await look()
        windows = [one.window for one in looked if one.window is not None]
        return site.page(
            viewer,
            "health/letters.html",
            letters=letters(windows),
            away=[one.vitals for one in looked if one.window is None],
            topics=[topic.name for topic in TOPICS],
            length=max((one.length for one in windows), default=timedelta()),
        )

    return routes


def _looked(found: Vitals, history: History, site: Site) -> Looked:
    if found.samples is None:
        return Looked(found, None, {}, [])
    window = history.window(found.address, found.samples, site.now())
    services = {name: of_service(name, window) for name in found.services}
    return Looked(found, window, services, list(of_process(window)))


def _page(site: Site, viewer: Viewer, template: str, looked: list[Looked]) -> HTMLResponse:
    local = site.localize(viewer.preference.language)
    worst_of = max((one.state for one in looked), default=State.FINE)
    return site.page(
        viewer,
        template,
        looked=looked,
        overall=worst_of,
        worst=worst,
        filled=lambda finding: _filled(finding, local),
    )


def _filled(finding: Finding, local: Localize) -> dict[str, str]:
    """The values of a sentence as its language writes them."""
    found = {}
    for name, value in finding.values.items():
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, timedelta):
            found[name] = local.exactly(value)
        elif name in _SHARES:
            found[name] = local.percent(value, 1)
        else:
            found[name] = local.number(value, 1 if name == "rate" else 0)
    return found
