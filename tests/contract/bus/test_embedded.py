"""What only the log on PostgreSQL can get wrong: order, retention, and topics that vanish."""

import asyncio
import gc
import weakref
from datetime import timedelta

import asyncpg
import pytest

from heedful.common.bus import Bus
from heedful.common.bus.embedded import retention
from heedful.common.errors import BusUnavailable, UnknownTopic
from tests.contract.bus.postgres import Sql, waiting_for_a_lock
from tests.contract.bus.world import World, keys_for, record, values
from tests.patience import until


@pytest.fixture
def kind() -> str:
    return "embedded"


async def test_a_reader_never_sees_an_offset_before_the_one_below_it(
    world: World, bus: Bus
) -> None:
    """Writers of several processes; whoever commits late must not appear behind the reader."""
    topic = await world.topic(bus, 2)
    writers = [await world.bus() for _ in range(4)]
    member = await world.member(bus, world.group(), topic)
    await member.owns(2)
    keys = keys_for(2)

    async def write(writer: Bus, number: int) -> None:
        for turn in range(40):
            first, second = keys if turn % 2 else keys[::-1]
            await writer.producer.send(
                [record(topic, first)] * (1 + number) + [record(topic, second)]
            )

    writing = asyncio.gather(*(write(writer, n) for n, writer in enumerate(writers)))
    taken = await member.take(sum(40 * (2 + n) for n in range(4)), max_records=7)
    await writing
    for partition in range(2):
        offsets = [place.offset for place in taken if place.partition == partition]
        assert offsets == list(range(len(offsets)))


async def test_what_has_no_place_in_the_log_is_not_acknowledged(
    bus: Bus, topic: str, sql: Sql
) -> None:
    """Somebody deleted the topic under a running producer."""
    await bus.producer.send([record(topic, b"k")])
    await sql.execute("DELETE FROM bus.partition WHERE topic = $1", topic)
    await sql.execute("DELETE FROM bus.topic WHERE name = $1", topic)
    with pytest.raises(BusUnavailable):
        await bus.producer.send([record(topic, b"k")])
    with pytest.raises(UnknownTopic):
        await bus.producer.send([record(topic, b"k")])


async def test_a_batch_with_a_record_that_has_no_place_leaves_no_gap(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """Else a reader would take the gap for records that have expired."""
    other = await world.topic(bus)
    await bus.producer.send([record(topic, b"k", b"first"), record(other, b"k")])
    await sql.execute("DELETE FROM bus.partition WHERE topic = $1", other)
    with pytest.raises(BusUnavailable):
        await bus.producer.send([record(topic, b"k", b"lost"), record(other, b"k")])
    await bus.producer.send([record(topic, b"k", b"second")])
    member = await world.member(bus, world.group(), topic)
    taken = await member.take(2)
    assert values(taken) == [b"first", b"second"]
    assert [one.offset for one in taken] == [0, 1]


async def test_what_its_caller_gave_up_is_not_written_later(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """The caller sends it again; twice in the log would be once too often."""
    await bus.producer.send([record(topic, b"k", b"first")])
    async with sql.transaction():
        await sql.execute("LOCK TABLE bus.partition IN ACCESS EXCLUSIVE MODE")
        under_way = asyncio.create_task(bus.producer.send([record(topic, b"k", b"under way")]))
        await until(lambda: waiting_for_a_lock(sql))
        given_up = asyncio.create_task(bus.producer.send([record(topic, b"k", b"given up")]))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait({given_up})
    await under_way
    await bus.producer.send([record(topic, b"k", b"last")])
    member = await world.member(bus, world.group(), topic)
    assert values(await member.take(3)) == [b"first", b"under way", b"last"]


async def test_expired_records_neither_lag_nor_hold_up_a_new_group(
    world: World, bus: Bus, topic: str, log_url: str, sql: Sql
) -> None:
    keys = keys_for(3)
    group = world.group()
    await bus.producer.send([record(topic, key, b"old") for key in keys] * 4)
    member = await world.member(bus, group, topic)
    await member.take(12)
    await member.consumer.commit(dict.fromkeys(await member.owns(3), 1))
    await member.consumer.stop()
    await sql.execute("UPDATE bus.topic SET retention = $1", timedelta(0))
    for name in (group, world.group()):
        async with asyncpg.create_pool(log_url, min_size=1) as pool:
            await retention.expire(pool)
        behind = await world.member(bus, name, topic)
        ours = await behind.owns(3)
        assert await behind.consumer.lag() == dict.fromkeys(ours, 0)
        await bus.producer.send([record(topic, key, b"new") for key in keys])
        assert set(values(await behind.take(3))) == {b"new"}
        await behind.consumer.commit(dict.fromkeys(ours, 5))


async def test_the_bus_forgets_members_that_are_gone(world: World, bus: Bus, topic: str) -> None:
    """A runner that joins again and again makes a new one each time."""
    consumer = bus.consumer(world.group(), [topic])
    await consumer.start()
    await consumer.stop()
    gone = weakref.ref(consumer)
    del consumer
    gc.collect()
    assert gone() is None
