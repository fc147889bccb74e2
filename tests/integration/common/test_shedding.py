"""More than can be under way is refused at once."""

import asyncio
from dataclasses import replace

import httpx

from heedful.common.service import Platform
from tests.integration.common.world import Shop, client_of, post, problem


def narrow(platform: Platform) -> Platform:
    """It takes one request at a time."""
    http = platform.settings.http.model_copy(update={"max_requests": 1})
    return replace(platform, settings=platform.settings.model_copy(update={"http": http}))


async def under_way(client: httpx.AsyncClient, shop: Shop) -> "asyncio.Task[httpx.Response]":
    """A request that is being answered until the gate opens."""
    shop.entered.clear()
    shop.gate.clear()
    asked = asyncio.create_task(post(client, "held"))
    await shop.entered.wait()
    return asked


async def test_one_too_many_is_503_and_done_when_it_comes_again(
    platform: Platform, shop: Shop
) -> None:
    async with client_of(narrow(platform), [shop.service()]) as client:
        first = await under_way(client, shop)
        refused = await post(client, "second")
        assert "1 requests" in problem(refused, 503, "unavailable")["detail"]
        assert int(refused.headers["retry-after"]) > 0
        assert shop.orders == []
        shop.gate.set()
        assert (await first).status_code == 201
        assert (await post(client, "second")).status_code == 201


async def test_a_stranger_is_refused_before_the_key_is_looked_at(
    platform: Platform, shop: Shop
) -> None:
    async with client_of(narrow(platform), [shop.service()]) as client:
        first = await under_way(client, shop)
        client.headers["x-api-key"] = "unknown"
        problem(await client.get("/v1/orders"), 503, "unavailable")
        shop.gate.set()
        await first
        assert (await client.get("/v1/orders")).status_code != 503


async def test_probes_and_metrics_are_answered_however_full_it_is(
    platform: Platform, shop: Shop
) -> None:
    async with client_of(narrow(platform), [shop.service()]) as client:
        first = await under_way(client, shop)
        assert (await client.get("/healthz")).status_code == 200
        seen = (await client.get("/metrics")).text
        assert "heedful_http_requests_under_way 1.0" in seen
        shop.gate.set()
        await first
        assert "heedful_http_requests_under_way 0.0" in (await client.get("/metrics")).text
