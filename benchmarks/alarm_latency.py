"""From a red event on the topic to the first byte of its webhook, by the clock at 100 a second.

Events as nlp writes them are sent when they are due, however slowly the earlier ones arrive (open
loop), and a latency counts from when the event was due, so waiting shows. Measured is the process
`heedful-alerting` alone, on Apache Kafka and on the embedded log, with PostgreSQL from its wheel
(fsync on); the receiver notes the moment at which a request begins. Ends with 1 when a webhook did
not come, came twice, or had a wrong signature.

    python benchmarks/alarm_latency.py --rate 100 --seconds 30 --rounds 3
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import secrets
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import receiver
from benchmarks.alerting import TENANT, record, reds
from benchmarks.support import (
    BIN,
    broker,
    cpu_s,
    free_port,
    machine,
    median,
    percentile,
    postgres_cpu_s,
    process,
    spread,
    table,
)
from heedful.cli.postgres import embedded_postgres
from heedful.common.bus.base import Bus, Outgoing
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.settings import KafkaSettings

KAFKA, EMBEDDED = "kafka", "embedded"
PARTITIONS = 4
PERCENTILES = (50, 95, 99)
WAIT_S = 30.0


@dataclass(slots=True)
class Round:
    """Seconds of each event; sent late: after it was due."""

    latencies: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    cores: tuple[float, float] = (0.0, 0.0)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chain:
    """A running alerting with its log and its database."""

    pid: int
    folder: Path
    bus: Bus


@contextlib.contextmanager
def running(form: str, folder: Path, bootstrap: str, hook: str) -> Iterator[Chain]:
    """`heedful-alerting`, ready, on a fresh database."""
    with embedded_postgres(folder) as url:
        port = free_port()
        env = {
            "HEEDFUL_DATA_DIR": str(folder / "data"),
            "HEEDFUL_DATABASE_URL": url,
            "HEEDFUL_HTTP__PORT": str(port),
            "HEEDFUL_API_KEYS": f"{TENANT}:benchmark:*",
            "HEEDFUL_SECRET_KEYS": "benchmark:"
            + base64.b64encode(secrets.token_bytes(32)).decode(),
            "HEEDFUL_ALERTING__WEBHOOK_URL": hook,
            "HEEDFUL_ALERTING__WEBHOOK_SECRET": receiver.SECRET,
            "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
        }
        bus: Bus = EmbeddedBus(url, "benchmark")
        if form == KAFKA:
            env["HEEDFUL_KAFKA__BOOTSTRAP_SERVERS"] = bootstrap
            env["HEEDFUL_KAFKA__PARTITIONS"] = str(PARTITIONS)
            bus = KafkaBus(KafkaSettings(bootstrap_servers=bootstrap), "benchmark")
        ready, log = f"http://127.0.0.1:{port}/readyz", folder / "alerting.log"
        with process([str(BIN / "heedful-alerting")], env, ready, log) as started:
            yield Chain(started.pid, folder, bus)


async def drive(chain: Chain, port: int, options: argparse.Namespace) -> Round:
    await chain.bus.start()
    try:
        async with receiver.receiving(port) as received:
            await send(chain.bus, received, options.rate, options.warm, Round())
            found = Round()
            before, began = _cpu(chain), time.perf_counter()
            await send(chain.bus, received, options.rate, options.seconds, found)
            spent = time.perf_counter() - began
            python, postgres = (a - b for a, b in zip(_cpu(chain), before, strict=True))
            found.cores = (python / spent, postgres / spent)
            if received.repeated or received.unverified:
                found.faults.append(
                    f"{received.repeated} came twice, {received.unverified} with a wrong signature"
                )
            return found
    finally:
        await chain.bus.stop()


async def send(
    bus: Bus, received: receiver.Received, rate: float, seconds: float, found: Round
) -> None:
    """Write events by the clock, and wait for their webhooks."""
    count, run = round(rate * seconds), uuid.uuid4().hex[:8]
    events = [record(one) for one in itertools.islice(reds(run, datetime.now(UTC)), count)]
    loop = asyncio.get_running_loop()
    started, started_unix = loop.time(), time.time()
    async with asyncio.TaskGroup() as sends:
        async for number in _by_the_clock(started, count, rate):
            sends.create_task(_write(bus, [events[number]]))
            found.late.append(loop.time() - started - number / rate)
    wanted = {f"{run}-{number}": started_unix + number / rate for number in range(count)}
    await received.wait_for(wanted.keys(), WAIT_S)
    lost = wanted.keys() - received.arrivals.keys()
    if lost:
        found.faults.append(f"{len(lost)} events without a webhook, such as {min(lost)}")
    found.latencies = [
        received.arrivals[id_].at - due for id_, due in wanted.items() if id_ not in lost
    ]


async def _by_the_clock(started: float, count: int, rate: float) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
        yield number


async def _write(bus: Bus, events: Sequence[Outgoing]) -> None:
    await bus.producer.send(events)


def _cpu(chain: Chain) -> tuple[float, float]:
    return cpu_s(chain.pid), postgres_cpu_s(chain.folder)


def measure(form: str, bootstrap: str, options: argparse.Namespace) -> Round:
    port = free_port()
    hook = f"http://127.0.0.1:{port}{receiver.PATH}"
    with (
        tempfile.TemporaryDirectory() as name,
        running(form, Path(name), bootstrap, hook) as chain,
    ):
        found = uvloop.run(drive(chain, port, options))
    found.faults = [f"{form}: {fault}" for fault in found.faults]
    return found


def report(options: argparse.Namespace, found: dict[str, list[Round]]) -> None:
    print(f"{machine()}; {options.rate:g} red events/s for {options.seconds:g} s")
    rows = []
    for form, rounds in found.items():
        cells = [form, f"{sum(len(one.latencies) for one in rounds):,}"]
        for percent in PERCENTILES:
            values = [percentile(one.latencies, percent) * 1000 for one in rounds]
            cells += [f"{median(values):.1f}", spread(values, 1)]
        late = [percentile(one.late, 99) * 1000 for one in rounds]
        python, postgres = (median([one.cores[place] for one in rounds]) for place in (0, 1))
        cells += [f"{median(late):.1f}", f"{python:.2f} + {postgres:.2f}"]
        rows.append(cells)
    header = ["", "webhooks"]
    for percent in PERCENTILES:
        header += [f"p{percent} ms", "rounds"]
    table([*header, "sent late, p99 ms", "cores, alerting + PostgreSQL"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--warm", type=float, default=5, help="seconds that are not measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forms", nargs="*", choices=[KAFKA, EMBEDDED], default=[KAFKA, EMBEDDED])
    options = parser.parse_args()
    found: dict[str, list[Round]] = {form: [] for form in options.forms}
    with contextlib.ExitStack() as stack:
        bootstrap = stack.enter_context(broker()) if KAFKA in options.forms else ""
        for _ in range(options.rounds):
            for form in options.forms:
                found[form].append(measure(form, bootstrap, options))
    report(options, found)
    faults = [fault for rounds in found.values() for one in rounds for fault in one.faults]
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
