"""How a member of a Kafka group stays one."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from heedful.common.bus import Bus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.bus.kafka.consumer import KafkaConsumer
from heedful.common.settings import KafkaSettings
from tests.contract.bus.world import KAFKA_LEASE_S, Member, World, keys_for, record
from tests.patience import until

pytestmark = pytest.mark.kafka

Open = Callable[[str | None], KafkaBus]


@pytest.fixture
def kind() -> str:
    return "kafka"


@pytest.fixture
async def named(kafka_bootstrap: str) -> AsyncIterator[Open]:
    """Opens the bus of a process that has this name in its groups."""
    async with AsyncExitStack() as stack:

        def open_bus(name: str | None) -> KafkaBus:
            settings = KafkaSettings(
                bootstrap_servers=kafka_bootstrap,
                session_timeout_seconds=KAFKA_LEASE_S,
                rebalance_timeout_seconds=10,
                group_instance_id=name,
            )
            bus = KafkaBus(settings, "contract")
            stack.push_async_callback(bus.stop)
            return bus

        yield open_bus


async def joined(bus: KafkaBus, group: str, topic: str) -> Member:
    consumer: KafkaConsumer = bus.consumer(group, [topic])
    await consumer.start()
    return Member(consumer)


async def test_a_restart_under_the_same_name_moves_no_partition(
    world: World, bus: Bus, named: Open
) -> None:
    """A rolling restart of a StatefulSet: the others do not even notice."""
    topic, group = await world.topic(bus, 2), world.group()
    await bus.producer.send([record(topic, key) for key in keys_for(2)] * 5)
    stays = await joined(named("pod-0"), group, topic)
    goes = await joined(named("pod-1"), group, topic)
    await until(lambda: len(stays.consumer.assignment()) == len(goes.consumer.assignment()) == 1)
    before, moved = dict(stays.consumer.assignment()), set(goes.consumer.assignment())
    await goes.take(5)
    await goes.consumer.commit(dict.fromkeys(moved, 3))
    await goes.consumer.stop()
    back = await joined(named("pod-1"), group, topic)
    await until(lambda: set(back.consumer.assignment()) == moved)
    assert [taken.offset for taken in await back.take(2)] == [3, 4]
    await stays.take(5)
    assert stays.consumer.assignment() == before, "not even a new epoch"
    for member in (stays, back):
        await member.consumer.stop()


async def test_a_member_that_is_never_idle_outlives_its_poll_interval(
    world: World, bus: Bus, named: Open
) -> None:
    """aiokafka leaves the group when nobody polls for that long, however slow the work is: a
    member that polls with everything paused stays."""
    topic, group = await world.topic(bus, 1), world.group()
    member = await joined(named(None), group, topic)
    client = member.consumer._client._coordinator  # type: ignore[attr-defined]
    client._max_poll_interval = 0.5
    owned = dict.fromkeys(await member.owns(1))
    before = dict(member.consumer.assignment())
    member.consumer.pause(list(owned))
    ends = time.monotonic() + 4 * client._max_poll_interval
    while time.monotonic() < ends:
        assert await member.consumer.poll(10, 0.05) == {}
    assert member.consumer.assignment() == before
    await member.consumer.stop()
