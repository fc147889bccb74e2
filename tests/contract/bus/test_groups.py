"""Members of a group share the partitions, and no record is without an owner for long."""

import asyncio
import signal
from collections.abc import Sequence

import pytest

from heedful.common.bus import Bus, TopicPartition, records_of
from heedful.common.errors import UnknownTopic
from tests.contract.bus.processes import other_process, told
from tests.contract.bus.world import (
    Rebalances,
    World,
    keys_for,
    places,
    record,
    shared_fairly,
    values,
)
from tests.patience import PATIENCE_S, until


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_members_share_the_partitions_and_read_everything_once(
    world: World, bus: Bus, count: int
) -> None:
    topic = await world.topic(bus, 6)
    group = world.group()
    members = [await world.member(await world.bus(), group, topic) for _ in range(count)]

    async def settled() -> bool:
        for member in members:
            assert await member.consumer.poll(1, 0.05) == {}
        return shared_fairly(members, 6)

    await until(settled)
    await bus.producer.send([record(topic, key) for key in keys_for(6)] * 10)

    async def read_all() -> bool:
        for member in members:
            member.records += records_of(await member.consumer.poll(100, 0.05))
        return sum(len(member.records) for member in members) >= 60

    await until(read_all)
    read = [place for member in members for place in places(member.records)]
    assert sorted(read) == [(partition, offset) for partition in range(6) for offset in range(10)]
    for member in members:
        owned = {tp.partition for tp in member.consumer.assignment()}
        assert {taken.partition for taken in member.records} == owned
        await member.nothing_more()


async def test_a_member_may_be_left_without_a_partition(world: World, bus: Bus) -> None:
    topic = await world.topic(bus, 1)
    group = world.group()
    members = [await world.member(await world.bus(), group, topic) for _ in range(2)]

    async def settled() -> bool:
        for member in members:
            await member.consumer.poll(1, 0.05)
        return sorted(len(member.consumer.assignment()) for member in members) == [0, 1]

    await until(settled)
    for member in members:
        await member.nothing_more()
        assert sum((await member.consumer.lag()).values()) == 0


async def test_two_groups_each_read_everything(world: World, bus: Bus, topic: str) -> None:
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    first = await world.member(bus, world.group(), topic)
    second = await world.member(bus, world.group(), topic)
    everything = [(0, 0), (1, 0), (2, 0)]
    assert sorted(places(await first.take(3))) == everything
    assert sorted(places(await second.take(3))) == everything


async def test_members_of_one_group_may_read_different_topics(world: World, bus: Bus) -> None:
    group = world.group()
    topics = [await world.topic(bus, 2), await world.topic(bus, 2)]
    members = [await world.member(await world.bus(), group, topic) for topic in topics]
    for member, topic in zip(members, topics, strict=True):
        await until(lambda member=member: len(member.consumer.assignment()) == 2)
        assert {tp.topic for tp in member.consumer.assignment()} == {topic}


async def test_a_group_begins_at_the_earliest_record(world: World, bus: Bus, topic: str) -> None:
    await bus.producer.send([record(topic, b"k", b"before")])
    member = await world.member(bus, world.group(), topic)
    assert values(await member.take(1)) == [b"before"]
    await bus.producer.send([record(topic, b"k", b"after")])
    assert values(await member.take(1)) == [b"after"]


async def test_an_unknown_topic_is_refused_at_the_start(world: World, bus: Bus, topic: str) -> None:
    consumer = bus.consumer(world.group(), [topic, "contract.nowhere"])
    running = asyncio.all_tasks()
    with pytest.raises(UnknownTopic, match="nowhere"):
        await consumer.start()
    await until(lambda: asyncio.all_tasks() <= running)
    await consumer.stop()


# Handing over


async def test_a_member_that_stops_hands_over_at_once_and_from_its_commit(
    world: World, bus: Bus, topic: str
) -> None:
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 2)
    group = world.group()
    first = await world.member(bus, group, topic)
    await first.take(6)
    await first.consumer.commit(dict.fromkeys(await first.owns(3), 1))
    await first.consumer.stop()
    second = await world.member(await world.bus(), group, topic)
    assert sorted(places(await second.take(3))) == [(0, 1), (1, 1), (2, 1)]


