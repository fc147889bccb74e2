"""Partitions change hands while work is in flight: nothing is lost, nothing old is committed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from heedful.common.events import Delivery
from tests.contract.bus.postgres import Sql
from tests.integration.runtime.conftest import BOTH
from tests.integration.runtime.world import Door, Recorder, Watched, World, note, text_of
from tests.patience import PATIENCE_S, until

both = pytest.mark.parametrize("kind", BOTH, indirect=True)
KEYS = [f"key-{number}" for number in range(12)]


@pytest.fixture
def partitions() -> int:
    return 4


async def send_all(world: World, *turns: int) -> set[str]:
    """A record for every key and turn, in the order of the turns."""
    sent: set[str] = set()
    for turn in turns:
        await world.bus.producer.send([note(world.topic, f"{key}/{turn}", key) for key in KEYS])
        sent |= {f"{key}/{turn}" for key in KEYS}
    return sent


def in_order(texts: list[str]) -> bool:
    """Every key's turns in order; what came twice counts where it came first."""
    seen: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        key, turn = text.split("/")
        if int(turn) < seen.get(key, -1):
            return False
        seen[key] = int(turn)
    return True


@both
async def test_a_drained_handover_repeats_nothing(world: World) -> None:
    """The batch in flight is finished and committed before its partitions go."""
    door = Door()
    first, second = Recorder(door), Recorder()
    sent = await send_all(world, 0, 1)
    watched, other = Watched(world.bus), await world.other_bus()
    async with world.running(first, bus=watched, batch_records=9, commit_seconds=60):
        await door.reached.wait()
        async with world.running(second, bus=other, batch_records=5):
            await watched.revoking.wait()
            assert first.handled == []
            door.opened.set()
            turn = 2
            while not second.handled:
                sent |= await send_all(world, turn)
                turn += 1
            await until(lambda: set(first.handled + second.handled) == sent)
    assert len(first.handled + second.handled) == len(sent)
    assert in_order(first.handled + second.handled)
    assert await world.uncommitted() == 0


@both
async def test_a_batch_that_outlasts_the_drain_is_handled_again_and_not_committed_by_the_first(
    world: World,
) -> None:
    """Its partitions belong to somebody else when it ends."""
    door = Door()
    first, second = Recorder(door), Recorder()
    sent = await send_all(world, 0)
    watched, other = Watched(world.bus), await world.other_bus()
    async with world.running(first, bus=watched, batch_records=100, drain_seconds=0.05):
        await door.reached.wait()
        in_flight = set(first.batches[0])
        async with world.running(second, bus=other):
            await until(lambda: 0 < len(watched.assignment) < 4 and second.handled != [])
            door.opened.set()
            await until(lambda: set(first.handled) & in_flight == in_flight)
            sent |= await send_all(world, 1)
            await until(lambda: set(first.handled + second.handled) == sent)
    taken_over = {text for text in second.handled if text.endswith("/0")}
    assert taken_over & in_flight, "the new owner begins at the last commit"
    assert in_order(second.handled)
    assert await world.uncommitted() == 0


