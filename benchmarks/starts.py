"""What a process costs before it does anything: its imports, and the rules that nlp reads.

CPU seconds and the memory of a process that ends there, beside a process that imports the libraries
that every service stands on and nothing of heedful. Rounds alternate; medians.

    python benchmarks/starts.py
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, table

FLOOR = "the libraries alone"
_COMMAND = (
    "import sys; from heedful.cli.main import cli; sys.argv = ['heedful', {!r}, '--help']; cli()"
)
WHAT = {
    FLOOR: "import alembic, aiokafka, asyncpg, fastapi, pydantic_settings, sqlalchemy.ext.asyncio",
    **{
        f"heedful-{name}": f"import heedful.{name}.__main__"
        for name in ("ingest", "nlp", "journey", "alerting")
    },
    "heedful up": (
        "from heedful.common.collector import loading\nwith loading(): import heedful.cli.up"
    ),
    "nlp's rules": "from heedful.nlp.ruleset import RuleSet; RuleSet.load()",
    **{f"heedful {name} --help": _COMMAND.format(name) for name in ("import", "enrich", "keys")},
}


def cost(program: str) -> tuple[float, float]:
    """CPU seconds and peak MB of one process."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"ended with {status}: {program}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found = defaultdict(list)
    for turn in range(rounds + 1):
        for name, program in WHAT.items():
            # The first round writes the bytecode.
            if (measured := cost(program)) and turn:
                found[name].append(measured)
    seconds = {name: statistics.median(cpu for cpu, _ in one) for name, one in found.items()}
    print(machine())
    rows = []
    for name, one in found.items():
        peak = statistics.median(mb for _, mb in one)
        times = seconds[name] / seconds[FLOOR]
        rows.append([name, f"{seconds[name]:.2f}", f"{times:.2f}", f"{peak:.0f}"])
    table(("", "CPU s", f"times {FLOOR}", "peak MB"), rows)


if __name__ == "__main__":
    main()
