"""The embedded bus: events appended and consumed per second, and what it asks of PostgreSQL.

A fresh PostgreSQL from its wheel, with its usual settings (fsync on), and realistic feedback.
Appending stands beside COPY of the same rows in batches of the same size into a table of the same
shape, consuming beside a bare SELECT loop over the same rows that decodes nothing. Rounds
alternate, figures are medians, ratios are to the floor of this run.

    python benchmarks/embedded.py --records 50000 --rounds 3
"""

import argparse
import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import uvloop
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.runtime import records
from benchmarks.support import machine, median, spread, table
from heedful.cli.postgres import embedded_postgres
from heedful.common.bus import Outgoing
from heedful.common.bus.base import records_of
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.headers import pack
from heedful.common.bus.partitioning import partition_of
from heedful.common.contracts import Feedback
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from heedful.common.topics import Topic

BATCH = 500
CONSUMERS = 20
SETTLE_S = 12.0
"""A backend that falls idle tells its statistics within ten seconds."""
WATCH_S = 20.0
SINGLES = 20
APPEND, CONSUME = "append", "consume"
FLOORS = {APPEND: "COPY", CONSUME: "bare SELECT"}

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Place = tuple[str, int, int, bytes | None, bytes | None, bytes]


@dataclass
class Rates:
    """Events per second of each round."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.floor)


def topic(partitions: int) -> Topic:
    return Topic(
        name=f"benchmark.{uuid.uuid4().hex[:8]}",
        event_type="benchmark.v1",
        payload=Feedback,
        key="customer",
        description="",
        partitions=partitions,
    )


@asynccontextmanager
async def opened(url: str, application: str = "benchmark") -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(url, application)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


async def timed(work: Awaitable[None], count: int) -> float:
    started = time.perf_counter()
    await work
    return count / (time.perf_counter() - started)


async def append(bus: EmbeddedBus, written: Sequence[Outgoing]) -> None:
    for start in range(0, len(written), BATCH):
        await bus.producer.send(written[start : start + BATCH])


async def copy(sql: Sql, rows: Sequence[Place]) -> None:
    """One transaction per batch, as an append is."""
    columns = ["topic", "partition", "offset", "key", "value", "headers"]
    for start in range(0, len(rows), BATCH):
        await sql.copy_records_to_table(
            "record", schema_name="floor", records=rows[start : start + BATCH], columns=columns
        )


async def consume(bus: EmbeddedBus, name: str, count: int) -> None:
    """As a new group, every batch committed."""
    consumer = bus.consumer(f"group-{uuid.uuid4().hex}", [name])
    await consumer.start()
    left = count
    while left > 0:
        found = await consumer.poll(BATCH, 1.0)
        left -= sum(map(len, found.values()))
        if found:
            await consumer.commit({tp: records[-1].offset + 1 for tp, records in found.items()})
    await consumer.stop()


async def select(sql: Sql, name: str, partitions: int) -> None:
    query = await sql.prepare(
        'SELECT "offset", written_at, key, value, headers FROM bus.record'
        ' WHERE topic = $1 AND partition = $2 AND "offset" >= $3 ORDER BY "offset" LIMIT $4'
    )
    for partition in range(partitions):
        position = 0
        while rows := await query.fetch(name, partition, position, BATCH):
            position = rows[-1]["offset"] + 1


def places(written: Sequence[Outgoing], partitions: int) -> list[Place]:
    """The rows that an append would make, made before the clock runs."""
    ends = dict.fromkeys(range(partitions), 0)
    rows = []
    for one in written:
        number = partition_of(one.key or b"", partitions)
        rows.append((one.topic, number, ends[number], one.key, one.value, pack(one.headers)))
        ends[number] += 1
    return rows


async def throughput(url: str, count: int, partitions: int, rounds: int) -> dict[str, Rates]:
    found = {APPEND: Rates(), CONSUME: Rates()}
    sql = await asyncpg.connect(url)
    for _ in range(rounds):
        described = topic(partitions)
        written = records(described.name, count)
        rows = places(written, partitions)
        async with opened(url) as bus:
            await bus.create_topics([described])
            await append(bus, written[: 2 * BATCH])
            found[APPEND].ours.append(await timed(append(bus, written), count))
            await sql.execute("TRUNCATE floor.record")
            found[APPEND].floor.append(await timed(copy(sql, rows), count))
            everything = count + 2 * BATCH
            await select(sql, described.name, partitions)
            found[CONSUME].ours.append(
                await timed(consume(bus, described.name, everything), everything)
            )
            found[CONSUME].floor.append(
                await timed(select(sql, described.name, partitions), everything)
            )
        await sql.execute("DELETE FROM bus.record WHERE topic = $1", described.name)
        await sql.execute("VACUUM bus.record")
    await sql.close()
    return found


async def transactions(sql: Sql) -> int:
    """So far, of everybody."""
    found: int = await sql.fetchval(
        "SELECT xact_commit + xact_rollback FROM pg_stat_database"
        " WHERE datname = current_database()"
    )
    return found


async def quiet(url: str, buses: int) -> tuple[float, float]:
    """Transactions a second of idle consumers, and how many more one record brings.

    At least one of its writer, and one read of each consumer. Every consumer is a group of its
    own; they share so many buses, which stand for processes.
    """
    described = topic(4)
    sql = await asyncpg.connect(url)
    async with AsyncExitStack() as stack:
        opened_buses = [await stack.enter_async_context(opened(url, f"b{n}")) for n in range(buses)]
        await opened_buses[0].create_topics([described])
        seen = [0] * CONSUMERS
        await append(opened_buses[0], records(described.name, 1))
        tasks = []
        for number in range(CONSUMERS):
            consumer = opened_buses[number % buses].consumer(f"idle-{number}", [described.name])
            await consumer.start()
            stack.push_async_callback(consumer.stop)

            async def read(number: int = number, consumer: Any = consumer) -> None:
                while True:
                    seen[number] += len(records_of(await consumer.poll(256, 0.25)))

            tasks.append(asyncio.create_task(read()))
        await asyncio.sleep(SETTLE_S)
        assert min(seen) == 1, "somebody has not read the first record"
        before = await transactions(sql)
        await asyncio.sleep(WATCH_S)
        idle = (await transactions(sql) - before) / WATCH_S
        started = time.perf_counter()
        before = await transactions(sql)
        for written in records(described.name, SINGLES):
            await append(opened_buses[0], [written])
            await asyncio.sleep(0.25)
        await asyncio.sleep(SETTLE_S)
        passed = time.perf_counter() - started
        extra = (await transactions(sql) - before - passed * idle) / SINGLES
        assert min(seen) == SINGLES + 1, "somebody has not read every record"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await sql.close()
    return idle, extra


async def prepare(url: str) -> None:
    engine = create_engine(Settings(database_url=SecretStr(url)), "benchmark")
    await migrate(engine, [COMMON])
    await engine.dispose()
    sql = await asyncpg.connect(url)
    await sql.execute("CREATE SCHEMA floor")
    await sql.execute("CREATE TABLE floor.record (LIKE bus.record INCLUDING ALL)")
    await sql.close()


async def measure(url: str, options: argparse.Namespace) -> None:
    await prepare(url)
    rows = []
    for partitions in (1, 4):
        found = await throughput(url, options.records, partitions, options.rounds)
        for what, rates in found.items():
            rows.append(
                [
                    f"{what}, {partitions} partition{'s' if partitions > 1 else ''}",
                    f"{median(rates.ours):,.0f}",
                    spread(rates.ours),
                    f"{FLOORS[what]} {median(rates.floor):,.0f}",
                    spread(rates.floor),
                    f"{rates.ratio:.2f}",
                ]
            )
    print(machine())
    table(["", "events/s", "spread", "floor, events/s", "spread", "ratio"], rows)
    print()
    rows = []
    for buses in (1, CONSUMERS):
        idle, extra = await quiet(url, buses)
        rows.append(
            [
                f"{CONSUMERS} in {buses} process{'es' if buses > 1 else ''}",
                f"{idle:.1f}",
                f"{extra:.1f}",
            ]
        )
    table(["consumers", "transactions/s while idle", "more for one record"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=50_000, help="per round and partition count")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="heedful-embedded-") as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        uvloop.run(measure(url, options))


if __name__ == "__main__":
    main()