@both
async def test_members_that_come_and_go_lose_nothing_and_keep_every_order(world: World) -> None:
    recorders = [Recorder(), Recorder(), Recorder()]

    def handled() -> list[str]:
        return [text for recorder in recorders for text in recorder.handled]

    sent = await send_all(world, *range(4))
    async with world.running(recorders[0], batch_records=3):
        async with world.running(recorders[1], bus=await world.other_bus(), batch_records=3):
            sent |= await send_all(world, 4, 5)
            async with world.running(recorders[2], bus=await world.other_bus(), batch_records=3):
                sent |= await send_all(world, 6, 7)
                await until(lambda: len(set(handled())) > len(sent) // 2)
        sent |= await send_all(world, 8)
        await until(lambda: set(handled()) == sent)
    for recorder in recorders:
        assert in_order(recorder.handled)
    assert await world.uncommitted() == 0


async def test_partitions_that_were_paused_are_fetched_by_their_next_owner(world: World) -> None:
    """A full buffer pauses; the pause must not travel, and what stays must be resumed."""
    door = Door()
    first, second = Recorder(door), Recorder()
    sent = await send_all(world, *range(6))
    bus = Watched(world.bus)
    async with world.running(first, bus=bus, batch_records=4, buffer_records=8, drain_seconds=0.05):
        await door.reached.wait()
        await until(lambda: bus.polled >= 8)
        async with world.running(second, bus=await world.other_bus()):
            await until(lambda: second.handled != [])
            door.opened.set()
            await until(lambda: set(first.handled + second.handled) == sent)
    assert await world.uncommitted() == 0


async def test_of_a_partition_taken_without_notice_nothing_is_begun_or_committed(
    world: World, sql: Sql
) -> None:
    """Its lease ran out unseen: the group gave it to somebody who may be further by now."""
    door = Door()
    recorder = Recorder(door)
    await world.send("a", "b")
    bus = Watched(world.bus)
    async with world.running(recorder, bus=bus, batch_records=1, commit_seconds=0.01):
        await door.reached.wait()
        await until(lambda: bus.polled == 2)
        # At once: what belongs to nobody alive may be claimed.
        async with sql.transaction():
            await sql.execute(
                "UPDATE bus.assignment SET member = gen_random_uuid(), epoch = epoch + 1"
            )
            await sql.execute(
                "INSERT INTO bus.member"
                " SELECT grp, member, ARRAY[topic], clock_timestamp() + '1 hour'"
                " FROM bus.assignment ON CONFLICT DO NOTHING"
            )
        await until(lambda: not bus.assignment)
        door.opened.set()
        await until(lambda: recorder.handled != [])
        await bus.polls_more()
    assert recorder.batches == [["a"]], "what was only fetched is not ours to handle"
    assert await sql.fetch("SELECT 1 FROM bus.committed") == []


# Crashes


@asynccontextmanager
async def process(
    world: World, address: str, seen: Path
) -> AsyncIterator["asyncio.subprocess.Process"]:
    """A runner in a process of its own, which writes down what it has handled."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.runtime.process",
        address, world.group, world.topic.name, str(world.topic.partitions), str(seen),
    )  # fmt: skip
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_after_crashes_every_record_was_handled_at_least_once_and_in_order(
    world: World, address: str, tmp_path: Path
) -> None:
    """kill -9 in the middle of batches, again and again; then one that is left alone."""
    seen = tmp_path / "seen"
    seen.touch()
    sent = await send_all(world, *range(30))

    def handled() -> list[str]:
        return seen.read_text().splitlines()

    for _ in range(2):
        before = len(handled())
        async with process(world, address, seen) as running:
            await until(lambda before=before: len(handled()) > before + 40)
            os.kill(running.pid, signal.SIGKILL)
    recorder = Recorder()
    async with world.running(recorder):
        await until(lambda: set(handled() + recorder.handled) == sent)
    assert in_order(handled() + recorder.handled)
    assert len(recorder.handled) < len(sent), "the crashed ones committed nothing"
    assert await world.uncommitted() == 0


async def test_a_run_that_dies_with_its_loop_begins_again_at_its_commit(world: World) -> None:
    """Cancelled in the middle of its drain: nothing that was not finished is committed."""
    door = Door()

    async def wait_for_c(delivery: Delivery) -> None:
        if text_of(delivery) == "k/2":
            await door(delivery)

    await world.send("k/0", "k/1", "k/2", "k/3")
    recorder = Recorder(wait_for_c)
    bus = Watched(await world.other_bus())
    task = asyncio.create_task(world.runner(recorder, bus=bus, batch_records=2).run())
    await door.reached.wait()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    await bus.consumers[0].stop()
    again = Recorder()
    async with asyncio.timeout(PATIENCE_S), world.running(again):
        await until(lambda: again.handled[-2:] == ["k/2", "k/3"])
    assert recorder.handled == ["k/0", "k/1"]
    assert await world.uncommitted() == 0
