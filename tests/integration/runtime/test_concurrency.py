"""Several batches under way: what waits for what, and what may be committed meanwhile."""

import asyncio

import pytest

from heedful.common.bus.partitioning import partition_of
from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Ordering
from tests.contract.bus.postgres import Sql
from tests.integration.runtime.world import Recorder, Watched, World, note, text_of
from tests.patience import until


class Gate:
    """Holds back the events whose text begins with a closed letter."""

    def __init__(self, *closed: str) -> None:
        self._closed = {letter: asyncio.Event() for letter in closed}
        self.held: set[str] = set()

    async def __call__(self, delivery: Delivery) -> None:
        text = text_of(delivery)
        if (event := self._closed.get(text[0])) is not None:
            self.held.add(text)
            await event.wait()

    def open(self, letter: str) -> None:
        self._closed[letter].set()


async def send(world: World, *texts: str) -> None:
    """The key is the first letter."""
    await world.bus.producer.send([note(world.topic, text, text[0]) for text in texts])


def of_key(recorder: Recorder, key: str) -> list[str]:
    return [text for text in recorder.handled if text[0] == key]


async def test_a_slow_key_holds_back_itself_and_no_other(world: World) -> None:
    gate = Gate("a")
    recorder = Recorder(gate)
    needs = {"concurrency": 2}
    async with world.running(recorder, needs=needs, batch_records=1):
        await send(world, "a1", "b1", "a2", "b2", "a3", "b3")
        await until(lambda: of_key(recorder, "b") == ["b1", "b2", "b3"])
        assert gate.held == {"a1"}, "what shares its key waits"
        gate.open("a")
        await until(lambda: of_key(recorder, "a") == ["a1", "a2", "a3"])
    assert await world.uncommitted() == 0


async def test_no_more_batches_are_under_way_than_asked_for(world: World) -> None:
    gate = Gate("a", "b", "c")
    recorder = Recorder(gate)
    async with world.running(recorder, needs={"concurrency": 2}, batch_records=1):
        await send(world, "a1", "b1", "c1")
        await until(lambda: len(gate.held) == 2)
        assert gate.held == {"a1", "b1"}
        for letter in "abc":
            gate.open(letter)
        await until(lambda: len(recorder.handled) == 3)


async def test_a_partition_in_order_waits_for_its_slowest(world: World) -> None:
    gate = Gate("a")
    recorder = Recorder(gate)
    needs = {"concurrency": 3, "ordering": Ordering.PARTITION}
    async with world.running(recorder, needs=needs, batch_records=1):
        await send(world, "a1", "b1", "b2")
        await until(lambda: gate.held == {"a1"})
        await asyncio.sleep(0)
        assert recorder.batches == [["a1"]]
        gate.open("a")
        await until(lambda: recorder.handled == ["a1", "b1", "b2"])


async def test_without_an_order_one_key_is_handled_side_by_side(world: World) -> None:
    gate = Gate("a")
    recorder = Recorder(gate)
    needs = {"concurrency": 3, "ordering": Ordering.NONE}
    async with world.running(recorder, needs=needs, batch_records=1):
        await send(world, "a1", "a2", "a3")
        await until(lambda: gate.held == {"a1", "a2", "a3"})
        gate.open("a")


async def test_only_the_finished_prefix_is_committed(world: World, sql: Sql) -> None:
    gate = Gate("a")
    recorder = Recorder(gate)

    async def committed() -> int | None:
        found = await sql.fetchval('SELECT "offset" FROM bus.committed')
        return None if found is None else int(found)

    async with world.running(recorder, needs={"concurrency": 2}, batch_records=1):
        await send(world, "b1", "a1", "b2", "b3")
        await until(lambda: len(of_key(recorder, "b")) == 3)

        async def first() -> bool:
            return await committed() == 1

        await until(first)
        gate.open("a")

        async def all_of_them() -> bool:
            return await committed() == 4

        await until(all_of_them)


async def test_a_key_that_waits_for_the_world_does_not_stop_the_others(world: World) -> None:
    away = True

    async def decide(delivery: Delivery) -> None:
        if away and text_of(delivery)[0] == "a":
            raise Retryable("the database is away")

    recorder = Recorder(decide)
    async with world.running(recorder, needs={"concurrency": 2}, batch_records=1):
        await send(world, "a1", "b1", "a2", "b2")
        await until(lambda: of_key(recorder, "b") == ["b1", "b2"])
        away = False
        await until(lambda: of_key(recorder, "a") == ["a1", "a2"])
    assert await world.uncommitted() == 0


async def test_work_does_not_run_far_ahead_of_what_hangs(world: World) -> None:
    """A crash would repeat all that is finished behind it."""
    gate = Gate("a")
    recorder = Recorder(gate)
    bus = Watched(world.bus)
    needs = {"concurrency": 2}
    async with world.running(recorder, bus=bus, needs=needs, batch_records=2, buffer_records=8):
        await send(world, "a0")
        await until(lambda: gate.held != set())
        await send(world, *(f"b{number}" for number in range(40)))
        await until(lambda: len(of_key(recorder, "b")) >= 7)
        await bus.polls_more()
        assert len(of_key(recorder, "b")) <= 8
        gate.open("a")
        await until(lambda: len(recorder.handled) == 41)
    assert await world.uncommitted() == 0


@pytest.mark.parametrize("partitions", [2])
async def test_a_partition_that_stands_still_leaves_room_for_the_others(world: World) -> None:
    """Its backlog is longer than the buffer."""
    assert partition_of(b"a", 2) != partition_of(b"d", 2)
    gate = Gate("a")
    recorder = Recorder(gate)
    needs = {"concurrency": 2, "ordering": Ordering.PARTITION}
    async with world.running(recorder, needs=needs, batch_records=2, buffer_records=8):
        await send(world, *(f"a{number}" for number in range(40)))
        await until(lambda: gate.held != set())
        await send(world, *(f"d{number}" for number in range(40)))
        await until(lambda: len(of_key(recorder, "d")) == 40)
        gate.open("a")
        await until(lambda: len(recorder.handled) == 80)
    assert await world.uncommitted() == 0
