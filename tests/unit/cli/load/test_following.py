"""Freshness: what is looked for, for how long, and how exact that is."""

import asyncio
from typing import Any

import httpx
import pytest

from heedful.cli.load.following import CannotFollow, Follower
from heedful.cli.load.outcome import Freshness
from tests.unit.cli.load.clock import timed

RED, GREEN, NEVER = ("calls", "red"), ("calls", "green"), ("calls", "never")
READABLE = {RED: 3.0, GREEN: 1.0}
CASES = {RED: 5.0}


class Services:
    """journey and alerting, as far as they are asked."""

    def __init__(self, status: int = 200, away: tuple[float, float] = (0, 0)) -> None:
        self._status = status
        self._away = away
        self._told: set[tuple[str, str]] = set()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        if self._away[0] < now < self._away[1]:
            raise httpx.ConnectError("away")
        if self._status != 200:
            return httpx.Response(self._status, text="no")
        if request.url.path == "/v1/records":
            key = (request.url.params["source"], request.url.params["id"])
            return httpx.Response(200 if READABLE.get(key, 1e9) <= now else 404, json={})
        new = [key for key, at in CASES.items() if at <= now and key not in self._told]
        self._told.update(new)
        items = [{"feedback": [{"source": key[0], "id": key[1]}]} for key in new]
        return httpx.Response(200, json={"items": items, "position": "p", "more": False})


def followed(services: Services, patience: float) -> list[Freshness]:
    async def run() -> list[Freshness]:
        loop = asyncio.get_running_loop()
        transport = httpx.MockTransport(services.answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            follower = Follower(client, client, loop.time)
            await follower.start()
            running = asyncio.create_task(follower.run())
            # Due half a second before it was taken.
            for source, id_ in (RED, GREEN, NEVER):
                follower.follow(source, id_, loop.time() - 0.5, alarming=id_ == "red")
            follower.end(patience)
            await running
            return follower.found()

    found: list[Freshness] = timed(run())
    return found


def test_times_count_from_when_an_item_was_due_and_the_missing_are_counted() -> None:
    readable, cases = followed(Services(), patience=20)
    assert (readable.times.count, readable.missing) == (2, 1)
    assert readable.times.percentiles["50"] == pytest.approx(1500, abs=250)
    assert readable.times.max == pytest.approx(3500, abs=250)
    assert (cases.times.count, cases.missing) == (1, 0)
    assert cases.times.max == pytest.approx(5500, abs=250)
    # Five looks a second; nobody waits for what never comes beyond its patience.
    assert readable.resolution_ms == pytest.approx(200, abs=1)


def test_a_service_that_is_away_for_a_while_is_asked_again() -> None:
    readable, _ = followed(Services(away=(0.1, 10)), patience=20)
    assert readable.times.max == pytest.approx(10_500, abs=250)


def test_who_refuses_or_is_not_there_ends_the_run_with_what_to_do() -> None:
    with pytest.raises(CannotFollow, match="answered 403: no; --follow needs a key with"):
        followed(Services(status=403), patience=1)
    with pytest.raises(CannotFollow, match="--journey-url and --alerting-url"):
        followed(Services(away=(-1, 1)), patience=1)


def test_nothing_to_wait_for_ends_at_once() -> None:
    async def run() -> Any:
        loop = asyncio.get_running_loop()
        transport = httpx.MockTransport(Services().answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            follower = Follower(client, client, loop.time)
            follower.end(60)
            await follower.run()
            return loop.time(), follower.found()[0].times.count

    assert timed(run()) == (0, 0)
