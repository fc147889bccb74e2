"""What the embedded log keeps: by age, by size, and what that means for a group that is behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TypeAlias

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from heedful.common.bus import Bus
from heedful.common.bus.embedded import EmbeddedBus, retention
from heedful.common.settings import EmbeddedSettings
from tests.contract.bus.postgres import Sql
from tests.contract.bus.world import World, described, keys_for, record, values

DAY = timedelta(days=1)
AGED = "UPDATE bus.record SET written_at = written_at - $1::interval"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@pytest.fixture
def kind() -> str:
    return "embedded"


@pytest.fixture
async def pool(log_url: str) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(log_url, min_size=1, max_size=4) as opened:
        yield opened


async def agree(sql: Sql, topic: str) -> None:
    """What a partition says of itself is what is there, and nothing is missing from its middle."""
    rows = await sql.fetch(
        "SELECT p.first_offset, p.next_offset, p.kept_bytes, count(r.*) AS records,"
        ' min(r."offset") AS first, coalesce(sum(coalesce(octet_length(r.key), 0)'
        "  + coalesce(octet_length(r.value), 0) + octet_length(r.headers)), 0) AS bytes"
        " FROM bus.partition p LEFT JOIN bus.record r"
        "  ON r.topic = p.topic AND r.partition = p.number"
        " WHERE p.topic = $1 GROUP BY p.topic, p.number",
        topic,
    )
    for row in rows:
        assert row["kept_bytes"] == row["bytes"]
        assert row["records"] == row["next_offset"] - row["first_offset"]
        assert row["first"] in {None, row["first_offset"]}


async def test_what_is_too_old_goes_and_the_rest_stays(
    bus: Bus, topic: str, sql: Sql, pool: Pool
) -> None:
    keys = keys_for(3)
    for value in (b"old", b"old", b"young"):
        await bus.producer.send([record(topic, key, value) for key in keys])
    await sql.execute(
        "UPDATE bus.record SET written_at = written_at - $1::interval WHERE value = 'old'", DAY
    )
    await sql.execute("UPDATE bus.topic SET retention = $1", DAY / 2)
    await retention.expire(pool)
    assert {row["value"] for row in await sql.fetch("SELECT value FROM bus.record")} == {b"young"}
    assert await sql.fetchval("SELECT count(*) FROM bus.record") == 3
    await agree(sql, topic)


async def test_what_is_too_much_goes_oldest_first_whatever_its_partition(
    bus: Bus, topic: str, sql: Sql, pool: Pool
) -> None:
    one, two, _ = keys_for(3)
    for key, value in ((one, b"first"), (two, b"second"), (two, b"third"), (one, b"fourth")):
        await bus.producer.send([record(topic, key, value + b"." * 1000)])
    await sql.execute("UPDATE bus.topic SET retention_bytes = 2100")
    await retention.expire(pool)
    kept = await sql.fetch("SELECT value FROM bus.record ORDER BY written_at")
    assert [row["value"].rstrip(b".") for row in kept] == [b"third", b"fourth"]
    await agree(sql, topic)


async def test_the_setting_is_the_topics_also_of_one_that_exists(
    world: World, topic: str, sql: Sql
) -> None:
    async with asyncio.timeout(20):
        small = EmbeddedBus(world.address, "small", EmbeddedSettings(retention_bytes=12_345))
        await small.start()
        await small.create_topics([described(topic, 5), described("other", 1)])
        await small.stop()
    rows = await sql.fetch("SELECT DISTINCT retention_bytes FROM bus.topic")
    assert [row["retention_bytes"] for row in rows] == [12_345]
    assert await sql.fetchval("SELECT count(*) FROM bus.partition WHERE topic = $1", topic) == 3


async def test_a_group_that_is_too_far_behind_goes_on_where_the_log_begins_and_it_is_told(
    world: World, bus: Bus, topic: str, sql: Sql, pool: Pool
) -> None:
    """As with Kafka. One stood still, one was away, and one has read everything."""
    key = keys_for(3)[0]

    def lost(group: str) -> float:
        labels = {"topic": topic, "group": group}
        return REGISTRY.get_sample_value("heedful_bus_lost_total", labels) or 0

    groups = [world.group() for _ in range(4)]
    still, away, fast = [await world.member(bus, group, topic) for group in groups[:3]]
    await bus.producer.send([record(topic, key, b"%d" % number) for number in range(10)])
    (tp, *_) = [tp for tp in await still.owns(3) if tp.partition == 0]
    for member, count in ((still, 2), (away, 2), (fast, 10)):
        await member.take(count, max_records=count)
        await member.consumer.commit({tp: count})
    await away.consumer.stop()
    await sql.execute(
        'UPDATE bus.record SET written_at = written_at - $1::interval WHERE "offset" < 7', DAY
    )
    await sql.execute("UPDATE bus.topic SET retention = $1", DAY / 2)
    await retention.expire(pool)
    assert values(await still.take(3)) == [b"7", b"8", b"9"]
    back = await world.member(bus, groups[1], topic)
    assert values(await back.take(3)) == [b"7", b"8", b"9"]
    new = await world.member(bus, groups[3], topic)
    assert values(await new.take(3)) == [b"7", b"8", b"9"]
    await fast.nothing_more()
    assert [lost(group) for group in groups] == [5, 5, 0, 0]


async def test_a_group_for_which_nothing_is_left_does_not_wait_for_it(
    world: World, bus: Bus, topic: str, sql: Sql, pool: Pool
) -> None:
    group = world.group()
    member = await world.member(bus, group, topic)
    ours = await member.owns(3)
    member.consumer.pause(ours)
    await bus.producer.send([record(topic, key) for key in keys_for(3)] * 4)
    await sql.execute("UPDATE bus.topic SET retention = $1", timedelta(0))
    await retention.expire(pool)
    member.consumer.resume(ours)
    await member.nothing_more()
    assert await member.consumer.lag() == dict.fromkeys(ours, 0)
    labels = {"topic": topic, "group": group}
    assert REGISTRY.get_sample_value("heedful_bus_lost_total", labels) == 12


async def test_processes_that_expire_at_once_count_once(
    bus: Bus, topic: str, sql: Sql, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 5)
    monkeypatch.setattr(retention, "_PAUSE_S", 0)
    await bus.producer.send([record(topic, key) for key in keys_for(3, each=30)])
    await sql.execute("UPDATE bus.topic SET retention = $1", timedelta(0))
    await asyncio.gather(*(retention.expire(pool) for _ in range(3)))
    await retention.expire(pool)
    assert await sql.fetchval("SELECT count(*) FROM bus.record") == 0
    await agree(sql, topic)


async def test_groups_that_only_looked_are_forgotten(
    world: World, bus: Bus, topic: str, sql: Sql, pool: Pool
) -> None:
    groups = [world.group() for _ in range(3)]
    looked, worked, works = [await world.member(bus, group, topic) for group in groups]
    for member in (looked, worked, works):
        ours = await member.owns(3)
    await worked.consumer.commit(dict.fromkeys(ours, 0))
    await looked.consumer.stop()
    await worked.consumer.stop()
    await retention.expire(pool)
    left = {row["grp"] for row in await sql.fetch("SELECT grp FROM bus.assignment")}
    assert left == set(groups[1:])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 400)), min_size=1, max_size=25),
    old=st.integers(0, 10),
    limit=st.integers(1, 4000),
    batch=st.sampled_from([1, 3, 2000]),
)
async def test_any_log_is_cut_to_what_may_stay_and_no_further(
    world: World,
    bus: Bus,
    sql: Sql,
    pool: Pool,
    written: list[tuple[int, int]],
    old: int,
    limit: int,
    batch: int,
) -> None:
    topic = await world.topic(bus)
    keys = keys_for(3)
    for partition, size in written:
        await bus.producer.send([record(topic, keys[partition], b"x" * size)])
    await sql.execute(
        "UPDATE bus.record SET written_at = written_at - $1::interval WHERE topic = $2"
        " AND written_at < (SELECT max(written_at) FROM (SELECT written_at FROM bus.record"
        "  WHERE topic = $2 ORDER BY written_at LIMIT $3) AS first)",
        DAY, topic, old,
    )  # fmt: skip
    await sql.execute(
        "UPDATE bus.topic SET retention = $1, retention_bytes = $2 WHERE name = $3",
        DAY / 2, limit, topic,
    )  # fmt: skip
    rows = (
        "SELECT partition, written_at > clock_timestamp() - interval '12 hours' AS young,"
        " octet_length(key) + octet_length(value) + octet_length(headers) AS bytes"
        " FROM bus.record WHERE topic = $1 ORDER BY written_at"
    )
    before = await sql.fetch(rows, topic)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "_BATCH", batch)
        patch.setattr(retention, "_PAUSE_S", 0)
        await retention.expire(pool)
    expected = [row for row in before if row["young"]]
    while sum(row["bytes"] for row in expected) > limit:
        del expected[0]
    assert await sql.fetch(rows, topic) == expected
    await agree(sql, topic)
