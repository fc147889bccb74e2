"""Leases of the embedded log: clocks that jump, a database that is away, members that freeze."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from heedful.common.bus import Bus, StaleAssignment
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.errors import BusUnavailable
from tests.contract.bus.postgres import Sql, leased, waiting_for_a_lock
from tests.contract.bus.processes import other_process, told
from tests.contract.bus.world import World, keys_for, places, record, shared_fairly
from tests.patience import until

LONG_LEASE_S = 600.0
"""Renewed so rarely that a test sees only what notifications bring."""


@pytest.fixture
def kind() -> str:
    return "embedded"


@asynccontextmanager
async def buses(world: World, count: int, lease_s: float) -> AsyncIterator[list[EmbeddedBus]]:
    opened = [EmbeddedBus(world.address, "contract", lease_s=lease_s) for _ in range(count)]
    async with AsyncExitStack() as stack:
        for bus in opened:
            await bus.start()
            stack.push_async_callback(bus.stop)
        yield opened


async def test_members_notice_each_other_without_waiting_for_a_renewal(
    world: World, topic: str
) -> None:
    group = world.group()
    async with buses(world, 2, LONG_LEASE_S) as (one, two):
        first = await world.member(one, group, topic)
        await first.owns(3)
        second = await world.member(two, group, topic)
        await until(lambda: shared_fairly([first, second], 3))
        await second.consumer.stop()
        await first.owns(3)


async def test_a_clock_that_went_back_does_not_keep_a_dead_members_partitions(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """Its lease was written an hour ahead of the time that the database tells now."""
    group = world.group()
    async with other_process(world, group, topic) as process:
        await told(process, "assigned", 3)
        process.kill()
        await process.wait()
        await sql.execute(
            "UPDATE bus.member SET expires_at = clock_timestamp() + interval '1 hour'"
        )
        heir = await world.member(bus, group, topic)
        await heir.owns(3)


async def test_a_clock_that_went_forward_costs_nothing_but_a_look(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """All leases are over at once; whoever lives takes his partitions up again."""
    await bus.producer.send([record(topic, key) for key in keys_for(3)])
    member = await world.member(bus, world.group(), topic)
    await member.take(3)
    before = member.consumer.assignment()
    for _ in range(3):
        await sql.execute(
            "UPDATE bus.member SET expires_at = clock_timestamp() - interval '1 hour'"
        )
        await until(lambda: leased(sql))
    assert member.consumer.assignment() == before
    await member.consumer.commit(dict.fromkeys(before, 1))
    await member.nothing_more()


async def test_a_member_whose_lease_ran_out_unseen_starts_again_under_a_new_epoch(
    world: World, topic: str, sql: Sql
) -> None:
    """The database was away for longer than the lease, and nobody else took the partitions."""
    async with buses(world, 1, 0.4) as (bus,):
        await bus.producer.send([record(topic, key) for key in keys_for(3)] * 2)
        member = await world.member(bus, world.group(), topic)
        await member.take(6)
        before = member.consumer.assignment()
        async with sql.transaction():
            await sql.execute("LOCK TABLE bus.member IN ACCESS EXCLUSIVE MODE")
            await until(lambda: member.consumer.assignment() == {})
            with pytest.raises(StaleAssignment):
                await member.consumer.commit(dict.fromkeys(before, 1))
        await member.owns(3)
        after = member.consumer.assignment()
        assert all(after[tp] != before[tp] for tp in before)
        assert sorted(places(await member.take(6))) == [(p, n) for p in range(3) for n in range(2)]


async def test_a_member_frozen_inside_its_renewal_does_not_stop_the_group(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """It holds the group's lock, and its connection is open: only the server can end that."""
    group = world.group()
    async with other_process(world, group, topic) as process:
        await told(process, "assigned", 3)
        while True:
            await sql.execute("SELECT pg_notify('heedful_group', $1)", group)
            process.send_signal(signal.SIGSTOP)
            if await sql.fetchval(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ):
                break
            process.send_signal(signal.SIGCONT)
        heir = await world.member(bus, group, topic)
        await heir.owns(3)


async def test_a_commit_that_meets_a_claim_is_refused(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    """The new owner reads the offset as soon as its claim is durable: nothing may follow."""
    member = await world.member(bus, world.group(), topic)
    tp = (await member.owns(3))[0]
    claim = sql.transaction()
    await claim.start()
    await sql.execute(
        "UPDATE bus.assignment SET member = gen_random_uuid(), epoch = epoch + 1"
        " WHERE partition = $1", tp.partition,
    )  # fmt: skip
    committing = asyncio.create_task(member.consumer.commit({tp: 7}))

    async def met() -> bool:
        return committing.done() or await waiting_for_a_lock(sql)

    await until(met)
    await claim.commit()
    # A slow machine holds the claim for longer than a commit waits.
    with pytest.raises((StaleAssignment, BusUnavailable)):
        await committing
    assert await sql.fetch("SELECT 1 FROM bus.committed") == []


async def test_a_commit_is_refused_whole_when_one_partition_was_taken_unseen(
    world: World, bus: Bus, topic: str, sql: Sql
) -> None:
    member = await world.member(bus, world.group(), topic)
    ours = await member.owns(3)
    await sql.execute(
        "UPDATE bus.assignment SET member = gen_random_uuid(), epoch = epoch + 1"
        " WHERE partition = 1"
    )
    with pytest.raises(StaleAssignment):
        await member.consumer.commit(dict.fromkeys(ours, 7))
    assert await sql.fetch("SELECT 1 FROM bus.committed") == []
