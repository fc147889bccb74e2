"""A simulated year of alerting: every clock, step and notice against an oracle written differently.

A seeded generator draws what happens to some tenants: feedback with and without labels, late ones
and history, contacts of people and machines, all that can be done to a case, other versions of
policies and calendars, nights on which clocks change, hours in which alerting is away. Three
replicas live through it on a real PostgreSQL, at times that the driver says, and are killed at
random; what they had not acknowledged is handed out again. Then an oracle that shares no code with
alerting says what must have come of it (docs/reliability.md). Prints what passed and what was
found, each difference with its story. Ends with 1 on any.

The whole is run in parts, each a year of its own with a seed and a database of its own. With
--state a run that was stopped goes on behind the last part that is done.

    python benchmarks/year.py --seed 1 --items 5000 --tick 60
    python benchmarks/year.py --items 200000 --parts 20 --tick 360 --state year
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, table
from benchmarks.year_parts import Folder, Part, Plan, part_of, together
from heedful.cli.postgres import embedded_postgres
from tests.databases import execute, fast_folder
from tests.integration.alerting.year.drawing import drawn
from tests.integration.alerting.year.run import Wish, run
from tests.integration.alerting.year.scene import MINUTE

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


def run_part(number: int, plan: Plan, options: argparse.Namespace) -> Part:
    """A whole year of its own, on a fresh database."""
    year = drawn(plan.seed + number, plan.items_of(number), plan.tick * MINUTE)
    wish = Wish(plan.kill_every, options.deliver, options.minutes * MINUTE)
    begun = time.monotonic()
    with ExitStack() as stack:
        if options.keep is None:
            place = tempfile.TemporaryDirectory(prefix="heedful-year-", dir=fast_folder())
            folder = Path(stack.enter_context(place))
        else:
            folder = options.keep / f"part-{number:03}"
            folder.mkdir(parents=True)
        url = stack.enter_context(embedded_postgres(folder))
        asyncio.run(execute(url, *_FAST))
        report = asyncio.run(run(year, wish, url, folder, tell))
    return part_of(year, report, time.monotonic() - begun)


def print_report(found: Part) -> None:
    print(f"\n{found.seconds:,.0f} s; {machine()}\n")
    rows = [
        ("items", f"{found.happened['items']:,}"),
        *(
            (f"- {name}", f"{count:,}")
            for name, count in sorted(found.happened.items())
            if name != "items"
        ),
        ("looks", f"{found.looks:,}"),
        ("replicas", f"{found.replicas:,}"),
        *((name, f"{count:,}") for name, count in sorted(found.counts.items())),
    ]
    table(("what", "count"), rows)
    print(f"\n{found.audit}")
    rules = [(rule, f"{count:,}") for rule, count in found.differences.items()]
    table(("rule", "differences"), rules)
    for rule, told in found.stories.items():
        print(f"\n{rule}:")
        for one in told[:SHOWN]:
            print(one)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--items", type=int, default=200_000, help="of all parts together")
    parser.add_argument("--parts", type=int, default=1, help="years of their own, one by one")
    parser.add_argument("--tick", type=int, default=60, help="minutes between two looks")
    parser.add_argument("--kill-every", type=int, default=200, help="jobs for one kill")
    parser.add_argument("--deliver", action="store_true", help="send the notices to a receiver")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="then a part is judged as it is"
    )
    parser.add_argument("--state", type=Path, help="folder for parts that are done: go on there")
    parser.add_argument("--keep", type=Path, help="folder for databases and what replicas say")
    options = parser.parse_args()
    print(machine())
    # Whoever stops it ends its server as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(f"stopped by signal {signal.SIGTERM}"))
    plan = Plan(options.seed, options.items, options.parts, options.tick, options.kill_every)
    with ExitStack() as stack:
        place = options.state or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = Folder(place, plan)
        for number in folder.left():
            tell(f"part {number + 1} of {plan.parts}, seed {plan.seed + number}")
            made = run_part(number, plan, options)
            folder.keep(number, made)
            wrong = sum(made.differences.values())
            tell(f"{made.happened['items']:,} items in {made.seconds:,.0f} s, {wrong} differences")
        whole = together(folder.found())
    print_report(whole)
    if whole.stories:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
