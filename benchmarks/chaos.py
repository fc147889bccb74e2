"""The consumer runtime under faults, for as long as one likes.

Worker processes handle what a source writes, while a seeded generator kills, freezes, cuts and
restarts them and their servers. Afterwards an independent reader judges every record; see
docs/reliability.md. Prints a line for each fault and a table of what was checked. Ends with 1 on
any violation.

    python benchmarks/chaos.py --bus kafka --seed 1 --minutes 30
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import pytest  # its skip is how the tests say that there is no Kafka

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, table
from tests.integration.faults.plan import drawn
from tests.integration.faults.run import Report, Workload, run

SHOWN = 5


def tell(line: str) -> None:
    print(line, flush=True)


def print_report(report: Report, seconds: float) -> None:
    history = report.history
    steps = {record.name for record in history.inputs if not record.poison}
    poison = [record for record in history.inputs if record.poison]
    restarted = Counter(ended.code for ended in history.exits)
    print()
    table(
        ("what", "count"),
        [
            ("seconds", f"{seconds:,.0f}"),
            ("faults", f"{sum(report.faults.values()):,}"),
            *((f"- {name}", f"{count:,}") for name, count in sorted(report.faults.items())),
            ("names accepted by the log", f"{len(history.accepted):,}"),
            ("records in the log", f"{len(history.inputs):,}"),
            ("distinct steps", f"{len(steps):,}"),
            ("effects", f"{len(history.effects):,}"),
            ("outputs", f"{len(history.outputs):,}"),
            ("outputs that came again", f"{len(history.outputs) - len(steps):,}"),
            ("poison planted", f"{len(poison):,}"),
            ("dead letters", f"{len(history.letters):,}"),
            ("commits", f"{len(history.commits):,}"),
            ("samples of committed offsets", f"{len(history.samples):,}"),
            ("workers that ended by themselves", f"{len(history.exits):,} {dict(restarted) or ''}"),
            ("seconds to catch up", f"{report.catch_up_s:.1f}"),
        ],
    )
    print()
    table(
        ("rule", "violations"),
        [(rule, f"{len(found):,}") for rule, found in report.violations.items()],
    )
    for rule, found in report.wrong.items():
        print(f"\n{rule}:")
        for one in found[:SHOWN]:
            print(f"  {one}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bus", choices=("kafka", "embedded"), required=True)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of faults and workload")
    parser.add_argument("--minutes", type=float, default=30, help="of faults")
    parser.add_argument("--rate", type=float, default=400, help="records/s; 0 is as many as go")
    parser.add_argument("--workers", type=int, default=4, help="that are always wanted")
    parser.add_argument("--concurrency", type=int, default=4, help="batches under way in each")
    parser.add_argument("--static", action="store_true", help="static members of Kafka's group")
    parser.add_argument("--keep", type=Path, help="folder for the logs of all processes")
    options = parser.parse_args()
    workload = Workload(
        options.bus,
        options.seed,
        rate=options.rate,
        concurrency=options.concurrency,
        static=options.static,
        workers=options.workers,
        places=options.workers + 2,
    )
    tracks = drawn(options.seed, options.bus, workload.workers, options.minutes * 60)
    print(machine())
    print(f"bus {options.bus}, seed {options.seed}, {options.minutes:g} minutes of faults")
    begun = time.monotonic()
    try:
        report = asyncio.run(run(workload, tracks, tell, options.keep))
    except pytest.skip.Exception as error:
        raise SystemExit(str(error)) from error
    print_report(report, time.monotonic() - begun)
    if report.wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
