"""Alive means progress; and what happens while the log is away."""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import make_url

from heedful.common.bus import Consumer, TopicPartition
from heedful.common.errors import BusUnavailable, Retryable
from heedful.common.events import Delivery
from tests.integration.runtime.conftest import BOTH
from tests.integration.runtime.world import Door, Recorder, Watched, World
from tests.patience import PATIENCE_S, until

STALL_S = 60.0


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def stall(self) -> None:
        self.now += STALL_S + 1


async def test_an_idle_runner_is_healthy(world: World) -> None:
    clock = Clock()
    async with world.running(Recorder(), clock=clock, stall_seconds=STALL_S) as runner:
        for _ in range(3):
            clock.stall()
            await until(lambda: runner.healthy(clock.now))


async def test_a_runner_whose_work_does_not_end_is_not_healthy_until_it_does(
    world: World,
) -> None:
    clock, door, bus = Clock(), Door(), Watched(world.bus)
    await world.send("a")
    async with world.running(Recorder(door), bus=bus, clock=clock, stall_seconds=STALL_S) as runner:
        await door.reached.wait()
        assert runner.healthy(clock.now)
        clock.stall()
        await world.send("b")  # something new to fetch is not progress
        await bus.polls_more()
        assert not runner.healthy(clock.now)
        door.opened.set()
        await until(lambda: runner.healthy(clock.now))


async def test_a_runner_that_only_tries_again_is_not_healthy(world: World) -> None:
    clock = Clock()

    async def wait(delivery: Delivery) -> None:
        raise Retryable("the database is away")

    await world.send("a")
    recorder = Recorder(wait)
    async with world.running(recorder, clock=clock, stall_seconds=STALL_S) as runner:
        await until(lambda: len(recorder.batches) > 3)
        clock.stall()
        count = len(recorder.batches)
        await until(lambda: len(recorder.batches) > count + 3)
        assert not runner.healthy(clock.now)


async def test_a_runner_that_gets_nothing_while_records_wait_is_not_healthy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka has stood still like this after a broker's restart, with empty polls."""
    monkeypatch.setattr("heedful.common.runtime.watching.LAG_EVERY_S", 0.05)
    clock, bus, recorder = Clock(), Watched(world.bus), Recorder()
    async with world.running(recorder, bus=bus, clock=clock, stall_seconds=STALL_S) as runner:
        await until(lambda: len(bus.consumers) == 1 and len(bus.assignment) == 1)
        bus.consumers[0].pause(list(bus.assignment))
        await world.send("a")
        await until(lambda: lag_of(world) == 1)
        clock.stall()
        await bus.polls_more()
        assert not runner.healthy(clock.now)
        bus.consumers[0].resume(list(bus.assignment))
        await until(lambda: runner.healthy(clock.now))
    assert recorder.handled == ["a"]


async def test_a_runner_that_cannot_know_whether_records_wait_is_not_healthy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Kafka away polls come back empty, not with an error."""
    monkeypatch.setattr("heedful.common.runtime.watching.LAG_EVERY_S", 0.05)
    clock, bus = Clock(), Watched(world.bus)
    async with world.running(Recorder(), bus=bus, clock=clock, stall_seconds=STALL_S) as runner:
        await until(lambda: len(bus.consumers) == 1)
        asked = 0

        async def no_answer() -> Mapping[TopicPartition, int]:
            nonlocal asked
            asked += 1
            raise BusUnavailable("the ends of the log are unknown")

        monkeypatch.setattr(bus.consumers[0], "lag", no_answer)
        await until(lambda: asked > 1)
        clock.stall()
        await bus.polls_more()
        assert not runner.healthy(clock.now)


@pytest.mark.kafka
@pytest.mark.parametrize("kind", BOTH[1:], indirect=True)
async def test_a_fetcher_that_died_inside_aiokafka_is_not_healthy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """getmany goes on to return nothing, without an error."""
    monkeypatch.setattr("heedful.common.runtime.watching.LAG_EVERY_S", 0.05)
    clock, bus, recorder = Clock(), Watched(world.bus), Recorder()
    await world.send("a")
    async with world.running(recorder, bus=bus, clock=clock, stall_seconds=STALL_S) as runner:
        await until(lambda: recorder.handled == ["a"])
        fetcher = bus.consumers[0]._client._fetcher  # type: ignore[attr-defined]
        for task in (fetcher._fetch_task, *fetcher._pending_tasks):
            task.cancel()
        await world.send("b")
        await until(lambda: lag_of(world) == 1)
        clock.stall()
        await bus.polls_more()
        assert not runner.healthy(clock.now)


def lag_of(world: World) -> float | None:
    labels = {"topic": world.topic.name, "partition": "0", "group": world.group}
    return REGISTRY.get_sample_value("heedful_consumer_lag_records", labels)


async def test_a_stopped_runner_leaves_no_lag_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figure would stand for ever, and somebody would be woken for it."""
    monkeypatch.setattr("heedful.common.runtime.watching.LAG_EVERY_S", 0.05)
    async with world.running(Recorder()):
        await until(lambda: lag_of(world) is not None)
    assert lag_of(world) is None


# A log that goes away


async def test_a_runner_outlives_an_absence_of_the_log(
    world: World, log_url: str, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = make_url(log_url).database
    server = await asyncpg.connect(postgres_url)
    recorder, clock, bus = Recorder(), Clock(), Watched(world.bus)
    async with world.running(recorder, bus=bus, clock=clock, stall_seconds=STALL_S) as runner:
        await world.send("before")
        await until(lambda: recorder.handled == ["before"])
        await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        # The polls fail from now on; nothing that failed is progress.
        await until(lambda: "cannot fetch" in caplog.text)
        clock.stall()
        assert not runner.healthy(clock.now)
        await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await world.send("after")
        await until(lambda: recorder.handled[-1] == "after")
        await until(lambda: runner.healthy(clock.now))
    await server.close()
    assert list(dict.fromkeys(recorder.handled)) == ["before", "after"]
    assert await world.uncommitted() == 0


async def test_a_runner_that_cannot_join_waits_and_stops_when_it_is_asked_to(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is there from the start; a stop must not wait for somebody to come."""
    bus = await world.other_bus()
    consumer = bus.consumer(world.group, [world.topic.name])
    await bus.stop()  # so that joining fails as it does while PostgreSQL is away

    class Away(Watched):
        def consumer(self, *_: Any) -> Consumer:
            return consumer

    recorder = Recorder()
    runner = world.runner(recorder, bus=Away(bus))
    task = asyncio.create_task(runner.run())
    await until(lambda: "cannot join" in caplog.text)
    assert not task.done()
    runner.stop()
    async with asyncio.timeout(PATIENCE_S):
        await task
    assert recorder.batches == []
