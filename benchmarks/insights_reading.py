"""How long it takes to read a tenant's events as columns, and by the way not taken.

Events are written into `journey.event` as the consumer writes them, payloads included, on a
PostgreSQL from its wheel; then the whole period is read, round by round. Beside it stands what was
not done: rows one by one with the same columns, and the fields parsed out of the payload.

    python benchmarks/insights_reading.py --events 1000000 --rounds 3
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, median, spread, table
from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine, migrate
from heedful.common.db.engine import unhurried
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from heedful.journey.insights_reading.period import Period
from heedful.journey.insights_reading.reading import read
from heedful.journey.main import MIGRATIONS

SINCE = datetime(2025, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=365)
TENANT = "acme"

_FILL = text(
    """
    INSERT INTO journey.event (
        tenant, kind, source, id, occurred_at, received_at, enriched_at, channel, touchpoint,
        department, interaction_kind, colour, polarity, topics, conversation_id, identifiers,
        customer_id, identified, score, score_kind, valence, perceptions, leaving, solicited,
        outbound, amount, duration_s, attributes, payload
    )
    SELECT :tenant, kind, 'source-' || n % 7, 'event-' || n, at, at,
        CASE WHEN spoken THEN at END, (ARRAY['call', 'chat', 'survey', 'app'])[1 + n % 4],
        'touchpoint.' || n % 23, 'department-' || n % 5,
        CASE WHEN NOT spoken THEN (ARRAY['order', 'visit', 'contact'])[1 + n % 3] END,
        CASE WHEN spoken THEN (ARRAY['red', 'amber', 'green', 'grey'])[1 + n % 4] END, NULL,
        CASE WHEN spoken THEN ARRAY['topic.' || n % 40, 'topic.' || n % 31] ELSE '{}' END, NULL,
        ARRAY[md5('i' || n % 100000)::uuid], md5('c' || n % 100000)::uuid, true,
        CASE WHEN spoken THEN n % 11 / 10.0 END, CASE WHEN spoken THEN 'nps' END,
        CASE WHEN spoken THEN n % 200 / 100.0 - 1 END,
        CASE WHEN spoken AND n % 5 = 0 THEN ARRAY['delight'] ELSE '{}' END, false, false,
        n % 9 = 0, CASE WHEN NOT spoken THEN n % 1000 END, NULL, attributes,
        jsonb_build_object(
            'tenant', CAST(:tenant AS text),
            'sentiment', jsonb_build_object('score', n % 200 / 100.0 - 1), 'churn', NULL,
            'amount', n % 1000, 'feedback', jsonb_build_object(
                'text', repeat(md5(n::text), 12), 'attributes', attributes,
                'score', jsonb_build_object(
                    'kind', 'nps', 'value', n % 11, 'minimum', 0, 'maximum', 10)),
            'evidence', repeat(md5('e' || n), 20))
    FROM (
        SELECT n, n % 3 = 0 AS spoken,
            CASE WHEN n % 3 = 0 THEN 'feedback' ELSE 'interaction' END AS kind,
            CAST(:since AS timestamptz)
                + (CAST(n AS bigint) * 7919 % 31536000) * interval '1 second' AS at,
            jsonb_build_object(
                'segment', 'segment-' || n % 4, 'outlet', 'outlet-' || n % 50) AS attributes
        FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
    ) AS made
    """
)
_COLUMNS = text(
    """
    SELECT customer_id, occurred_at, received_at, kind, leaving, solicited, outbound, valence,
        score, amount, duration_s, interaction_kind, channel, touchpoint, department, colour,
        score_kind, topics,
        perceptions, source, id, attributes ->> 'segment', attributes ->> 'outlet'
    FROM journey.event WHERE tenant = :tenant
    """
)
_PAYLOADS = text(
    """
    SELECT customer_id, occurred_at, received_at, kind, payload ->> 'churn',
        CAST(payload #>> '{sentiment,score}' AS float8), payload #> '{feedback,score}',
        CAST(payload ->> 'amount' AS float8), interaction_kind, channel, touchpoint, department,
        colour, topics, source, id, payload #>> '{feedback,attributes,segment}',
        payload #>> '{feedback,attributes,outlet}'
    FROM journey.event WHERE tenant = :tenant
    """
)


async def fill(engine: AsyncEngine, events: int, start: int = 0) -> None:
    """In steps, as many transactions; `start`: so many are there."""
    step = 100_000
    for first in range(start, events, step):
        async with engine.begin() as connection:
            last = min(events, first + step) - 1
            values = {"tenant": TENANT, "since": SINCE, "first": first, "last": last}
            await connection.execute(_FILL, values)
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE journey.event"))


async def packed(engine: AsyncEngine) -> int:
    facts = await read(engine, TENANT, Period(SINCE, UNTIL), ("segment", "outlet"), 100_000_000)
    return len(facts)


def rows(statement: object) -> Callable[[AsyncEngine], Awaitable[int]]:
    async def run(engine: AsyncEngine) -> int:
        async with engine.connect() as connection:
            found = await connection.stream(statement, {"tenant": TENANT})  # type: ignore[call-overload]
            count = 0
            async for part in found.partitions(5_000):
                columns = [list(column) for column in zip(*part, strict=True)]
                count += len(columns[0])
            return count

    return run


async def main(events: int, rounds: int) -> None:
    ways = {
        "packed columns (as it is)": packed,
        "rows of columns": rows(_COLUMNS),
        "rows, fields from the payload": rows(_PAYLOADS),
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        engine = create_engine(Settings(database_url=SecretStr(url)), "benchmark")
        await migrate(engine, [COMMON, MIGRATIONS])
        slow = unhurried(engine, "benchmark")
        await fill(slow, events)
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, run in ways.items():
                begun = time.perf_counter()
                count = await run(engine if run is packed else slow)
                times[way].append(time.perf_counter() - begun)
                assert count == events, (way, count)
        print(f"{events:,} events, {rounds} rounds in turn; {machine()}\n")
        table(
            ("way", "s, median", "range", "events/s", "times as long"),
            [
                (
                    way,
                    f"{median(one):.2f}",
                    spread(one, 2),
                    f"{events / median(one):,.0f}",
                    f"{median(one) / median(times['packed columns (as it is)']):.1f}",
                )
                for way, one in times.items()
            ],
        )
        await slow.dispose()
        await engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(main(given.events, given.rounds))
