"""Many consumers on one PostgreSQL: who has nothing to do asks for nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from heedful.common.bus import Bus, TopicPartition
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.embedded import ends as ends_module
from heedful.common.bus.embedded.consumer import EmbeddedConsumer
from heedful.common.bus.embedded.ends import Ends
from tests.contract.bus.postgres import Sql
from tests.contract.bus.world import Member, World, described, keys_for, record, values
from tests.patience import until

ELSEWHERE = 3600.0
"""Looks so far apart that a test sees only what notifications bring."""


@pytest.fixture
def kind() -> str:
    return "embedded"


class Counting:
    """A pool that counts what is asked through it."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.reads = 0
        self.looks = 0
        self.renewals = 0
        self.transactions = 0

    async def fetch(self, query: str, *arguments: Any) -> Any:
        self.reads += "LATERAL" in query
        self.looks += "next_offset FROM bus.partition" in query
        self.renewals += "UPDATE bus.member" in query
        return await self._pool.fetch(query, *arguments)

    async def execute(self, query: str, *arguments: Any) -> Any:
        return await self._pool.execute(query, *arguments)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        self.transactions += 1
        async with self._pool.acquire() as connection:
            yield connection


@pytest.fixture
async def counting(log_url: str) -> AsyncIterator[Counting]:
    async with asyncpg.create_pool(log_url, min_size=1) as pool:
        yield Counting(pool)


@asynccontextmanager
async def counted(
    counting: Counting, world: World, topic: str, ends: Ends
) -> AsyncIterator[Member]:
    consumer = EmbeddedConsumer(counting, world.group(), [topic], None, 0.4, ends)  # type: ignore[arg-type]
    await consumer.start()
    try:
        yield Member(consumer)
    finally:
        await consumer.stop()


def wake(member: Member, grown: TopicPartition) -> None:
    assert isinstance(member.consumer, EmbeddedConsumer)
    member.consumer.wake([grown])


async def test_a_consumer_at_the_end_reads_nothing(
    world: World, bus: Bus, topic: str, counting: Counting
) -> None:
    async with counted(counting, world, topic, Ends()) as member:
        await bus.producer.send([record(topic, b"k")])
        await member.take(1)
        assert counting.reads == 1
        for _ in range(10):
            assert await member.consumer.poll(10, 0.02) == {}
        assert counting.reads == 1


async def test_consumers_of_a_process_look_together(
    world: World, bus: Bus, topic: str, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ends_module, "LOOK_S", ELSEWHERE)
    ends = Ends()
    async with (
        counted(counting, world, topic, ends) as one,
        counted(counting, world, topic, ends) as two,
    ):
        await one.owns(3)
        await two.owns(3)
        looks = counting.looks
        await asyncio.gather(*(m.consumer.poll(10, 0.05) for m in (one, two) for _ in range(5)))
        assert counting.looks <= looks + 1


async def test_a_notification_wakes_who_has_the_partition_and_only_that_is_read(
    world: World, bus: Bus, topic: str, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ends_module, "LOOK_S", ELSEWHERE)
    other = await world.topic(bus)
    ends = Ends()
    async with counted(counting, world, topic, ends) as member:
        ours = await member.owns(3)
        await member.nothing_more()
        assert ends.heard(f"0 5 {other}") == [TopicPartition(other, 0)]
        wake(member, TopicPartition(other, 0))
        await member.nothing_more()
        assert counting.reads == 0
        key = keys_for(3)[1]
        await bus.producer.send([record(topic, key)])
        polled = asyncio.create_task(member.consumer.poll(10, ELSEWHERE))
        await asyncio.sleep(0)
        assert ends.heard(f"1 1 {topic}") == [ours[1]]
        assert ends.heard(f"1 1 {topic}") == []
        wake(member, ours[1])
        async with asyncio.timeout(20):
            assert len(await polled) == 1
        assert counting.reads == 1


async def test_members_that_are_settled_renew_with_one_statement_and_no_lock(
    world: World, topic: str, counting: Counting, sql: Sql
) -> None:
    async with counted(counting, world, topic, Ends()) as member:
        await member.owns(3)

        async def settled() -> bool:
            before = counting.transactions, counting.renewals
            await until(lambda: counting.renewals >= before[1] + 3)
            return counting.transactions == before[0]

        await until(settled)
        epochs = member.consumer.assignment()
        await sql.execute("UPDATE bus.assignment SET member = NULL")
        await until(lambda: member.consumer.assignment() not in (epochs, {}))


async def test_records_come_while_nobody_notifies(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """The connection that listens is gone; looking goes on, and listening begins again."""
    member = await world.member(bus, world.group(), topic)
    await member.owns(3)
    for number in range(3):
        await sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        await sql.execute(
            "WITH moved AS (UPDATE bus.partition SET next_offset = next_offset + 1"
            "  WHERE topic = $1 AND number = 0 RETURNING next_offset - 1 AS base)"
            ' INSERT INTO bus.record (topic, partition, "offset", value, headers)'
            " SELECT $1, 0, base, $2, '[]' FROM moved",
            topic, b"%d" % number,
        )  # fmt: skip
        assert values(await member.take(1)) == [b"%d" % number]


async def test_more_partitions_than_a_notification_can_name(
    world: World, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = f"contract.{'w' * 200}"
    opened = EmbeddedBus(world.address, "wide", partitions=60)
    await opened.start()
    await opened.create_topics([described(wide, 60)])
    member = await world.member(bus, world.group(), wide)
    await member.owns(60)
    await member.nothing_more()
    monkeypatch.setattr(ends_module, "NOTIFIED_LOOK_S", ELSEWHERE)
    bus._ends.look_again()  # type: ignore[attr-defined]
    await member.nothing_more()
    await opened.producer.send([record(wide, key) for key in keys_for(60)])
    assert len(await member.take(60)) == 60
    await opened.stop()
