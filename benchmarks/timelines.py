"""How long it takes to read a customer's timeline, and what an event takes on disk.

    python -m benchmarks.timelines --events 1000000 --reads 2000

Events are written into `journey.event` as by `benchmarks.insights_reading`, of 100,000 customers of
one tenant, on a PostgreSQL from its wheel. Then the first page (50 events) and the one after it of
customers drawn at random are read through the service's own query, one after the other.

    python -m benchmarks.timelines --events 10000000 --data FOLDER

With --data the database is kept: what is there is not written again, and one that was stopped goes
on. Ten million events take 25 GB and, beside other work, half an hour.
"""

import argparse
import asyncio
import random
import tempfile
import time
import uuid
from collections.abc import Mapping
from hashlib import md5
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.insights_reading import fill
from benchmarks.support import machine, percentile, table
from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine, migrate
from heedful.common.db.engine import unhurried
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from heedful.journey.main import MIGRATIONS
from heedful.journey.queries import Queries
from heedful.journey.timeline import Position

CUSTOMERS = 100_000
PAGE = 50

_COUNT = text("SELECT count(*) FROM journey.event")
_SIZES = text(
    """
    SELECT t.relname AS name, pg_table_size(t.oid) AS bytes
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'journey' AND t.relkind IN ('r', 'i') AND pg_table_size(t.oid) > 65536
    ORDER BY bytes DESC
    """
)
"""Of a table with what stands outside of it (TOAST); its indexes are rows of their own."""


async def sizes(engine: AsyncEngine) -> Mapping[str, int]:
    """Bytes of journey's tables and indexes, the largest first."""
    async with engine.connect() as connection:
        return {row.name: row.bytes for row in await connection.execute(_SIZES)}


def per_event(found: Mapping[str, int], events: int) -> None:
    """Print the sizes as bytes an event."""
    rows = [(name, f"{size / events:.0f}") for name, size in found.items()]
    table(("relation", "bytes an event"), [*rows, ("all", f"{sum(found.values()) / events:.0f}")])


async def run(events: int, reads: int, folder: Path) -> None:
    with embedded_postgres(folder) as url:
        engine = create_engine(Settings(database_url=SecretStr(url)), "benchmark")
        await migrate(engine, [COMMON, MIGRATIONS])
        slow = unhurried(engine, "benchmark")
        async with engine.connect() as connection:
            there = (await connection.execute(_COUNT)).scalar_one()
        begun = time.perf_counter()
        if there < events:
            await fill(slow, events, there)
        took = time.perf_counter() - begun
        print(f"{events:,} events, {events - there:,} written in {took:.0f} s; {machine()}\n")
        per_event(await sizes(engine), events)
        print()
        queries = Queries(engine)
        chance = random.Random(events)  # noqa: S311  # not for secrets
        drawn = [chance.randrange(min(CUSTOMERS, events)) for _ in range(reads)]
        rows = []
        for label in ("first reads", "the same again"):
            first, then = [], []
            for number in drawn:
                customer = uuid.UUID(md5(f"c{number}".encode(), usedforsecurity=False).hexdigest())
                took, last = await page(queries, customer, None)
                first.append(took)
                took, _ = await page(queries, customer, last)
                then.append(took)
            for what, times in (("first page", first), ("the one after it", then)):
                shown = [f"{1000 * percentile(times, q):.2f}" for q in (50, 95, 99)]
                rows.append((f"{label}, {what}", *shown))
        table(("timeline", "p50 ms", "p95 ms", "p99 ms"), rows)
        print(machine())
        await slow.dispose()
        await engine.dispose()


async def page(
    queries: Queries, customer: uuid.UUID, after: Position | None
) -> tuple[float, Position]:
    """Seconds, and where the page ends."""
    begun = time.perf_counter()
    rows = await queries.timeline(customer, None, None, after, PAGE)
    took = time.perf_counter() - begun
    assert rows or after is not None, customer
    last = rows[-1] if rows else None
    if last is None:
        assert after is not None
        return took, after
    return took, Position(last.occurred_at, last.received_at, last.id, last.kind, last.source)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--reads", type=int, default=2000)
    parser.add_argument("--data", type=Path, help="folder of a database to keep")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        asyncio.run(run(given.events, given.reads, given.data or Path(passing)))
