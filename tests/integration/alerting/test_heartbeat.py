"""A ping outside each minute, and silence while something is late."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from heedful.alerting.heartbeat import EVERY_S, Heartbeat
from tests.integration.alerting.world import HOUR, T0, World, enriched, feedback


@dataclass
class Monitor:
    """Somebody outside who counts pings; answers with `statuses`, then 200."""

    url: str = ""
    pings: int = 0
    statuses: list[int] = field(default_factory=list)

    async def take(self, _request: web.Request) -> web.Response:
        self.pings += 1
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@asynccontextmanager
async def monitoring(*statuses: int) -> AsyncIterator[Monitor]:
    monitor = Monitor(statuses=list(statuses))
    app = web.Application()
    app.router.add_get("/ping", monitor.take)
    async with TestServer(app) as server:
        monitor.url = str(server.make_url("/ping"))
        yield monitor


def beats(outcome: str) -> float:
    labels = {"outcome": outcome}
    return REGISTRY.get_sample_value("heedful_alerting_heartbeats_total", labels) or 0.0


async def test_it_pings_as_long_as_no_timer_is_overdue(world: World) -> None:
    withheld = beats("withheld")
    await world.consume(enriched(feedback()))
    async with monitoring() as monitor:
        heartbeat = Heartbeat(world.database, monitor.url)
        assert await heartbeat.step() == EVERY_S
        # Half of the respond clock is spent after 12 hours; a minute late is in time.
        world.now = T0 + 12 * HOUR + timedelta(seconds=60)
        await heartbeat.step()
        assert monitor.pings == 2
        world.now += timedelta(seconds=1)
        await heartbeat.step()
        assert (monitor.pings, beats("withheld")) == (2, withheld + 1)
        await world.timers.step()
        await heartbeat.step()
        assert monitor.pings == 3


async def test_a_monitor_that_refuses_or_is_away_stops_nothing(world: World) -> None:
    failed = beats("failed")
    async with monitoring(503, 302) as monitor:
        heartbeat = Heartbeat(world.database, monitor.url)
        assert [await heartbeat.step() for _ in range(2)] == [EVERY_S] * 2
    assert await heartbeat.step() == EVERY_S
    assert beats("failed") == failed + 3
