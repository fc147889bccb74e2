"""The log goes away and comes back: callers are told in time, and nothing acknowledged is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import asyncpg
import pytest
from sqlalchemy import make_url

from heedful.common.bus import Bus, Outgoing, StaleAssignment, TopicPartition, records_of
from heedful.common.bus.embedded import producer as embedded_producer
from heedful.common.errors import BusUnavailable
from tests.contract.bus.killable import Killable
from tests.contract.bus.world import SEND_TIMEOUT_S, World, keys_for, record, values
from tests.patience import PATIENCE_S, until

IN_TIME_S = 3 * SEND_TIMEOUT_S
"""No call may take longer while the log is away; generous, for machines that are busy."""


@dataclass
class Breakable:
    """A log of our own that can be taken away."""

    kind: str
    address: str
    go: Callable[[], Awaitable[None]]
    come_back: Callable[[], Awaitable[None]]


@pytest.fixture
def log(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Breakable:
    monkeypatch.setattr(embedded_producer, "SEND_TIMEOUT_S", SEND_TIMEOUT_S)
    if kind == "embedded":
        return embedded(request.getfixturevalue("log_url"), request.getfixturevalue("postgres_url"))
    return kafka(request.getfixturevalue("own_broker"))


@pytest.fixture
async def world(log: Breakable) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(log.kind, log.address, stack)


def embedded(url: str, server: str) -> Breakable:
    name = make_url(url).database

    async def admit(connections: bool) -> None:
        admin = await asyncpg.connect(server)
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {connections}')
        if not connections:
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
        await admin.close()

    return Breakable("embedded", url, lambda: admit(False), lambda: admit(True))


def kafka(broker: Killable) -> Breakable:
    return Breakable("kafka", broker.bootstrap, broker.kill, broker.start)


async def refused(call: Awaitable[object]) -> None:
    async with asyncio.timeout(IN_TIME_S):
        with pytest.raises(BusUnavailable):
            await call


async def sent(bus: Bus, *records: Outgoing) -> None:
    """As callers do: again until it is acknowledged."""

    async def acknowledged() -> bool:
        try:
            await bus.producer.send(records)
        except BusUnavailable:
            return False
        return True

    await until(acknowledged)


async def test_callers_are_told_in_time_and_go_on_when_it_is_back(
    log: Breakable, world: World
) -> None:
    bus = await world.bus()
    topic = await world.topic(bus)
    group = world.group()
    await sent(bus, *(record(topic, key, b"before") for key in keys_for(3)))
    member = await world.member(bus, group, topic)
    taken = await member.take(3)

    await log.go()
    await asyncio.gather(
        refused(bus.producer.send([record(topic, b"k", b"lost")])),
        # Not known yet, and nobody is there to say that it does not exist.
        refused(bus.producer.send([record("contract.nowhere", b"k")])),
        refused(member.consumer.commit({TopicPartition(topic, 0): 1})),
        refused(member.consumer.lag()),
        refused(bus.check()),
        refused(bus.consumer(group, [topic]).start()),
        refused(world.open().start()),
        refused(bus.create_topics([])) if world.kind == "kafka" else asyncio.sleep(0),
    )
    async with asyncio.timeout(IN_TIME_S):
        with suppress(BusUnavailable):
            assert await member.consumer.poll(10, 0.2) == {}

    await log.come_back()
    await sent(bus, *(record(topic, key, b"after") for key in keys_for(3)))

    async def read_all() -> bool:
        try:
            taken.extend(records_of(await member.consumer.poll(100, 0.2)))
        except BusUnavailable:
            return False
        return values(taken).count(b"after") >= 3

    await until(read_all)

    async def committed() -> bool:
        try:
            await member.consumer.commit({TopicPartition(topic, 0): 1})
        except (BusUnavailable, StaleAssignment):  # the group may have replaced it meanwhile
            return False
        return True

    await until(committed)
    assert values(taken).count(b"before") >= 3
    await bus.check()


async def test_what_was_acknowledged_survives(log: Breakable, world: World) -> None:
    """The log is killed while many write; each acknowledged record is there afterwards."""
    bus = await world.bus()
    topic = await world.topic(bus)
    acknowledged: set[bytes] = set()
    stopped = False

    async def write(caller: int) -> None:
        number = 0
        while not stopped:
            value = b"%d:%d" % (caller, number)
            await sent(bus, record(topic, b"%d" % caller, value))
            acknowledged.add(value)
            number += 1

    writers = [asyncio.create_task(write(caller)) for caller in range(8)]
    await until(lambda: len(acknowledged) > 100)
    await log.go()
    count = len(acknowledged)
    await log.come_back()
    await until(lambda: len(acknowledged) > count + 100)
    stopped = True
    await asyncio.gather(*writers)

    member = await world.member(await world.bus(), world.group(), topic)
    read: list[bytes | None] = []

    async def all_read() -> bool:
        read.extend(values(records_of(await member.consumer.poll(500, 0.2))))
        return acknowledged <= set(read)

    await until(all_read)
    for caller in range(8):
        firsts = [v for v in dict.fromkeys(read) if v and v.startswith(b"%d:" % caller)]
        assert firsts == [b"%d:%d" % (caller, number) for number in range(len(firsts))]


async def test_stopping_without_it_ends_in_time_and_leaves_nothing_running(
    log: Breakable, world: World
) -> None:
    """A heartbeat that went on would keep the partitions from everybody else."""
    before = asyncio.all_tasks()
    bus = world.open()
    await bus.start()
    topic = await world.topic(bus)
    await bus.producer.send([record(topic, b"k")])
    consumer = bus.consumer(world.group(), [topic])
    await consumer.start()
    await until(lambda: len(consumer.assignment()) == 3)
    await log.go()
    await refused(bus.consumer(world.group(), [topic]).start())
    unsent = asyncio.gather(bus.producer.send([record(topic, b"k")]), return_exceptions=True)
    async with asyncio.timeout(PATIENCE_S):
        await consumer.stop()
        await bus.stop()
        assert isinstance((await unsent)[0], BusUnavailable)
    await until(lambda: asyncio.all_tasks() <= before)