async def test_the_listener_finishes_and_commits_before_the_next_owner_begins(
    world: World, bus: Bus, topic: str
) -> None:
    """Also when that takes longer than the lease of a member that is not drained in time."""
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 4)
    group = world.group()
    ready = asyncio.Event()
    draining = asyncio.Event()
    stays: set[TopicPartition] = set()

    async def drain(partitions: Sequence[TopicPartition]) -> None:
        stays.update(old.consumer.assignment().keys() - set(partitions))
        draining.set()
        await ready.wait()
        await old.consumer.commit(dict.fromkeys(partitions, 3))

    events = Rebalances("old", when_revoked=drain)
    old = await world.member(bus, group, topic, listener=events)
    await old.take(12)
    joining = Rebalances("new", events.events)
    new = await world.member(await world.bus(), group, topic, listener=joining)
    await until(draining.is_set)
    leaving = set(await old.owns(3))
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    asked = 0.0
    while asked < (2.5 * world.lease_s if world.kind == "embedded" else 1):
        async with asyncio.timeout(PATIENCE_S / 3):
            # Neither is given what is on its way, and neither waits until the other is done.
            assert await new.consumer.poll(10, 0.25) == {}
            assert set(await old.consumer.poll(10, 0)) <= stays
        asked += 0.25
    assert not leaving & set(new.consumer.assignment())
    ready.set()
    taken = await new.take(1)
    assert min(offset for _, offset in places(taken)) == 3
    for tp in new.consumer.assignment():
        assert events.events.index(("old", "revoked", tp)) < events.events.index(
            ("new", "assigned", tp)
        )


async def test_a_listener_that_fails_does_not_cost_the_membership(
    world: World, bus: Bus, topic: str
) -> None:
    group = world.group()

    async def fail(partitions: Sequence[TopicPartition]) -> None:
        raise RuntimeError("a bug in the listener")

    old = await world.member(bus, group, topic, listener=Rebalances(when_revoked=fail))
    await old.owns(3)
    new = await world.member(await world.bus(), group, topic)
    await until(lambda: shared_fairly([old, new], 3))
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    await old.take(len(old.consumer.assignment()))
    await new.take(len(new.consumer.assignment()))


async def test_a_stop_does_not_wait_for_a_listener_that_never_ends(world: World) -> None:
    """And what it leaves running would keep the partitions."""
    running = asyncio.all_tasks()
    bus = world.open()
    await bus.start()
    topic = await world.topic(bus)
    draining = asyncio.Event()

    async def never_end(_: Sequence[TopicPartition]) -> None:
        draining.set()
        await asyncio.Event().wait()

    group = world.group()
    consumer = bus.consumer(group, [topic], Rebalances(when_revoked=never_end))
    await consumer.start()
    await until(lambda: len(consumer.assignment()) == 3)
    heir = bus.consumer(group, [topic])
    await heir.start()
    await draining.wait()
    async with asyncio.timeout(PATIENCE_S):
        await consumer.stop()
    await heir.stop()
    await bus.stop()
    await until(lambda: asyncio.all_tasks() <= running)


async def test_an_assignment_that_comes_back_has_a_new_epoch(
    world: World, bus: Bus, topic: str
) -> None:
    """Work of the first may not be taken for work of the second."""
    group = world.group()
    first = await world.member(bus, group, topic)
    await first.owns(3)
    before = first.consumer.assignment()
    second = await world.member(await world.bus(), group, topic)
    await until(lambda: shared_fairly([first, second], 3))
    passed = set(second.consumer.assignment())
    await second.consumer.stop()
    await first.owns(3)
    after = first.consumer.assignment()
    assert all(after[tp] != before[tp] for tp in passed)


# Members that say nothing any more


async def test_partitions_of_a_killed_member_pass_to_the_others(
    world: World, bus: Bus, topic: str
) -> None:
    """kill -9: it says nothing, so its lease has to run out. What it read comes again."""
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    group = world.group()
    async with other_process(world, group, topic) as process:
        await told(process, "offset", 3)
        process.send_signal(signal.SIGKILL)
        heir = await world.member(bus, group, topic)
        assert sorted(places(await heir.take(3))) == [(0, 0), (1, 0), (2, 0)]


async def test_a_frozen_member_is_replaced_and_cannot_undo_its_successors_commit(
    world: World, bus: Bus, topic: str
) -> None:
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 3)
    group = world.group()
    async with other_process(world, group, topic, 1) as process:
        await told(process, "offset", 9)
        process.send_signal(signal.SIGSTOP)
        successor = await world.member(bus, group, topic)
        await successor.take(9)
        await successor.consumer.commit(dict.fromkeys(await successor.owns(3), 2))
        if world.kind == "kafka":
            # An empty group takes commits from anybody who names no generation.
            await successor.consumer.stop()
        process.send_signal(signal.SIGCONT)
        assert await told(process, "commit") == ["StaleAssignment"]
    await successor.consumer.stop()
    heir = await world.member(await world.bus(), group, topic)
    assert sorted(places(await heir.take(3))) == [(0, 2), (1, 2), (2, 2)]
