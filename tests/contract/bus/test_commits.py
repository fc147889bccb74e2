"""A commit says where the group reads on, and only its owner can make it."""

from collections.abc import Sequence

import pytest

from heedful.common.bus import Bus, StaleAssignment, TopicPartition
from tests.contract.bus.world import Member, Rebalances, World, keys_for, places, record
from tests.patience import until


async def read_on(world: World, group: str, topic: str, count: int) -> list[tuple[int, int]]:
    """Where a new member of the group begins: partition and offset of its next records."""
    member = await world.member(await world.bus(), group, topic)
    taken = places(await member.take(count))
    await member.consumer.stop()
    first: dict[int, int] = {}
    for partition, offset in taken:
        first.setdefault(partition, offset)
    return sorted(first.items())


@pytest.fixture
async def group(world: World) -> str:
    return world.group()


@pytest.fixture
async def owner(world: World, bus: Bus, topic: str, group: str) -> Member:
    """Has read all of three partitions with five records each."""
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 5)
    member = await world.member(bus, group, topic)
    await member.take(15)
    return member


async def test_a_new_member_reads_on_at_the_commit(
    world: World, owner: Member, group: str, topic: str
) -> None:
    """The committed offset is the next one to read, not the last one read."""
    at = {TopicPartition(topic, partition): partition + 1 for partition in range(3)}
    await owner.consumer.commit(at)
    await owner.consumer.stop()
    assert await read_on(world, group, topic, 9) == [(0, 1), (1, 2), (2, 3)]


async def test_what_was_read_and_not_committed_comes_again(
    world: World, owner: Member, group: str, topic: str
) -> None:
    await owner.consumer.stop()
    assert await read_on(world, group, topic, 15) == [(0, 0), (1, 0), (2, 0)]


async def test_a_commit_touches_no_partition_that_it_does_not_name(
    world: World, owner: Member, group: str, topic: str
) -> None:
    await owner.consumer.commit({TopicPartition(topic, 1): 5})
    await owner.consumer.stop()
    assert await read_on(world, group, topic, 10) == [(0, 0), (2, 0)]


async def test_a_commit_is_of_its_group_alone(
    world: World, owner: Member, group: str, topic: str
) -> None:
    await owner.consumer.commit({TopicPartition(topic, partition): 5 for partition in range(3)})
    assert await read_on(world, world.group(), topic, 15) == [(0, 0), (1, 0), (2, 0)]


async def test_the_last_commit_counts_also_when_it_goes_back(
    world: World, owner: Member, group: str, topic: str
) -> None:
    for offset in (2, 4, 3):
        await owner.consumer.commit({TopicPartition(topic, 0): offset})
    await owner.consumer.commit({TopicPartition(topic, partition): 5 for partition in (1, 2)})
    await owner.consumer.stop()
    assert await read_on(world, group, topic, 2) == [(0, 3)]


async def test_a_commit_at_the_end_leaves_nothing_to_read(
    world: World, owner: Member, group: str, topic: str
) -> None:
    await owner.consumer.commit({TopicPartition(topic, partition): 5 for partition in range(3)})
    await owner.consumer.stop()
    heir = await world.member(await world.bus(), group, topic)
    await heir.owns(3)
    await heir.nothing_more()


async def test_committing_nothing_does_nothing(owner: Member) -> None:
    await owner.consumer.commit({})


async def test_a_commit_before_any_assignment_is_refused(
    world: World, bus: Bus, topic: str, group: str
) -> None:
    consumer = bus.consumer(group, [topic])
    await consumer.start()
    with pytest.raises(StaleAssignment):
        await consumer.commit({TopicPartition(topic, 0): 1})
    await consumer.stop()


async def test_a_commit_after_the_partition_went_is_refused_whole(
    world: World, owner: Member, group: str, topic: str
) -> None:
    """Neither the lost partition's offset changes nor that of the partition that was kept."""
    other = await world.member(await world.bus(), group, topic)

    async def divided() -> bool:
        await owner.consumer.poll(1, 0.05)
        return len(other.consumer.assignment()) + len(owner.consumer.assignment()) == 3 and bool(
            other.consumer.assignment()
        )

    await until(divided)
    lost = min(other.consumer.assignment())
    kept = min(owner.consumer.assignment())
    with pytest.raises(StaleAssignment):
        await owner.consumer.commit({kept: 4, lost: 4})
    await owner.consumer.stop()
    await other.consumer.stop()
    assert await read_on(world, group, topic, 15) == [(0, 0), (1, 0), (2, 0)]


async def test_a_commit_after_the_member_left_is_refused(
    world: World, owner: Member, group: str, topic: str
) -> None:
    await owner.consumer.stop()
    with pytest.raises(StaleAssignment):
        await owner.consumer.commit({TopicPartition(topic, 0): 4})
    assert owner.consumer.assignment() == {}


async def test_a_commit_in_on_revoked_holds(world: World, bus: Bus, topic: str, group: str) -> None:
    """It is the last moment for it, and the next owner starts there."""
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 5)

    async def commit(partitions: Sequence[TopicPartition]) -> None:
        assert set(partitions) <= losing.consumer.assignment().keys()
        await losing.consumer.commit(dict.fromkeys(partitions, 4))

    listener = Rebalances("losing", when_revoked=commit)
    losing = await world.member(bus, group, topic, listener=listener)
    await losing.take(15)
    other = await world.member(await world.bus(), group, topic)
    taken = places(await other.take(1))
    assert {offset for _, offset in taken} == {4}


async def test_a_restart_begins_at_the_commit_and_not_at_the_position(
    world: World, owner: Member, group: str, topic: str
) -> None:
    """Again and again: positions of an earlier life never count."""
    for offset in (1, 2, 3):
        member = await world.member(await world.bus(), group, topic)
        await owner.consumer.stop()
        await member.owns(3)
        at = {TopicPartition(topic, partition): offset for partition in range(3)}
        await member.take(15 - 3 * (offset - 1))
        await member.consumer.commit(at)
        owner = member
    await owner.consumer.stop()
    assert await read_on(world, group, topic, 6) == [(0, 3), (1, 3), (2, 3)]
