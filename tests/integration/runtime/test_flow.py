"""Bounded work in flight, and stopping with it."""

import asyncio
from typing import Any

import pytest

from heedful.common.events import Delivery
from tests.integration.runtime.conftest import BOTH
from tests.integration.runtime.world import Door, Recorder, Watched, World, text_of
from tests.patience import until

both = pytest.mark.parametrize("kind", BOTH, indirect=True)


# Bounds


@both
async def test_a_slow_handler_stops_the_fetching_and_loses_nothing(world: World) -> None:
    """What is fetched and not finished never exceeds the buffer and one batch."""
    door, slow = Door(), asyncio.Semaphore(0)
    bus = Watched(world.bus)
    most = 0

    async def decide(delivery: Delivery) -> None:
        nonlocal most
        most = max(most, bus.polled - len(recorder.handled))
        await door(delivery)
        if text_of(delivery) in ("50", "100"):
            await slow.acquire()

    texts = [f"{number}" for number in range(300)]
    await world.send(*texts)
    recorder = Recorder(decide)
    async with world.running(recorder, bus=bus, batch_records=4, buffer_records=10):
        await door.reached.wait()
        await until(lambda: bus.polled >= 10)
        door.opened.set()
        for _ in range(2):
            await until(lambda: bus.polled - len(recorder.handled) >= 6)
            slow.release()
        await until(lambda: len(recorder.handled) == 300)
    assert recorder.handled == texts
    assert most <= 10 + 4
    assert await world.uncommitted() == 0


@both
async def test_a_handler_that_keeps_up_has_at_most_a_batch_waiting_behind_it(
    world: World,
) -> None:
    """What waits for long leaves the caches of the processor: docs/decisions/0027."""
    bus = Watched(world.bus)
    most = 0

    async def watch(_: Delivery) -> None:
        nonlocal most
        most = max(most, bus.polled - len(recorder.handled))

    texts = [f"{number}" for number in range(400)]
    await world.send(*texts)
    recorder = Recorder(watch)
    async with world.running(recorder, bus=bus, batch_records=10, buffer_records=400):
        await until(lambda: len(recorder.handled) == 400)
    assert recorder.handled == texts
    assert most <= 2 * 10


async def test_a_buffer_smaller_than_a_batch_still_moves(world: World) -> None:
    texts = [f"{number}" for number in range(20)]
    await world.send(*texts)
    recorder = Recorder()
    async with world.running(recorder, batch_records=8, buffer_records=1):
        await until(lambda: recorder.handled == texts)


# Stopping


@both
async def test_a_stop_finishes_and_commits_what_is_in_flight_and_begins_nothing(
    world: World,
) -> None:
    door = Door()
    await world.send(*(f"{number}" for number in range(10)))
    recorder = Recorder(door)
    runner = world.runner(recorder, batch_records=2, buffer_records=4)
    task = asyncio.create_task(runner.run())
    await door.reached.wait()
    in_flight = len(recorder.batches[0])
    runner.stop()
    door.opened.set()
    await task
    assert len(recorder.batches) == 1
    assert await world.uncommitted() == 10 - in_flight


async def test_a_stop_does_not_wait_for_ever(world: World) -> None:
    """Work that outlasts the drain is given up, and comes again."""
    door = Door()
    await world.send("a")
    async with world.running(Recorder(door), drain_seconds=0.05):
        await door.reached.wait()
    assert await world.uncommitted() == 1


async def test_a_stop_before_the_start_starts_nothing(world: World) -> None:
    await world.send("a")
    recorder = Recorder()
    runner = world.runner(recorder)
    runner.stop()
    await runner.run()
    assert recorder.batches == []


async def test_a_cancelled_run_drains_as_a_stopped_one_does(world: World) -> None:
    door = Door()
    await world.send("a")
    recorder = Recorder(door)
    task = asyncio.create_task(world.runner(recorder).run())
    await door.reached.wait()
    task.cancel()
    door.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert recorder.handled == ["a"]
    assert await world.uncommitted() == 0


@both
async def test_a_poll_that_swallows_its_cancellation_does_not_hold_up_a_stop(world: World) -> None:
    """As `wait_for` does before Python 3.12, when a record comes in the same moment."""
    bus = Watched(world.bus)
    async with world.running(Recorder(), bus=bus):
        await bus.polls_more()
        consumer = bus.consumers[-1]
        poll = consumer.poll
        swallowed = asyncio.Event()

        async def deaf(max_records: int, timeout_s: float) -> Any:
            try:
                return await poll(max_records, timeout_s)
            except asyncio.CancelledError:
                if swallowed.is_set():
                    raise
                swallowed.set()
                return {}

        consumer.poll = deaf  # type: ignore[method-assign]
        await bus.polls_more()
    assert swallowed.is_set()
