"""What a batch holds, and when it is committed."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from heedful.common.bus import Record
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.common.runtime import ConsumerRunner, Handled, Subscription, as_is, each
from heedful.common.settings import ConsumerSettings
from tests.contract.bus.postgres import Sql
from tests.integration.runtime.world import Door, Recorder, World, note, text_of
from tests.patience import until


async def filled(world: World, recorder: Recorder, count: int, **options: Any) -> None:
    """Everything is there before the first batch ends, so batches are as large as they may be."""
    door = Door()
    recorder.decide = door
    await world.send("0")
    async with world.running(recorder, **options):
        await door.reached.wait()
        await world.send(*(f"{number}" for number in range(1, count)))
        door.opened.set()
        await until(lambda: len(recorder.handled) == count)


async def test_a_batch_is_bounded_in_bytes(world: World) -> None:
    recorder = Recorder()
    written = note(world.topic, "0")
    one = len(written.value or b"") + len(written.key or b"")
    await filled(world, recorder, 9, batch_bytes=3 * one)
    assert max(map(len, recorder.batches)) in (2, 3)


async def test_a_batch_is_bounded_in_what_the_service_says_it_costs(world: World) -> None:
    recorder = Recorder()
    needs = {"cost": lambda record: 10.0, "batch_cost": 25.0}
    await filled(world, recorder, 9, needs=needs)
    assert max(map(len, recorder.batches)) == 2


async def test_a_batch_that_is_not_full_waits_for_more(world: World) -> None:
    """For longer than the test may take, so only being full ends the wait."""
    recorder = Recorder()
    async with world.running(recorder, batch_records=3, batch_wait_seconds=3600):
        await world.send("1")
        await world.send("2")
        await world.send("3")
        await until(lambda: recorder.batches == [["1", "2", "3"]])


async def test_a_batch_that_waits_for_more_does_not_hold_back_a_stop(world: World) -> None:
    recorder = Recorder()
    async with world.running(recorder, batch_records=3, batch_wait_seconds=3600) as runner:
        await world.send("1")
        await until(lambda: len(runner._lanes) == 1)
    assert recorder.batches == []


async def test_a_wait_for_more_ends(world: World) -> None:
    recorder = Recorder()
    async with world.running(recorder, batch_records=3, batch_wait_seconds=0.05):
        await world.send("1")
        await until(lambda: recorder.batches == [["1"]])


async def test_enough_finished_records_are_committed_without_waiting(
    world: World, sql: Sql
) -> None:
    async def committed() -> bool:
        return bool(await sql.fetchval('SELECT "offset" FROM bus.committed') == 3)

    async with world.running(Recorder(), commit_seconds=3600, commit_records=3):
        await world.send("1", "2", "3")
        await until(committed)


async def test_a_handler_may_take_events_one_by_one(world: World) -> None:
    seen: list[str] = []

    async def handle(delivery: Delivery) -> Handled:
        if text_of(delivery) == "bad":
            raise InvalidMessage("not_wanted", "no")
        seen.append(text_of(delivery))
        return ()

    subscription = Subscription(world.group, (world.topic,), each(handle))
    async with running(world, subscription):
        await world.send("1", "bad", "2")
        await until(lambda: seen == ["1", "2"])
    [letter] = await world.letters(1)
    assert dict(letter.headers)["error_name"] == b"not_wanted"


async def test_a_handler_may_take_the_records_as_they_are(world: World) -> None:
    """Also those that are no events."""
    seen: list[bytes | None] = []

    async def handle(batch: Sequence[Record]) -> Sequence[Handled]:
        seen.extend(record.value for record in batch)
        return [() for _ in batch]

    subscription = Subscription[Record](
        world.group,
        (world.topic,),
        handle,
        decode=as_is,
    )
    async with running(world, subscription):
        await world.send("1")
        await until(lambda: len(seen) == 1)
    assert await world.uncommitted() == 0


@pytest.mark.parametrize("share", [0.4, 0.6])
async def test_too_large_a_share_of_dead_letters_stops_the_process(
    world: World, share: float
) -> None:
    async def decide(delivery: Delivery) -> Handled:
        if int(text_of(delivery)) % 2:
            return InvalidMessage("odd", "it is odd")
        return ()

    recorder = Recorder(decide)
    await world.send(*(f"{number}" for number in range(40)))
    options: dict[str, Any] = {"dlq_share_records": 20, "max_dlq_share": share, "batch_records": 5}
    if share < 0.5:
        await world.fatal(recorder, "of the last 20 records would go to the DLQ", **options)
        await world.letters(7)
    else:
        async with world.running(recorder, **options):
            await until(lambda: len(recorder.handled) == 20)
        await world.letters(20)


class running:  # noqa: N801  # reads as a verb
    """A subscription of its own kind, until the block ends."""

    def __init__(self, world: World, subscription: "Subscription[Any]") -> None:
        settings = ConsumerSettings(poll_seconds=0.05, commit_seconds=0.05)
        self._runner = ConsumerRunner(subscription, world.bus, settings)

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._runner.run())

    async def __aexit__(self, *_: object) -> None:
        self._runner.stop()
        await self._task
