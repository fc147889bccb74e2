"""Answers of PostgreSQL that come when the partitions have already moved on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from heedful.common.bus import Bus, StaleAssignment
from heedful.common.bus.embedded.consumer import EmbeddedConsumer
from tests.contract.bus.postgres import Sql
from tests.contract.bus.world import Member, World, keys_for, places, record
from tests.patience import until


@pytest.fixture
def kind() -> str:
    return "embedded"


class Gate:
    """A pool with a door: what was asked through it is answered when the door is opened."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._opened: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self.failure: Exception | None = None

    def close(self) -> None:
        self._opened = asyncio.Event()

    def open(self) -> None:
        assert self._opened is not None
        self._opened.set()
        self._opened = None

    async def fetch(self, query: str, *arguments: Any) -> Any:
        if self.failure is not None:
            raise self.failure
        task = asyncio.current_task()
        if task is not None and task.get_name() == "commit":
            await self._pass()
        found = await self._pool.fetch(query, *arguments)
        if "LATERAL" in query:
            await self._pass()
        return found

    async def execute(self, query: str, *arguments: Any) -> Any:
        return await self._pool.execute(query, *arguments)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        if self.failure is not None:
            raise self.failure
        async with self._pool.acquire() as connection:
            yield connection

    async def _pass(self) -> None:
        opened = self._opened
        if opened is not None:
            self.reached.set()
            await opened.wait()


@pytest.fixture
async def gate(log_url: str) -> AsyncIterator[Gate]:
    async with asyncpg.create_pool(log_url, min_size=1) as pool:
        yield Gate(pool)


@pytest.fixture
async def gated(world: World, gate: Gate, topic: str) -> AsyncIterator[Member]:
    consumer = EmbeddedConsumer(gate, world.group(), [topic], None, lease_s=0.4)  # type: ignore[arg-type]
    await consumer.start()
    yield Member(consumer)
    await consumer.stop()


async def lost_and_found(sql: Sql, member: Member) -> None:
    """All partitions go, and come back to the same member from their commit."""
    before = member.consumer.assignment()
    await sql.execute("UPDATE bus.assignment SET member = NULL")
    await until(
        lambda: (
            before.keys() == member.consumer.assignment().keys()
            and all(member.consumer.assignment()[tp] != before[tp] for tp in before)
        )
    )


async def test_records_that_were_asked_for_under_an_older_assignment_are_dropped(
    bus: Bus, topic: str, gate: Gate, gated: Member, sql: Sql
) -> None:
    """Their offsets lie ahead of the commit: with them the position would jump over the rest."""
    key = keys_for(3)[0]
    await bus.producer.send([record(topic, key)] * 6)
    await gated.owns(3)
    assert places(await gated.take(3, max_records=3)) == [(0, 0), (0, 1), (0, 2)]
    gate.close()
    late = asyncio.create_task(gated.consumer.poll(9, 0))
    await gate.reached.wait()
    await lost_and_found(sql, gated)
    gate.open()
    assert await late == {}
    assert places(await gated.take(6)) == [(0, offset) for offset in range(6)]


async def test_records_of_a_partition_that_was_paused_meanwhile_are_not_given(
    bus: Bus, topic: str, gate: Gate, gated: Member
) -> None:
    key = keys_for(3)[0]
    await bus.producer.send([record(topic, key)] * 2)
    ours = await gated.owns(3)
    gate.close()
    late = asyncio.create_task(gated.consumer.poll(9, 0))
    await gate.reached.wait()
    gated.consumer.pause(ours)
    gate.open()
    assert await late == {}
    gated.consumer.resume(ours)
    assert places(await gated.take(2)) == [(0, 0), (0, 1)]


async def test_a_commit_belongs_to_the_assignment_it_was_made_under(
    bus: Bus, topic: str, gate: Gate, gated: Member, sql: Sql
) -> None:
    tp = (await gated.owns(3))[0]
    gate.close()
    late = asyncio.create_task(gated.consumer.commit({tp: 5}), name="commit")
    await gate.reached.wait()
    await lost_and_found(sql, gated)
    gate.open()
    with pytest.raises(StaleAssignment):
        await late
    assert await sql.fetch("SELECT 1 FROM bus.committed") == []


async def test_a_member_that_cannot_renew_any_more_says_so(gate: Gate, gated: Member) -> None:
    """Otherwise it would read on, and nothing of it could ever be committed."""
    await gated.owns(3)
    gate.failure = LookupError("a bug")
    with pytest.raises(LookupError, match="a bug"):
        await until(lambda: polled(gated))
    gate.failure = None


async def polled(member: Member) -> bool:
    await member.consumer.poll(1, 0.05)
    return False
