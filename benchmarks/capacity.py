"""What an item costs each process, to size an installation by: docs/scale.md.

Four heedful processes on Kafka and PostgreSQL take what `heedful load` posts, in batches, faster
than they enrich it, so that consumers have full batches, as they have when their size matters. It
waits until all is handled, and divides what each process spent by the items. Processor time is
counted and not throughput: everything shares one machine's cores here, and a core's worth of work
is what is bought. Cases are opened, and nobody is notified. Ends with 1 when something was lost.

    python benchmarks/capacity.py --rate 4 --batch 50 --seconds 60
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.forms import KEY, PARTITIONS, SERVICES, environment
from benchmarks.support import BIN, cpu_s, free_port, machine, postgres_cpu_s, process, table
from heedful.cli.postgres import embedded_postgres
from heedful.common.topics import TOPICS
from tests.kafka_broker import LocalBroker, local_broker

_LOOK_EVERY_S = 0.5
_PATIENCE_S = 600.0
BROKER, DATABASE = "Kafka", "PostgreSQL"
RATES = (1_000, 10_000, 100_000)
BUSY = 0.6
"""How much of its cores a process may need in the long run: bursts and restarts take the rest."""


@dataclass(frozen=True)
class Platform:
    """What runs.

    Attributes:
        pids, urls: by service.
    """

    folder: Path
    broker: LocalBroker
    pids: Mapping[str, int]
    urls: Mapping[str, str]
    database: str

    def cpu(self) -> dict[str, float]:
        """CPU seconds until now."""
        found = {name: cpu_s(pid) for name, pid in self.pids.items()}
        found[BROKER] = broker_cpu_s(self.broker)
        found[DATABASE] = postgres_cpu_s(self.folder / "postgres")
        return found

    def memory(self) -> dict[str, float]:
        """The most that each has had, MiB."""
        return {name: peak_mib(pid) for name, pid in self.pids.items()}

    def log_bytes(self) -> int:
        """Of the topics of heedful, as Kafka keeps one replica of them."""
        names = tuple(f"{topic.name}-" for topic in TOPICS)
        folders = [one for one in (self.broker.folder / "data").iterdir() if one.is_dir()]
        return sum(
            file.stat().st_size
            for folder in folders
            if folder.name.startswith(names)
            for file in folder.glob("*.log")
        )

    async def database_bytes(self) -> dict[str, int]:
        """Tables and indexes, by schema."""
        connection = await asyncpg.connect(self.database)
        try:
            rows = await connection.fetch(
                "SELECT n.nspname AS schema, sum(pg_total_relation_size(c.oid))::bigint AS bytes"
                " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'm') AND n.nspname = ANY($1) GROUP BY 1",
                [*SERVICES, "common"],
            )
        finally:
            await connection.close()
        return {row["schema"]: row["bytes"] for row in rows}


def broker_cpu_s(broker: LocalBroker) -> float:
    started = psutil.Process(broker.pid)
    return sum(
        one.cpu_times().user + one.cpu_times().system
        for one in (started, *started.children(recursive=True))
    )


def peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Platform]:
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(local_broker())
        database = stack.enter_context(embedded_postgres(folder / "postgres"))
        env = {
            **environment(folder, database, None),
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap,
            "HEEDFUL_KAFKA__PARTITIONS": str(PARTITIONS),
            # One core's worth each, whatever the machine has.
            "HEEDFUL_NLP__WORKERS": "1",
        }
        pids, urls = {}, {}
        for name in SERVICES:
            port = free_port()
            urls[name] = f"http://127.0.0.1:{port}"
            own = {**env, "HEEDFUL_HTTP__PORT": str(port)}
            command = [str(BIN / f"heedful-{name}")]
            log = folder / f"{name}.log"
            pids[name] = stack.enter_context(process(command, own, f"{urls[name]}/readyz", log)).pid
        yield Platform(folder, broker, pids, urls, database)


def load(platform: Platform, options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """Run `heedful load`; its figures."""
    file = platform.folder / "load.json"
    command = [
        str(BIN / "heedful"), "load", "--url", platform.urls["ingest"], "--key", KEY,
        "--rate", str(options.rate), "--batch", str(options.batch), "--seconds", str(seconds),
        "--ramp", "0", "--red", str(options.red), "--timeout", "120", "--json", str(file),
        # Work is counted here and not time.
        "--max-lag", "5000",
    ]  # fmt: skip
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"heedful load ended with {done.returncode}: the run is not valid")
    found: dict[str, Any] = json.loads(file.read_text())
    if any(one["failures"] for one in found["phases"]):
        raise SystemExit(f"requests failed: {[one['failures'] for one in found['phases']]}")
    return found


def handled(platform: Platform, events: int) -> float:
    """Wait until journey has all events and nobody has records left; seconds that it took."""
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_S:
        if summary(platform)["events"] >= events and not lag(platform):
            return time.monotonic() - began
        time.sleep(_LOOK_EVERY_S)
    raise SystemExit(f"journey has {summary(platform)['events']} of {events} events")


def summary(platform: Platform) -> dict[str, Any]:
    asked = urllib.request.Request(  # noqa: S310  # our own URL
        f"{platform.urls['journey']}/v1/summary", headers={"X-API-Key": KEY}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


def lag(platform: Platform) -> float:
    total = 0.0
    for name in ("nlp", "journey", "alerting"):
        with urllib.request.urlopen(f"{platform.urls[name]}/metrics", timeout=30) as answer:  # noqa: S310
            for line in answer.read().decode().splitlines():
                if line.startswith("heedful_consumer_lag_records{"):
                    total += float(line.rpartition(" ")[2])
    return total


def measure(platform: Platform, options: argparse.Namespace) -> None:
    warmed = int(load(platform, options, options.warm)["phases"][0]["items"] * options.warm)
    handled(platform, warmed)
    cpu, log = platform.cpu(), platform.log_bytes()
    tables = uvloop.run(platform.database_bytes())
    figures = load(platform, options, options.seconds)
    (steady,) = figures["phases"]
    items = round(steady["items"] * steady["seconds"])
    behind = handled(platform, warmed + items)
    spent = {name: after - cpu[name] for name, after in platform.cpu().items()}
    grown = {
        name: size - tables[name] for name, size in uvloop.run(platform.database_bytes()).items()
    }
    memory = platform.memory()
    print(machine())
    taken = steady["latency"]["percentiles"]
    print(
        f"{items:,} items in batches of {options.batch}, {options.red:.0%} of them alarming, "
        f"offered at {steady['offered'] * options.batch:,.0f} a second; all handled "
        f"{behind:.0f} s after the last. 202 after p50 {taken['50']:.0f} ms, "
        f"p99 {taken['99']:.0f} ms, the generator's own lateness p99 "
        f"{figures['lag']['percentiles']['99']:.0f} ms.\n"
    )
    table(
        ("process", "ms of a core for an item", "items/s of a core", "most memory, MiB"),
        [
            (
                name,
                f"{seconds / items * 1000:.3f}",
                f"{items / seconds:,.0f}",
                f"{memory[name]:,.0f}" if name in memory else "",
            )
            for name, seconds in spent.items()
        ],
    )
    print()
    table(
        (f"cores at {BUSY:.0%} of each", *(f"{rate:,} a second" for rate in RATES)),
        [
            (name, *(f"{rate * seconds / items / BUSY:,.1f}" for rate in RATES))
            for name, seconds in spent.items()
        ],
    )
    print()
    table(
        ("bytes of an item", ""),
        [
            ("Kafka, one replica, all topics", f"{(platform.log_bytes() - log) / items:,.0f}"),
            *((f"PostgreSQL, {name}", f"{size / items:,.0f}") for name, size in grown.items()),
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=4, help="requests a second")
    parser.add_argument("--batch", type=int, default=50, help="items of a request")
    parser.add_argument("--red", type=float, default=0.02, help="share that is alarming")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--warm", type=float, default=10)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        running(Path(name)) as platform,
    ):
        measure(platform, options)


if __name__ == "__main__":
    main()
