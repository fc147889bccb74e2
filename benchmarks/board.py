"""The board of a tenant: how long its figures take, over so many cases of forty days.

The tables are filled by SQL with cases in all states, three clocks on each, half of which ran out,
and the events that such cases have. The database is a fresh PostgreSQL from its wheel; a figure is
the time of the whole board, by the same code as `GET /v1/board`, and of the board of one owner.
Beside it stands one scan of all clocks and cases, joined and counted: less no board can take.

    python benchmarks/board.py --cases 20000 --rounds 20
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.alerting import TENANT, analyze, connect, prepare
from benchmarks.support import machine, median, percentile, spread, table
from heedful.alerting import store_mending
from heedful.alerting.figures import store_board
from heedful.alerting.figures.filters import Filters
from heedful.cli.postgres import embedded_postgres

DAYS = 40
PERIOD = timedelta(days=30)

_FILL = f"""
    INSERT INTO alerting.cases (id, tenant, state, colour, sequence, source, feedback_id, channel,
        received_at, opened_at, reasons, policy, rule, owner, department, topic, touchpoint,
        late_source, over_at)
    SELECT 'case-' || n, '{TENANT}',
        (ARRAY['new', 'acknowledged', 'planned', 'in_progress', 'waiting_customer', 'landed',
               'closed', 'closed', 'closed', 'dismissed'])[1 + n % 10],
        CASE WHEN n % 3 = 0 THEN 'red' ELSE 'amber' END, 10, 'calls', 'f-' || n, 'call', at, at,
        '[]', 'builtin@1', 'red', CASE WHEN n % 10 > 0 THEN 'agent-' || n % 40 END,
        'team-' || n % 8, 'topic-' || n % 50, 'touchpoint-' || n % 30, n % 60 = 0,
        CASE WHEN n % 10 > 5 THEN at + interval '100 hours' END
    FROM (SELECT n, now() - n * (interval '{DAYS} days' / {{cases}}) AS at
          FROM generate_series(1, {{cases}}) AS n) AS made;

    INSERT INTO alerting.clock (case_id, tenant, number, metric, target, started_at, due_at,
        fulfilled_at, breached_at, ended)
    SELECT c.id, c.tenant, m.number, m.metric, m.target, c.received_at, c.received_at + m.target,
        done.at, CASE WHEN coalesce(done.at, now()) > c.received_at + m.target
                      THEN c.received_at + m.target END,
        CASE WHEN c.state = 'dismissed' THEN 'dismissed' END
    FROM alerting.cases c
    CROSS JOIN (VALUES (0, 'respond', interval '24 hours'), (1, 'plan', interval '48 hours'),
                       (2, 'land', interval '72 hours')) AS m (number, metric, target)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.state NOT IN ('dismissed', 'new') AND wanted.at < now()
                    THEN wanted.at END AS at
        FROM (SELECT c.received_at + m.target * (0.2 + 1.6 * abs(hashtext(c.id || m.metric) % 100)
                     / 100) AS at) AS wanted) AS done;

    INSERT INTO alerting.case_event (case_id, sequence, id, tenant, kind, at, recorded_at,
        actor_type, colour, clock, cycle, rung, detail)
    SELECT c.id, row_number() OVER (PARTITION BY c.id ORDER BY c.received_at + s.after),
        gen_random_uuid(), c.tenant, s.kind, c.received_at + s.after, c.received_at + s.after,
        s.actor, c.colour, s.clock, 1, s.rung, '{{{{}}}}'
    FROM alerting.cases c JOIN (VALUES
        ('opened', 'system', interval '0', NULL, NULL, 0),
        ('warned', 'system', '12 hours', 'respond', 'half', 1),
        ('warned', 'system', '18 hours', 'respond', 'three-quarters', 1),
        ('warned', 'system', '23 hours', 'respond', 'last-call', 1),
        ('breached', 'system', '24 hours', 'respond', 'breach', 1),
        ('escalated', 'system', '30 hours', 'respond', 'overdue-25', 1),
        ('acknowledged', 'human', '20 hours', NULL, NULL, 2),
        ('assigned', 'human', '21 hours', NULL, NULL, 2),
        ('responded', 'human', '26 hours', 'respond', NULL, 2),
        ('warned', 'system', '24.1 hours', 'plan', 'half', 2),
        ('warned', 'system', '36 hours', 'plan', 'three-quarters', 2),
        ('planned', 'human', '50 hours', 'plan', NULL, 3),
        ('paused', 'human', '51 hours', NULL, NULL, 5),
        ('resumed', 'human', '60 hours', NULL, NULL, 5),
        ('landed', 'human', '90 hours', 'land', NULL, 6),
        ('closed', 'human', '100 hours', NULL, NULL, 7)
    ) AS s (kind, actor, after, clock, rung, least)
        ON array_position(ARRAY['new', 'dismissed', 'acknowledged', 'planned', 'in_progress',
            'waiting_customer', 'landed', 'closed'], c.state) > s.least
           AND c.received_at + s.after <= now()
"""  # noqa: S608  # constants
_FLOOR = text(
    """
    SELECT c.state, count(*) FROM alerting.clock k JOIN alerting.cases c ON c.id = k.case_id
    WHERE c.tenant = :tenant GROUP BY 1
    """
)


async def fill(url: str, engine: AsyncEngine, cases: int) -> None:
    """With what follows from clocks and events written down as upkeep does it."""
    plain = await asyncpg.connect(url)
    await plain.execute("SET session_replication_role = replica;" + _FILL.format(cases=cases))
    await plain.close()
    mended = 1
    while mended:
        async with engine.begin() as connection:
            mended = await store_mending.mend(connection)
    await analyze(url)


async def timed(
    engine: AsyncEngine, rounds: int, work: Callable[[AsyncConnection], Awaitable[object]]
) -> list[float]:
    """Milliseconds of each round; the first has the plans to make and does not count."""
    found = []
    for _ in range(rounds + 1):
        async with engine.connect() as connection:
            started = time.perf_counter()
            await work(connection)
            found.append((time.perf_counter() - started) * 1000)
    return found[1:]


async def measure(url: str, folder: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    engine = connect(url, folder, "benchmark")
    await prepare(engine)
    await fill(url, engine, options.cases)
    now = datetime.now(UTC)

    def board(filters: Filters) -> Callable[[AsyncConnection], Awaitable[object]]:
        return lambda connection: store_board.board(connection, TENANT, now, PERIOD, filters)

    found = {
        "one scan": await timed(
            engine, options.rounds, lambda one: one.execute(_FLOOR, {"tenant": TENANT})
        ),
        "board": await timed(engine, options.rounds, board(Filters())),
        "board of one owner": await timed(engine, options.rounds, board(Filters(owner="agent-7"))),
    }
    await engine.dispose()
    return found


def report(options: argparse.Namespace, found: dict[str, list[float]]) -> None:
    print(f"{machine()}; {options.cases:,} cases of {DAYS} days")
    floor = median(found["one scan"])
    rows = [
        [
            what,
            f"{median(values):.0f}",
            spread(values),
            f"{percentile(values, 95):.0f}",
            f"{median(values) / floor:.1f}",
        ]
        for what, values in found.items()
    ]
    table(["", "ms", "rounds", "p95", "ratio"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        url = stack.enter_context(embedded_postgres(folder))
        report(options, uvloop.run(measure(url, folder, options)))


if __name__ == "__main__":
    main()
