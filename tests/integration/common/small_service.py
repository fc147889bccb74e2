"""A service of one route and two loops, run as a process of its own.

What happens goes, a word per line, to the file `SMALL_TRACE`. The route waits while there is no
file `SMALL_RELEASE`; the first loop fails with the error that the file `SMALL_FAIL` names.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter

from heedful.common.errors import Fatal
from heedful.common.http.route import Route
from heedful.common.serve import main
from heedful.common.service import Platform, Service

_TICK_S = 0.02


def trace(word: str) -> None:
    with Path(os.environ["SMALL_TRACE"]).open("a") as file:
        file.write(word + "\n")


class Loop:
    """A part beside the consumers that takes a little time to finish."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        trace(f"{self.name}-started")
        while not self._stopping.is_set():
            if self.name == "first":
                _fail_if_told()
            await asyncio.sleep(_TICK_S)
        await asyncio.sleep(_TICK_S)
        trace(f"{self.name}-drained")

    def stop(self) -> None:
        trace(f"{self.name}-told")
        self._stopping.set()

    def healthy(self, now: float) -> bool:
        return True


def _fail_if_told() -> None:
    told = Path(os.environ["SMALL_FAIL"])
    if told.exists():
        raise {"fatal": Fatal, "bug": LookupError}[told.read_text()]("the loop cannot go on")


def build(platform: Platform) -> Service:
    routes = APIRouter(route_class=Route)

    @routes.post("/v1/work")
    async def work() -> dict[str, str]:
        trace("request-in")
        while not Path(os.environ["SMALL_RELEASE"]).exists():  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(_TICK_S)
        trace("request-out")
        return {"said": "done"}

    async def start() -> None:
        await platform.bus.check()
        trace("service-started")

    async def stop() -> None:
        # What was there at the start is there until the end.
        await platform.bus.check()
        trace("service-stopped")

    loops = [Loop("first"), Loop("second")]
    return Service(name="small", routers=[routes], background=loops, start=start, stop=stop)


def run(environment: Mapping[str, str], errors: Path) -> None:
    """The whole life of the process."""
    os.environ.clear()
    os.environ.update(environment)
    with errors.open("ab") as file:
        os.dup2(file.fileno(), 2)
    main("small", [build])
