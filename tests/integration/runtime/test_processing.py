"""From a record to its effect, its results or its dead letter."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from heedful.common.bus import Outgoing, TopicPartition
from heedful.common.errors import Fatal, Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handled
from heedful.common.topics import MAX_RECORD_BYTES
from tests.contract.bus.postgres import Sql, waiting_for_a_lock
from tests.integration.runtime.conftest import BOTH
from tests.integration.runtime.world import Recorder, Watched, World, note, text_of
from tests.patience import until

both = pytest.mark.parametrize("kind", BOTH, indirect=True)


@both
async def test_everything_is_handled_in_order_in_batches_and_committed(world: World) -> None:
    texts = [f"{number}" for number in range(50)]
    await world.send(*texts)
    recorder = Recorder()
    async with world.running(recorder, batch_records=8):
        await until(lambda: len(recorder.handled) == 50)
    assert recorder.handled == texts
    assert max(map(len, recorder.batches)) <= 8
    assert await world.uncommitted() == 0


async def test_work_is_committed_while_it_goes_on(world: World, sql: Sql) -> None:
    """A crash costs a second's work, not that of the whole life."""
    await world.send("a")
    recorder = Recorder()
    async with world.running(recorder):
        await until(lambda: recorder.handled == ["a"])

        async def committed() -> bool:
            return await sql.fetch('SELECT 1 FROM bus.committed WHERE "offset" = 1') != []

        await until(committed)


# Results


async def test_results_are_published_in_order_with_those_of_their_batch(world: World) -> None:
    async def double(delivery: Delivery) -> Handled:
        text = text_of(delivery)
        return [note(world.out, f"{text}{suffix}") for suffix in "xy"]

    await world.send("1", "2")
    recorder = Recorder(double)
    async with world.running(recorder):
        await until(lambda: len(recorder.handled) == 2)
    written = await world.written(world.out.name, 4)
    assert [dict(record.headers)["ce_id"] for record in written] == [b"1x", b"1y", b"2x", b"2y"]


async def test_nothing_is_committed_before_its_results_are_durable(world: World, sql: Sql) -> None:
    """At every commit the log holds a result for every record that it covers."""
    commits: list[tuple[int, int]] = []

    async def look(offsets: Mapping[TopicPartition, int]) -> None:
        durable = await sql.fetchval(
            "SELECT count(*) FROM bus.record WHERE topic = $1", world.out.name
        )
        commits.append((sum(offsets.values()), durable))

    async def pass_on(delivery: Delivery) -> Handled:
        return [note(world.out, text_of(delivery))]

    recorder = Recorder(pass_on)
    bus = Watched(world.bus)
    bus.before_commit = look
    async with world.running(recorder, bus=bus, batch_records=3, commit_seconds=0.001):
        await world.send(*(f"{number}" for number in range(30)))
        await until(lambda: len(recorder.handled) == 30)
    assert commits[-1][0] == 30
    assert all(covered <= durable for covered, durable in commits)


async def test_results_that_cannot_be_written_yet_are_waited_for(world: World, sql: Sql) -> None:
    async def pass_on(delivery: Delivery) -> Handled:
        return [note(world.out, text_of(delivery))]

    recorder = Recorder(pass_on)
    async with world.running(recorder):
        async with sql.transaction():
            await sql.execute(
                "SELECT 1 FROM bus.partition WHERE topic = $1 FOR UPDATE", world.out.name
            )
            await world.send("a")
            await until(lambda: recorder.handled == ["a"])
            await until(lambda: waiting_for_a_lock(sql))
        assert len(await world.written(world.out.name, 1)) == 1
    assert await world.uncommitted() == 0


async def test_results_for_a_topic_that_does_not_exist_are_fatal(world: World) -> None:
    async def astray(delivery: Delivery) -> Handled:
        return [note(replace(world.out, name="runtime.nowhere"), text_of(delivery))]

    await world.send("a")
    await world.fatal(Recorder(astray), "cannot publish")
    assert await world.uncommitted() == 1


