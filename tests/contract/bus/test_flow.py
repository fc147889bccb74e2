"""How a member reads: bounded, in turns, paused and resumed, with a lag that is true."""

import os

from heedful.common.bus import Bus, TopicPartition, records_of
from tests.contract.bus.world import World, keys_for, places, record, shared_fairly, values
from tests.patience import until


async def test_a_poll_gives_no_more_than_it_is_asked_for(
    world: World, bus: Bus, topic: str
) -> None:
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 10)
    member = await world.member(bus, world.group(), topic)
    sizes = []

    async def read_all() -> bool:
        sizes.append(len(records_of(await member.consumer.poll(4, 0.2))))
        return sum(sizes) == 30

    await until(read_all)
    assert max(sizes) <= 4


async def test_a_poll_without_records_comes_back_empty(world: World, bus: Bus, topic: str) -> None:
    member = await world.member(bus, world.group(), topic)
    assert await member.consumer.poll(10, 0.01) == {}
    await member.owns(3)
    assert await member.consumer.poll(10, 0) == {}


async def test_a_long_backlog_of_one_partition_does_not_starve_the_others(
    world: World, bus: Bus, topic: str
) -> None:
    """Also when one record is asked for at a time."""
    first, second, _ = keys_for(3)
    # Kafka gives one fetch of a partition after the other; this is the backlog of several.
    await bus.producer.send([record(topic, first, os.urandom(50_000)) for _ in range(200)])
    await bus.producer.send([record(topic, second)])
    member = await world.member(bus, world.group(), topic)
    read = []

    async def second_read() -> bool:
        read.extend(records_of(await member.consumer.poll(1, 0.2)))
        return any(taken.key == second for taken in read)

    await until(second_read)
    assert len(read) < 200


async def test_a_paused_partition_gives_nothing_and_loses_nothing(
    world: World, bus: Bus, topic: str
) -> None:
    keys = keys_for(3)
    member = await world.member(bus, world.group(), topic)
    await member.owns(3)
    paused = TopicPartition(topic, 0)
    member.consumer.pause([paused])
    await bus.producer.send([record(topic, key, b"%d" % n) for n in range(4) for key in keys])
    taken = await member.take(8)
    await member.nothing_more()
    assert {place.partition for place in taken} == {1, 2}
    member.consumer.resume([paused])
    resumed = await member.take(4)
    assert places(resumed) == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert values(resumed) == [b"0", b"1", b"2", b"3"]


async def test_pausing_what_was_read_half_goes_on_where_it_stood(
    world: World, bus: Bus, topic: str
) -> None:
    key = keys_for(3)[0]
    await bus.producer.send([record(topic, key)] * 10)
    member = await world.member(bus, world.group(), topic)
    before = await member.take(3, max_records=3)
    tp = TopicPartition(topic, 0)
    for _ in range(2):
        member.consumer.pause([tp])
        await member.nothing_more()
        member.consumer.resume([tp])
    after = await member.take(10 - len(before))
    assert places(before + after) == [(0, offset) for offset in range(10)]


async def test_pausing_what_is_not_ours_does_nothing(world: World, bus: Bus, topic: str) -> None:
    """Not even later, when it becomes ours: its new owner would never know."""
    member = await world.member(bus, world.group(), topic)
    everything = [TopicPartition(topic, partition) for partition in range(3)]
    member.consumer.pause(everything)
    member.consumer.resume([TopicPartition("contract.nowhere", 0)])
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    assert len(await member.take(3)) == 3


async def test_a_new_assignment_is_not_paused(world: World, bus: Bus, topic: str) -> None:
    group = world.group()
    member = await world.member(bus, group, topic)
    member.consumer.pause(await member.owns(3))
    other = await world.member(await world.bus(), group, topic)
    await until(lambda: shared_fairly([member, other], 3))
    member.consumer.pause(list(member.consumer.assignment()))
    other.consumer.pause(list(other.consumer.assignment()))
    came_back = set(other.consumer.assignment())
    await other.consumer.stop()
    await member.owns(3)
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    while not came_back <= {TopicPartition(topic, one.partition) for one in member.records}:
        await member.take(1)


async def test_lag_is_what_waits_behind_the_position(world: World, bus: Bus, topic: str) -> None:
    keys = keys_for(3)
    await bus.producer.send([record(topic, keys[0])] * 5 + [record(topic, keys[1])] * 2)
    member = await world.member(bus, world.group(), topic)
    ours = await member.owns(3)
    member.consumer.pause(ours)
    assert await member.consumer.lag() == dict(zip(ours, (5, 2, 0), strict=True))
    member.consumer.resume(ours)
    await member.take(7)
    assert await member.consumer.lag() == dict.fromkeys(ours, 0)


async def test_lag_grows_while_nothing_is_fetched(world: World, bus: Bus, topic: str) -> None:
    """It is asked of the log: a fetcher that stands still would report its own old news."""
    key = keys_for(3)[0]
    member = await world.member(bus, world.group(), topic)
    ours = await member.owns(3)
    await member.nothing_more()
    member.consumer.pause(ours)
    await bus.producer.send([record(topic, key)] * 6)
    assert (await member.consumer.lag())[TopicPartition(topic, 0)] == 6


async def test_a_member_without_partitions_has_no_lag(world: World, bus: Bus, topic: str) -> None:
    member = await world.member(bus, world.group(), topic)
    await member.consumer.stop()
    assert await member.consumer.lag() == {}
