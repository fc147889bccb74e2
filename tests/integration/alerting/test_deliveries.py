"""Webhooks: signed, retried under one id, replayed, refused where they may not go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from heedful.alerting import store_deliveries, store_outcomes
from heedful.alerting.schedule import DELAYS, DeliveryState, Settlement
from heedful.alerting.store_outcomes import Attempt, Settled
from heedful.common.http.targets import TargetPolicy
from tests.integration.alerting.receiver import Answer, Receiver, receiving
from tests.integration.alerting.world import (
    HOUR,
    T0,
    Make,
    World,
    case_id,
    enriched,
    feedback,
    send,
)
from tests.integration.conftest import OTHER_TENANT, TENANT

RED = feedback()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


async def the_delivery(world: World) -> Any:
    (row,) = await world.query("SELECT * FROM alerting.delivery")
    return row


async def test_a_case_is_told_with_a_verified_signature(
    world: World, receiver: Receiver, make: Make
) -> None:
    await world.add_endpoint(receiver.url)
    await world.consume(enriched(RED))
    await send(make())
    (event,) = receiver.events
    assert event["type"] == "case.opened"
    assert event["data"]["case_id"] == case_id(RED)
    assert event["data"]["feedback"] == {"source": "calls", "id": "f1", "channel": "call"}
    assert event["data"]["url"] == f"https://heedful.example.com/v1/cases/{case_id(RED)}"
    assert b"8001380" not in receiver.bodies[0]
    row = await the_delivery(world)
    assert (row.state, row.attempts, row.id) == ("delivered", 1, receiver.ids[0])
    (tried,) = await world.query("SELECT * FROM alerting.attempt")
    assert (tried.status, tried.error) == (204, None)
    await send(make())
    assert len(receiver.ids) == 1


async def test_every_step_has_its_own_id_at_every_endpoint(
    world: World, receiver: Receiver, make: Make
) -> None:
    await world.add_endpoint(receiver.url, endpoint_id="a")
    await world.add_endpoint(receiver.url, endpoint_id="b")
    await world.add_endpoint(receiver.url, endpoint_id="theirs", tenant=OTHER_TENANT)
    await world.consume(enriched(RED))
    await world.fire_until(T0 + 100 * HOUR)
    loop = make(concurrency=100)
    await send(loop)
    # Within 100 hours: opened, and seven rungs of the first clock, six and five of the others.
    assert len(receiver.ids) == len(set(receiver.ids)) == 2 * (1 + 8 + 6 + 5)
    types = {(event["type"], event["data"]["clock"]) for event in receiver.events}
    assert len(types) == 1 + 3 * 3
    warning = next(event for event in receiver.events if event["type"] == "case.warning")
    assert warning["data"]["deadlines"]["respond"] == "2026-03-02T08:00:00Z"


async def test_refused_tries_come_again_with_the_same_id_and_body(
    world: World, receiver: Receiver, make: Make
) -> None:
    await world.add_endpoint(receiver.url)
    receiver.answers = [Answer(500), Answer(302, {"location": "http://127.0.0.1:1/"}), Answer(404)]
    await world.consume(enriched(RED))
    loop = make()
    for delay in DELAYS[1:4]:
        await send(loop)
        before = await the_delivery(world)
        assert before.state == "pending"
        assert abs((before.due_at - world.now) - delay) < timedelta(seconds=2)
        await send(loop)  # not due yet: nothing happens
        world.now = before.due_at
    await send(loop)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 4
    assert len(set(receiver.bodies)) == 1
    row = await the_delivery(world)
    assert (row.state, row.attempts) == ("delivered", 4)
    tries = await world.query("SELECT status FROM alerting.attempt ORDER BY number")
    assert [one.status for one in tries] == [500, 302, 404, 204]


async def test_retry_after_is_honoured(world: World, receiver: Receiver, make: Make) -> None:
    await world.add_endpoint(receiver.url)
    receiver.answers = [Answer(429, {"retry-after": "90"})]
    await world.consume(enriched(RED))
    await send(make())
    row = await the_delivery(world)
    assert timedelta(seconds=89) < row.due_at - world.now < timedelta(seconds=92)


async def test_after_the_last_try_it_has_failed_and_can_be_replayed(
    world: World, receiver: Receiver, make: Make
) -> None:
    await world.add_endpoint(receiver.url)
    receiver.answers = [Answer(500)] * len(DELAYS)
    await world.consume(enriched(RED))
    loop = make()
    for _ in DELAYS:
        await send(loop)
        world.now = max(world.now, (await the_delivery(world)).due_at)
    assert (await the_delivery(world)).state == "failed"
    await send(loop)
    assert len(receiver.ids) == len(DELAYS)
    async with world.database.begin() as (connection, now):
        await store_deliveries.replay(connection, now, TENANT, receiver.ids[0])
    await send(loop)
    row = await the_delivery(world)
    assert (row.state, row.attempts) == ("delivered", 1)
    assert len(set(receiver.ids)) == 1
    assert len(await world.query("SELECT 1 FROM alerting.attempt")) == len(DELAYS) + 1


async def test_410_disables_the_endpoint(world: World, receiver: Receiver, make: Make) -> None:
    await world.add_endpoint(receiver.url)
    receiver.answers = [Answer(410)]
    await world.consume(enriched(RED), enriched(feedback(2)))
    await send(make(concurrency=1))
    rows = await world.query("SELECT state FROM alerting.delivery")
    assert {row.state for row in rows} == {"failed", "discarded"}
    await world.consume(enriched(feedback(3)))
    assert len(await world.query("SELECT 1 FROM alerting.delivery")) == 2


async def test_a_dead_workers_delivery_passes_on(
    world: World, receiver: Receiver, make: Make
) -> None:
    """At least once: the second worker sends it after the lease, the first finds it taken."""
    await world.add_endpoint(receiver.url)
    await world.consume(enriched(RED))
    async with world.database.begin() as (connection, now):
        (lost,) = await store_deliveries.claim(
            connection, now, "dead", now + timedelta(seconds=30), 1
        )
    other = make("sender-2")
    await send(other)
    assert receiver.ids == []
    world.now += timedelta(seconds=30)
    await send(other)
    assert receiver.ids == [lost.id]
    async with world.database.begin() as (connection, now):
        lateness = Settled(
            lost,
            Attempt(now, 500, "late", 1),
            Settlement(DeliveryState.PENDING, now, "failed"),
        )
        ours = await store_outcomes.write(connection, "dead", [lateness])
    assert not ours
    assert (await the_delivery(world)).state == "delivered"


async def test_two_workers_share_the_work(world: World, receiver: Receiver, make: Make) -> None:
    await world.add_endpoint(receiver.url)
    await world.consume(*(enriched(feedback(number)) for number in range(60)))
    loops = [make("sender-1"), make("sender-2")]
    for _ in range(4):
        await asyncio.gather(*map(send, loops))
    assert len(receiver.ids) == len(set(receiver.ids)) == 60


async def test_a_slow_receiver_fails_after_the_timeout(world: World, make: Make) -> None:
    release = asyncio.Event()

    async def hang(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hang)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        await world.add_endpoint(f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
        await world.consume(enriched(RED))
        await send(make(timeout_seconds=0.2))
    finally:
        release.set()
        await runner.cleanup()
    (tried,) = await world.query("SELECT * FROM alerting.attempt")
    assert (tried.status, tried.error) == (None, "no answer within 0.2 s")
    assert (await the_delivery(world)).state == "pending"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433"])
async def test_private_targets_are_refused_at_the_moment_of_sending(
    world: World, receiver: Receiver, make: Make, host: str
) -> None:
    """The URL is in the table, however it got there; what it resolves to decides."""
    await world.add_endpoint(receiver.url.replace("127.0.0.1", host))
    await world.consume(enriched(RED))
    await send(make(policy=TargetPolicy()))
    assert receiver.ids == []
    (tried,) = await world.query("SELECT * FROM alerting.attempt")
    assert tried.status is None
    assert (await the_delivery(world)).state == "pending"


async def test_a_name_that_resolves_to_a_private_address_is_refused(
    world: World, receiver: Receiver, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the check is on the address of the socket, not on an earlier answer."""
    loop = asyncio.get_running_loop()
    original = loop.getaddrinfo

    def rebound(host: str, *arguments: Any, **options: Any) -> Awaitable[Any]:
        return original("127.0.0.1" if host == "hooks.example.com" else host, *arguments, **options)

    monkeypatch.setattr(loop, "getaddrinfo", rebound)
    await world.add_endpoint(receiver.url.replace("127.0.0.1", "hooks.example.com"))
    await world.consume(enriched(RED))
    await send(make(policy=TargetPolicy()))
    assert receiver.ids == []
    (tried,) = await world.query("SELECT * FROM alerting.attempt")
    assert "TargetRefused" in tried.error


async def test_a_secret_that_does_not_open_is_a_failed_try(
    world: World, receiver: Receiver, make: Make
) -> None:
    await world.add_endpoint(receiver.url)
    async with world.database.begin() as (connection, _):
        await connection.exec_driver_sql(
            "UPDATE alerting.endpoint SET sealed = decode('0365326500', 'hex')"
        )
    await world.consume(enriched(RED))
    await send(make())
    (tried,) = await world.query("SELECT * FROM alerting.attempt")
    assert "was sealed with key" in tried.error