async def test_a_result_that_is_too_large_is_a_dead_letter_of_its_record_alone(
    world: World,
) -> None:
    """It would be too large after every restart as well."""

    async def grow(delivery: Delivery) -> Handled:
        text = text_of(delivery)
        value = bytes(MAX_RECORD_BYTES + 1) if text == "b" else b"v"
        return [Outgoing(world.out.name, text.encode(), value)]

    await world.send("a", "b", "c")
    recorder = Recorder(grow)
    async with world.running(recorder):
        [letter] = await world.letters(1)
        written = await world.written(world.out.name, 2)
    assert sorted(record.key or b"" for record in written) == [b"a", b"c"]
    assert dict(letter.headers)["ce_id"] == b"b"
    assert dict(letter.headers)["error_name"] == b"record_too_large"
    assert await world.uncommitted() == 0


@pytest.mark.parametrize("count", [0, 2])
async def test_a_handler_with_the_wrong_number_of_results_is_fatal(
    world: World, count: int
) -> None:
    """Nobody could say which record which result is of."""

    class Miscounting(Recorder):
        async def __call__(self, batch: list[Delivery]) -> list[Handled]:  # type: ignore[override]
            return [()] * count

    await world.send("a")
    await world.fatal(Miscounting(), f"gave {count} results for 1")
    assert await world.uncommitted() == 1


# The world is in the way


async def test_the_same_batch_comes_again_until_it_is_possible(world: World) -> None:
    """Same records, same order, nothing overtakes and nothing is committed meanwhile."""
    tries = 0

    async def wait(delivery: Delivery) -> None:
        nonlocal tries
        tries += 1
        if tries <= 5:
            raise Retryable("the database is away")

    await world.send("a", "b", "c")
    recorder = Recorder(wait)
    async with world.running(recorder, batch_records=2):
        await until(lambda: recorder.handled == ["a", "b", "c"])
    assert recorder.batches[:6] == [["a", "b"]] * 6
    assert recorder.batches[6:] == [["c"]]
    assert await world.uncommitted() == 0


async def test_a_stop_during_a_retry_gives_the_batch_back(world: World) -> None:
    async def wait(delivery: Delivery) -> None:
        raise Retryable("the database is away")

    await world.send("a", "b")
    recorder = Recorder(wait)
    async with world.running(recorder, retry_seconds=300, retry_max_seconds=600):
        await until(lambda: len(recorder.batches) == 1)
    assert await world.uncommitted() == 2
    await world.written(world.topic.dlq, 0)


async def test_an_outage_may_last_longer_than_powers_of_two_fit_a_number(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of the pause itself would count as one of the handler, and end in a dead letter."""
    tries = 0

    async def wait(delivery: Delivery) -> None:
        nonlocal tries
        tries += 1
        if tries < 1200:
            raise Retryable("the database is away")

    await world.send("a")
    recorder = Recorder(wait)
    async with world.running(recorder, retry_seconds=0.0001, retry_max_seconds=0.0001):
        await until(lambda: recorder.handled == ["a"])
    assert tries == 1200
    assert "handler failed" not in caplog.text


async def test_fatal_ends_the_run_with_the_error_and_without_a_commit_of_its_batch(
    world: World,
) -> None:
    """What was finished before is committed."""

    async def fail(delivery: Delivery) -> None:
        if text_of(delivery) == "c":
            raise Fatal("going on would do harm")

    await world.send("a", "b", "c", "d")
    await world.fatal(Recorder(fail), "going on would do harm", batch_records=2, commit_seconds=60)
    assert await world.uncommitted() == 2


async def test_a_topic_that_does_not_exist_is_an_error_at_the_start(world: World) -> None:
    world.topic = replace(world.topic, name="runtime.nowhere")
    with pytest.raises(Exception, match="nowhere"):
        await world.runner(Recorder()).run()
