"""How a member of a Kafka group stays one."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from aiokafka.errors import KafkaConnectionError
from confluent_kafka import Consumer as Confluent
from confluent_kafka import TopicPartition as ConfluentPartition

from heedful.common.bus import Bus
from heedful.common.bus.base import StaleAssignment
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


async def test_one_that_was_expelled_meanwhile_does_not_commit_for_an_empty_group(
    world: World, bus: Bus, named: Open
) -> None:
    """Its first try breaks off, the group gives it up and others go on: sent again without a
    generation, as aiokafka does it, its old offset would go over theirs once they are gone too."""
    topic, group = await world.topic(bus, 1), world.group()
    await bus.producer.send([record(topic, b"k")] * 9)
    member = await joined(named(None), group, topic)
    (owned,) = await member.owns(1)
    coordinator = member.consumer._client._coordinator  # type: ignore[attr-defined]
    send = coordinator._send_req

    async def breaks_off(_request: object) -> None:
        coordinator._send_req = send
        await coordinator._maybe_leave_group()
        coordinator.reset_generation()
        await asyncio.to_thread(_committed_by_another, world.address, group, topic, 9)
        raise KafkaConnectionError

    coordinator._send_req = breaks_off
    with pytest.raises(StaleAssignment):
        await member.consumer.commit({owned: 3})
    assert await asyncio.to_thread(_committed, world.address, group, topic) == 9
    await member.consumer.stop()


def _committed_by_another(bootstrap: str, group: str, topic: str, offset: int) -> None:
    other = _confluent(bootstrap, group)
    other.commit(offsets=[ConfluentPartition(topic, 0, offset)], asynchronous=False)
    other.close()


def _committed(bootstrap: str, group: str, topic: str) -> int:
    other = _confluent(bootstrap, group)
    (found,) = other.committed([ConfluentPartition(topic, 0)], 10)
    other.close()
    return int(found.offset)


def _confluent(bootstrap: str, group: str) -> Confluent:
    return Confluent(
        {"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False}
    )
