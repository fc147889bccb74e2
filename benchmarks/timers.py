"""Timers fired per second: steps of the ladder, by the timer loops of 1 and 4 processes.

Red cases with three clocks each on a fresh PostgreSQL from its wheel (fsync on). Time is passed in:
it jumps to the moment at which the next rung of every case is due, and the clock runs until all of
them are taken. A step is an event in the hash chain of its case, the clock and the case as they
are then, the timer of the next rung, an announcement in the outbox, and a delivery to an endpoint
that hears of everything; in the rows without notices there is no endpoint. What the relay and the
sender do with it later is not in the figures, and every step is counted in the end.

Beside it stands a bare loop over the same table, by the same processes: claim as many timers, write
when they are due next, nothing else. CPU is that of the workers and of PostgreSQL with all that it
does beside them; two cores give at most what `most` says.

    python benchmarks/timers.py --cases 4000 --others 1000000
"""

import argparse
import asyncio
import contextlib
import itertools
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

import asyncpg
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.alerting import (
    Alerting,
    Clock,
    add_others,
    analyze,
    connect,
    delivery,
    prepare,
    reds,
)
from benchmarks.support import machine, median, postgres_cpu_s, spread, table
from heedful.alerting.timers import BATCH, LEASE
from heedful.cli.postgres import embedded_postgres
from heedful.common import collector

T0 = datetime(2026, 3, 2, 1, tzinfo=UTC)
PHASES = {12: 1, 18: 1, 23: 1, 24: 2, 30: 1}
"""Hours after the receipt at which rungs of the built-in policy are due, and of how many clocks."""
WORKERS = (1, 4)
OPENED_AT_ONCE = 500

_BARE = """
    INSERT INTO alerting.timer (kind, case_id, metric, cycle, due_at)
    SELECT 'bare', gen_random_uuid(), 'respond', 1, $2::timestamptz - random() * interval '1 min'
    FROM generate_series(1, $1)
"""
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM alerting.timer
        WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
        ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE alerting.timer t SET claimed_by = $3, lease_until = $4, fence = t.fence + 1
    FROM due WHERE t.id = due.id RETURNING t.id, t.fence
"""
_NEXT = """
    UPDATE alerting.timer t SET due_at = t.due_at + interval '6 hours', claimed_by = NULL,
        lease_until = NULL, fence = t.fence + 1
    FROM unnest($1::bigint[], $2::bigint[]) AS w (id, fence)
    WHERE t.id = w.id AND t.fence = w.fence
"""

Order: TypeAlias = tuple[str, datetime]
"""What a worker does, `steps` or `bare`, and the time that it is then."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured together."""

    workers: int
    others: int
    told: bool = True


@dataclass(slots=True)
class Rates:
    """Per second of each phase, and microseconds of CPU for each of all steps."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    steps: int = 0
    python_s: float = 0.0
    postgres_s: float = 0.0


@dataclass(slots=True)
class Bench:
    """One server, and what was made of it so far."""

    url: str
    folder: Path
    engine: AsyncEngine
    names: Iterator[int] = field(default_factory=itertools.count)


class Worker:
    """A process with its own pool and timer loop, told over a pipe what to do."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._orders, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(url, folder, name, theirs))
        self._process.start()
        self.answer()

    def order(self, order: Order) -> None:
        self._orders.send(order)

    def answer(self) -> float:
        """CPU seconds that the last order took."""
        found: float = self._orders.recv()
        return found

    def stop(self) -> None:
        self._orders.send(None)
        self._process.join()


def serve(url: str, folder: Path, name: str, orders: Connection) -> None:
    uvloop.run(_serve(url, folder, name, orders))


async def _serve(url: str, folder: Path, name: str, orders: Connection) -> None:
    collector.calm()
    clock = Clock(T0)
    engine = connect(url, folder, name)
    loop = Alerting(engine, clock.read).timers(name)
    plain = await asyncpg.connect(url)
    await loop.step()
    orders.send(0.0)
    while (order := orders.recv()) is not None:
        what, clock.now = order
        before = time.process_time()
        if what == "bare":
            await bare(plain, name, clock.now)
        else:
            while not await loop.step():
                pass
        orders.send(time.process_time() - before)
    await plain.close()
    await engine.dispose()


async def bare(plain: "asyncpg.Connection[asyncpg.Record]", name: str, now: datetime) -> None:
    """Until nothing is due: claim a batch, say when it is due next."""
    claim, go_on = await plain.prepare(_CLAIM), await plain.prepare(_NEXT)
    while True:
        async with plain.transaction():
            rows = await claim.fetch(now, BATCH, name, now + LEASE)
        async with plain.transaction():
            await go_on.fetch([row["id"] for row in rows], [row["fence"] for row in rows])
        if len(rows) < BATCH:
            return


