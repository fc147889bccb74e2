"""How long insights take over a year of one tenant, with packed days and without.

Events are written into `journey.event` as by `benchmarks.insights_reading`, on a PostgreSQL from
its wheel. Then every insight is asked, as the service asks: first without any pack; then with all
days packed; then with one more event of today and one more of a day in the middle of the year.

    python -m benchmarks.day_packs --events 1500000

`--fast` leaves out what is asked without packs, but for the first insight.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.insights_reading import TENANT, UNTIL, fill
from benchmarks.support import machine, postgres_cpu_s, table
from benchmarks.timelines import sizes
from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine, migrate
from heedful.common.db.engine import unhurried
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from heedful.journey.insights.all import INSIGHTS
from heedful.journey.insights_computing import Insights
from heedful.journey.insights_reading.day_packing import EVERY_S, DayPacking
from heedful.journey.insights_reading.period import Period
from heedful.journey.insights_stored import stored
from heedful.journey.main import MIGRATIONS
from heedful.journey.settings import JourneySettings

NOW = UNTIL - timedelta(hours=6)
DAYS = (365, 90)

_MORE = text(
    """
    INSERT INTO journey.event
    SELECT m.* FROM journey.event AS e, jsonb_populate_record(e, jsonb_build_object(
        'id', 'more-' || CAST(:at AS text), 'occurred_at', CAST(:at AS text))) AS m
    WHERE e.tenant = :tenant LIMIT 1
    """
)


async def one_more(engine: AsyncEngine, at: datetime) -> None:
    async with engine.begin() as connection:
        await connection.execute(_MORE, {"tenant": TENANT, "at": at.isoformat()})


async def pack(engine: AsyncEngine, data_dir: Path) -> str:
    """All days that are over; what it took."""
    packing = DayPacking(engine, lambda: NOW)
    async with engine.begin() as connection:
        # As if all had been quiet for long.
        await connection.execute(text("UPDATE journey.day_touched SET at = '2000-01-01Z'"))
    begun, python, server = time.perf_counter(), time.process_time(), postgres_cpu_s(data_dir)
    while await packing.step() != EVERY_S:
        pass
    took = time.perf_counter() - begun
    python, server = time.process_time() - python, postgres_cpu_s(data_dir) - server
    return f"{took:.0f} s, CPU {python:.0f} s in Python and {server:.0f} s in PostgreSQL"


class Asked:
    """How long each insight took, by name and round."""

    def __init__(self, engine: AsyncEngine, data_dir: Path) -> None:
        self._insights = Insights(engine, JourneySettings(insight_seconds=300), stored(engine))
        self._data_dir = data_dir
        self.rows: dict[tuple[str, int], dict[str, str]] = {}

    async def ask(self, label: str, *names: str) -> None:
        for name in names:
            for days in DAYS:
                insight, period = INSIGHTS[name], Period(NOW - timedelta(days=days), NOW)
                begun, python = time.perf_counter(), time.process_time()
                server = postgres_cpu_s(self._data_dir)
                await self._insights.report(TENANT, insight, insight.parameters(), period)
                took = time.perf_counter() - begun
                python = time.process_time() - python
                server = postgres_cpu_s(self._data_dir) - server
                self.rows.setdefault((name, days), {})[label] = (
                    f"{took:.2f} ({python:.1f} + {server:.1f})"
                )

    def show(self) -> None:
        labels = list(dict.fromkeys(label for row in self.rows.values() for label in row))
        table(
            ("insight", "days", *labels),
            [
                (name, str(days), *(row.get(label, "") for label in labels))
                for (name, days), row in self.rows.items()
            ],
        )


async def main(events: int, *, fast: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as url:
        data_dir = Path(folder)
        engine = create_engine(Settings(database_url=SecretStr(url)), "benchmark")
        await migrate(engine, [COMMON, MIGRATIONS])
        slow = unhurried(engine, "benchmark")
        await fill(slow, events)
        print(f"{events:,} events of a year; {machine()}; s (CPU s in Python + in PostgreSQL)\n")
        asked, names = Asked(engine, data_dir), list(INSIGHTS)
        await asked.ask("without packs", *(names[:1] if fast else names))
        print("packed in", await pack(engine, data_dir))
        found = await sizes(slow)
        packed = sum(size for name, size in found.items() if name.startswith("day_"))
        print(f"packs: {packed / events:.0f} bytes an event\n")
        await asked.ask("packed", *names)
        await asked.ask("again", *names)
        await one_more(slow, NOW)
        await one_more(slow, NOW - timedelta(days=40))
        await asked.ask("after two more events", *names)
        asked.show()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"\n{machine()}; {most:,.0f} MB in Python at most")
        await slow.dispose()
        await engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_500_000)
    parser.add_argument("--fast", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.events, fast=given.fast))
