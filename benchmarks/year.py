"""A simulated year of alerting: every clock, step and notice against an oracle written differently.

A seeded generator draws what happens to some tenants: feedback with and without labels, late ones
and history, contacts of people and machines, all that can be done to a case, other versions of
policies and calendars, nights on which clocks change, hours in which alerting is away. Three
replicas live through it on a real PostgreSQL, at times that the driver says, and are killed at
random; what they had not acknowledged is handed out again. Then an oracle that shares no code with
alerting says what must have come of it (docs/reliability.md). Prints what passed and what was
found, each difference with its story. Ends with 1 on any.

    python benchmarks/year.py --seed 1 --items 5000 --tick 60
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, table
from heedful.cli.postgres import embedded_postgres
from tests.databases import execute, fast_folder
from tests.integration.alerting.year.drawing import drawn
from tests.integration.alerting.year.payloads import time as utc
from tests.integration.alerting.year.run import Report, Wish, run
from tests.integration.alerting.year.scene import MINUTE, Heard, Year

SHOWN = 3
# Processes are killed here, never the machine.
_FAST = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)


def tell(line: str) -> None:
    print(line, flush=True)


def print_report(year: Year, report: Report, seconds: float) -> None:
    passed, verdict = report.passed, report.verdict
    lived = [one for one in year.happenings if one.at <= passed.until]
    kinds = Counter(type(one).__name__ for one in lived)
    print(f"\nuntil {utc(passed.until):%Y-%m-%d %H:%M}, {seconds:,.0f} s; {machine()}\n")
    rows = [
        ("items", f"{sum(isinstance(one, Heard) for one in lived):,}"),
        *((f"- {name}", f"{count:,}") for name, count in sorted(kinds.items())),
        ("looks", f"{passed.ticks:,}"),
        ("replicas", f"{report.replicas:,}"),
        *((name, f"{count:,}") for name, count in sorted(passed.counts.items())),
        *((name, f"{count:,}") for name, count in sorted(verdict.counts.items())),
    ]
    table(("what", "count"), rows)
    print(f"\n{verdict.audit}")
    table(
        ("rule", "differences"),
        [(rule, f"{len(found):,}") for rule, found in verdict.wrong.items()],
    )
    for rule, found in verdict.broken.items():
        print(f"\n{rule}:")
        for one in found[:SHOWN]:
            print(one)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--items", type=int, default=200_000, help="in the whole year")
    parser.add_argument("--tick", type=int, default=60, help="minutes between two looks")
    parser.add_argument("--kill-every", type=int, default=200, help="jobs for one kill")
    parser.add_argument("--deliver", action="store_true", help="send the notices to a receiver")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="then it is judged as far as it is"
    )
    parser.add_argument("--keep", type=Path, help="folder for the database and what replicas say")
    options = parser.parse_args()
    print(machine())
    year = drawn(options.seed, options.items, options.tick * MINUTE)
    wish = Wish(options.kill_every, options.deliver, options.minutes * MINUTE)
    begun = time.monotonic()
    with ExitStack() as stack:
        if options.keep is None:
            place = tempfile.TemporaryDirectory(prefix="heedful-year-", dir=fast_folder())
            folder = Path(stack.enter_context(place))
        else:
            folder = options.keep
        url = stack.enter_context(embedded_postgres(folder))
        asyncio.run(execute(url, *_FAST))
        report = asyncio.run(run(year, wish, url, folder, tell))
        print_report(year, report, time.monotonic() - begun)
    if report.verdict.broken:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