async def measure(bench: Bench, setup: Setup, cases: int) -> Rates:
    """Fire the rungs of fresh cases by a fresh set of workers."""
    found, name = Rates(), f"run{next(bench.names)}"
    await open_cases(bench, name, cases, told=setup.told)
    workers = [
        Worker(bench.url, bench.folder, f"{name}-{number}") for number in range(setup.workers)
    ]
    try:
        for number, (hours, clocks) in enumerate(PHASES.items()):
            wanted = cases * clocks
            found.bare.append(await run_bare(bench, workers, wanted))
            await tidy(bench)
            before, postgres = await _steps(bench.engine), postgres_cpu_s(bench.folder)
            spent, python = carry_out(workers, ("steps", T0 + timedelta(hours=hours)))
            taken = await _steps(bench.engine) - before
            if taken != wanted:
                raise SystemExit(f"{taken} steps were taken at hour {hours} and not {wanted}")
            found.ours.append(taken / spent)
            if number:  # the first has the plans and the caches to make
                found.steps += taken
                found.python_s += python
                found.postgres_s += postgres_cpu_s(bench.folder) - postgres
    finally:
        for worker in workers:
            worker.stop()
    async with bench.engine.begin() as connection:
        await connection.execute(
            text("DELETE FROM alerting.timer WHERE due_at < :end"),
            {"end": T0 + timedelta(days=400)},
        )
    return found


def carry_out(workers: list[Worker], order: Order) -> tuple[float, float]:
    """Seconds until all are done, and the CPU that they took."""
    started = time.perf_counter()
    for worker in workers:
        worker.order(order)
    cpu = sum([worker.answer() for worker in workers])
    return time.perf_counter() - started, cpu


async def run_bare(bench: Bench, workers: list[Worker], count: int) -> float:
    """Timers per second of the bare loop; their rows are gone afterwards."""
    plain = await asyncpg.connect(bench.url)
    try:
        await plain.execute(_BARE, count, T0)
        spent, _ = carry_out(workers, ("bare", T0))
        await plain.execute("DELETE FROM alerting.timer WHERE kind = 'bare'")
    finally:
        await plain.close()
    return count / spent


async def open_cases(bench: Bench, run: str, count: int, *, told: bool) -> None:
    """Cases of one moment, by the same code as from the topic."""
    handler, found = Alerting(bench.engine, Clock(T0).read).handler, reds(run, T0)
    async with bench.engine.begin() as connection:
        await connection.execute(text("UPDATE alerting.endpoint SET enabled = :on"), {"on": told})
    for start in range(0, count, OPENED_AT_ONCE):
        at_once = min(OPENED_AT_ONCE, count - start)
        await handler([delivery(one) for one in itertools.islice(found, at_once)])


async def tidy(bench: Bench) -> None:
    """What others take out of the tables in their own time, and the statistics."""
    async with bench.engine.begin() as connection:
        await connection.execute(
            text("TRUNCATE common.outbox, alerting.attempt, alerting.delivery")
        )
    await analyze(bench.url)


async def _steps(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        counted = await connection.execute(
            text("SELECT count(*) FROM alerting.case_event WHERE rung IS NOT NULL")
        )
        found: int = counted.scalar_one()
        return found


async def compare(url: str, folder: Path, options: argparse.Namespace) -> dict[Setup, Rates]:
    engine = connect(url, folder, "benchmark")
    bench, found = Bench(url, folder, engine), dict[Setup, Rates]()
    await prepare(engine)
    for others in (0, options.others) if options.others else (0,):
        if others:
            await add_others(url, others)
        setups = [Setup(workers, others) for workers in options.workers]
        if not others:
            setups.insert(1, Setup(options.workers[0], others, told=False))
        for setup in setups:
            found[setup] = await measure(bench, setup, options.cases)
    await engine.dispose()
    return found


def report(options: argparse.Namespace, found: dict[Setup, Rates]) -> None:
    print(f"{machine()}; {options.cases:,} cases, {sum(PHASES.values())} steps on each")
    rows = []
    for setup, rates in found.items():
        python, postgres = (1e6 * one / rates.steps for one in (rates.python_s, rates.postgres_s))
        rows.append(
            [
                str(setup.workers),
                f"{setup.others:,}",
                "one each" if setup.told else "none",
                f"{median(rates.ours):,.0f}",
                spread(rates.ours),
                f"{median(rates.bare):,.0f}",
                f"{median(rates.ours) / median(rates.bare):.2f}",
                f"{python:.0f} + {postgres:.0f}",
                f"{2e6 / (python + postgres):,.0f}",
            ]
        )
    table(
        ["workers", "other timers", "notices", "steps/s", "phases", "bare loop/s", "ratio",
         "CPU µs/step, Python + PostgreSQL", "most on two cores"],
        rows,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=4_000)
    parser.add_argument("--others", type=int, default=1_000_000, help="open timers; 0: skip")
    parser.add_argument("--workers", type=int, nargs="*", default=list(WORKERS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        url = stack.enter_context(embedded_postgres(folder))
        report(options, asyncio.run(compare(url, folder, options)))


if __name__ == "__main__":
    main()
