"""The outbox: records and effect together or not at all, then in the log in their order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from heedful.common import outbox
from heedful.common.bus.base import Outgoing
from heedful.common.errors import BusUnavailable, Fatal, RecordTooLarge, UnknownTopic
from heedful.common.outbox import Relay
from heedful.common.topics import MAX_RECORD_BYTES
from tests.databases import execute
from tests.integration.common.outbox import SETTINGS, Away, OpenBox, Outbox
from tests.patience import until


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        relay.stop()
        await task


async def test_a_rolled_back_transaction_publishes_nothing(box: Outbox) -> None:
    async with box.engine.connect() as connection:
        transaction = await connection.begin()
        await outbox.put(connection, box.service, [box.record(b"k")])
        await transaction.rollback()
    await box.put(b"k")
    await box.publish_all()
    assert await box.read() == box.written


async def test_the_log_gets_every_byte_of_the_record(box: Outbox) -> None:
    """Also what no text can hold, names that repeat, and nothing at all."""
    headers = (("ce_id", b"1"), ("raw", bytes(range(256))), ("raw", b""), ("名", "值".encode()))
    given = [
        Outgoing(box.topic, b"\x00\xff", b"\x00value", headers),
        Outgoing(box.topic, None, None, ()),
    ]
    async with box.engine.begin() as connection:
        await outbox.put(connection, box.service, given)
        await outbox.put(connection, box.service, [])
    log = Away(box.bus.producer)
    log.error = None
    assert await box.relay(log).step() == 2
    assert log.taken == given


async def test_what_no_log_takes_is_refused_in_the_callers_transaction(
    box: Outbox,
) -> None:
    """Later it would stop the relay, and everything behind it."""
    huge = box.record(b"k", b"x" * (MAX_RECORD_BYTES + 1))
    async with box.engine.begin() as connection:
        with pytest.raises(RecordTooLarge):
            await outbox.put(connection, box.service, [box.record(b"k"), huge])
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    assert await box.left() == 0


async def test_each_service_has_its_own(box: Outbox, open_box: OpenBox) -> None:
    other = await open_box()
    await box.put(b"k")
    await other.put(b"k")
    assert await box.relay().step() == 1
    assert await other.left() == 1


async def test_a_batch_is_bounded_by_records_and_by_bytes(box: Outbox) -> None:
    await box.put(*[b"k"] * 501)
    relay = box.relay()
    assert [await relay.step() for _ in range(3)] == [500, 1, 0]
    large = [box.record(b"k", b"%d" % n + b"x" * 900_000) for n in range(12)]
    async with box.engine.begin() as connection:
        await outbox.put(connection, box.service, large)
    assert [await relay.step() for _ in range(3)] == [9, 3, 0]
    assert (await box.read())[b"k"][501:] == [record.value for record in large]


async def test_what_the_log_did_not_take_comes_again(box: Outbox) -> None:
    await box.put(b"a", b"b")
    log = Away(box.bus.producer)
    relay = box.relay(log)
    with pytest.raises(BusUnavailable):
        await relay.step()
    assert await box.left() == 2
    log.error = None
    assert await relay.step() == 2
    assert await box.read() == box.written


@pytest.mark.parametrize("error", [UnknownTopic("gone"), RecordTooLarge("t", 2, 1)])
async def test_what_the_log_refuses_for_good_stops_the_process(
    box: Outbox, error: Exception
) -> None:
    await box.put(b"k")
    with pytest.raises(Fatal):
        await box.relay(Away(box.bus.producer, error)).run()
    assert await box.left() == 1


async def test_one_relay_at_a_time(box: Outbox) -> None:
    await box.put(b"k")
    first, second = box.relay(Away(box.bus.producer)), box.relay()
    with pytest.raises(BusUnavailable):
        await first.step()
    assert await second.step() == 0
    await box.end_lease()
    assert await second.step() == 1


async def test_a_lease_from_before_the_clock_went_back_does_not_last(box: Outbox) -> None:
    await box.put(b"k")
    with pytest.raises(BusUnavailable):
        await box.relay(Away(box.bus.producer)).step()
    async with box.engine.begin() as connection:
        await connection.execute(
            text("UPDATE common.outbox_lease SET until = until + interval '1 hour'")
        )
    assert await box.relay().step() == 1


async def test_relays_that_start_together_publish_once(box: Outbox) -> None:
    await box.put(*[b"k"] * 20)
    await asyncio.gather(*(box.relay().step() for _ in range(5)))
    assert await box.read() == box.written


async def test_closing_publishes_what_is_left_and_lets_another_go_on(box: Outbox) -> None:
    relay, other = box.relay(), box.relay()
    await box.put(*[b"k"] * 700)
    await relay.close()
    assert await box.left() == 0
    await box.put(b"k")
    assert await other.step() == 1
    assert await box.read() == box.written


async def test_closing_leaves_what_the_log_does_not_take(box: Outbox) -> None:
    await box.put(b"k")
    await box.relay(Away(box.bus.producer)).close()
    assert await box.left() == 1


async def test_it_waits_for_the_log_and_says_so(box: Outbox) -> None:
    """Healthy by progress: not while nothing moves for longer than a stall may last."""
    await box.put(b"a", b"b")
    log = Away(box.bus.producer)
    relay = box.relay(log)
    loop = asyncio.get_running_loop()
    assert relay.healthy(loop.time() + 1e6), "not started: nothing to judge"
    async with running(relay):
        await until(lambda: log.asked >= 3)
        assert relay.healthy(loop.time())
        assert not relay.healthy(loop.time() + SETTINGS.stall_seconds)
        labels = {"service": box.service}
        assert REGISTRY.get_sample_value("heedful_outbox_records", labels) == 2
        assert (REGISTRY.get_sample_value("heedful_outbox_oldest_seconds", labels) or 0) > 0
        log.error = None
        await until(box.empty)
    assert await box.read() == box.written


async def test_a_process_that_is_of_use_without_its_outbox_lives_on(box: Outbox) -> None:
    await box.put(b"a")
    log = Away(box.bus.producer)
    relay = Relay(box.service, box.engine, lambda: log, SETTINGS, patient=True)
    async with running(relay):
        await until(lambda: log.asked >= 2)
        then, asked = asyncio.get_running_loop().time(), log.asked
        await until(lambda: log.asked >= asked + 2)
        assert relay.healthy(then + SETTINGS.stall_seconds)


async def test_who_cannot_publish_lets_another_do_it(box: Outbox) -> None:
    await box.put(b"k")
    log = Away(box.bus.producer)
    other = box.relay()

    async def published() -> bool:
        return await other.step() == 1

    async with running(box.relay(log)):
        await until(lambda: log.asked >= 1)
        await until(published)


async def test_it_survives_a_database_that_goes_away(box: Outbox, database_url: str) -> None:
    async with running(box.relay()):
        for _ in range(3):
            await execute(
                database_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'heedful-test'",
            )
            await box.put(b"k")
            await until(box.empty)
    assert await box.read() == box.written


async def test_it_is_woken_by_a_commit(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heedful.common.outbox.relay._LOOK_EVERY_S", 3600.0)
    relay = box.relay()
    async with running(relay):
        for _ in range(3):
            await box.put(b"k")
            relay.wake()
            await until(box.empty)
    assert await box.read() == box.written
