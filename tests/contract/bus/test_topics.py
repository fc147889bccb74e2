"""Topics are created once and then left alone."""

import asyncio
import uuid
from dataclasses import replace

from heedful.common.bus import Bus
from tests.contract.bus.world import World, described, keys_for, places, record


async def test_creating_again_changes_and_loses_nothing(world: World, bus: Bus) -> None:
    topic = described(f"contract.{uuid.uuid4().hex}", 2)
    await bus.create_topics([topic])
    await bus.producer.send([record(topic.name, key) for key in keys_for(2)])
    await bus.create_topics([topic])
    await bus.create_topics([replace(topic, partitions=5)])
    member = await world.member(bus, world.group(), topic.name)
    assert sorted(places(await member.take(2))) == [(0, 0), (1, 0)]
    assert len(await member.owns(2)) == 2


async def test_what_is_missing_is_created_beside_what_exists(world: World, bus: Bus) -> None:
    old, new = (described(f"contract.{uuid.uuid4().hex}", 2) for _ in range(2))
    await bus.create_topics([old])
    await bus.create_topics([old, new])
    await bus.producer.send([record(name, b"k") for name in (new.name, old.name)])


async def test_every_topic_has_a_dead_letter_queue(world: World, bus: Bus) -> None:
    topic = described(f"contract.{uuid.uuid4().hex}", 2)
    await bus.create_topics([topic])
    await bus.producer.send([record(topic.dlq, b"k", b"dead")])
    member = await world.member(bus, world.group(), topic.dlq)
    assert [dead.value for dead in await member.take(1)] == [b"dead"]


async def test_processes_that_start_together_do_not_disturb_each_other(world: World) -> None:
    topic = described(f"contract.{uuid.uuid4().hex}", 2)
    buses = [await world.bus() for _ in range(4)]
    await asyncio.gather(*(bus.create_topics([topic]) for bus in buses))
    await asyncio.gather(*(bus.producer.send([record(topic.name, b"k")]) for bus in buses))
    member = await world.member(buses[0], world.group(), topic.name)
    assert len(await member.take(4)) == 4


async def test_a_bus_that_answers_passes_its_check(bus: Bus) -> None:
    await bus.check()
