"""Cases opened per second from the topic: red events read, checked, judged, stored, announced.

The topic is filled with red feedback, each of another customer; then the consumer runtime of the
service reads it to the end in one process, on Apache Kafka and on the embedded log. A case is its
row, three clocks, three timers, an event in its hash chain, keys by which contacts find it, an
announcement in the outbox, and a delivery to an endpoint that hears of it. PostgreSQL is from its
wheel (fsync on). Beside it stands the same runtime with a handler that does nothing. Rounds
alternate, and every case is counted in the end.

    python benchmarks/openings.py --cases 10000 --rounds 3
"""

import argparse
import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.alerting import Alerting, analyze, connect, prepare, record, reds
from benchmarks.support import broker, machine, median, postgres_cpu_s, spread, table
from heedful.cli.postgres import embedded_postgres
from heedful.common import collector
from heedful.common.bus.base import Bus, Outgoing
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.contracts import Enrichment
from heedful.common.events import Delivery
from heedful.common.runtime import ConsumerRunner, Handled, Handler, Subscription
from heedful.common.settings import ConsumerSettings, KafkaSettings
from heedful.common.topics import FEEDBACK_ENRICHED, Topic

PARTITIONS = 4
CHUNK = 2_000
KAFKA, EMBEDDED = "kafka", "embedded"
CASES, NOTHING = "opened", "read, nothing done"


@dataclass(slots=True)
class Rates:
    """Per second of each round, and CPU seconds of all of them."""

    per_second: list[float] = field(default_factory=list)
    events: int = 0
    python_s: float = 0.0
    postgres_s: float = 0.0


@dataclass(slots=True)
class Counted:
    """Passes batches on; knows when the last event is handled."""

    wanted: int
    handler: Handler[Delivery]
    seen: int = 0
    started: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        self.started = self.started or time.perf_counter()
        handled = await self.handler(batch)
        self.seen += len(batch)
        if self.seen >= self.wanted:
            self.done.set()
        return handled


async def nothing(batch: Sequence[Delivery]) -> Sequence[Handled]:
    return [[] for _ in batch]


async def consume(bus: Bus, topic: Topic, count: int, handler: Handler[Delivery]) -> float:
    """Seconds from the first batch to the end of the last."""
    counted = Counted(count, handler)
    subscription = Subscription(uuid.uuid4().hex, (topic,), counted)
    runner = ConsumerRunner(subscription, bus, ConsumerSettings())
    running = asyncio.create_task(runner.run())
    done = asyncio.create_task(counted.done.wait())
    await asyncio.wait({running, done}, return_when=asyncio.FIRST_COMPLETED)
    spent = time.perf_counter() - counted.started
    runner.stop()
    done.cancel()
    await running
    return spent


@contextlib.asynccontextmanager
async def opened(form: str, bootstrap: str, url: str) -> AsyncIterator[Bus]:
    bus: Bus = EmbeddedBus(url, "benchmark")
    if form == KAFKA:
        settings = KafkaSettings(bootstrap_servers=bootstrap, partitions=PARTITIONS)
        bus = KafkaBus(settings, "benchmark")
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


async def fill(bus: Bus, count: int) -> Topic:
    """A topic of its own with so many red events."""
    run = uuid.uuid4().hex[:8]
    topic = Topic(
        name=f"benchmark.openings.{run}",
        event_type=FEEDBACK_ENRICHED.event_type,
        payload=Enrichment,
        key=FEEDBACK_ENRICHED.key,
        description="Filled by the benchmark.",
        partitions=PARTITIONS,
    )
    await bus.create_topics([topic])
    found = (record(one) for one in itertools.islice(reds(run, datetime.now(UTC)), count))
    while chunk := list(itertools.islice(found, CHUNK)):
        await bus.producer.send(
            [Outgoing(topic.name, one.key, one.value, one.headers) for one in chunk]
        )
    return topic


async def round_of(
    form: str, bus: Bus, engine: AsyncEngine, place: tuple[str, Path], count: int,
    found: Mapping[tuple[str, str], Rates],
) -> None:  # fmt: skip
    topic = await fill(bus, count)
    alerting = Alerting(engine)
    url, folder = place
    for what, handler in ((NOTHING, nothing), (CASES, alerting.handler)):
        await analyze(url)
        rates, python, postgres = found[form, what], time.process_time(), postgres_cpu_s(folder)
        spent = await consume(bus, topic, count, handler)
        rates.per_second.append(count / spent)
        rates.python_s += time.process_time() - python
        rates.postgres_s += postgres_cpu_s(folder) - postgres
        rates.events += count
    async with engine.begin() as connection:
        counted = await connection.execute(text("SELECT count(*) FROM alerting.cases"))
        cases = counted.scalar_one()
        await connection.execute(
            text("TRUNCATE common.outbox, alerting.cases, alerting.timer CASCADE")
        )
    if cases != count:
        raise SystemExit(f"{count} red events made {cases} cases")


async def compare(
    bootstrap: str, place: tuple[str, Path], options: argparse.Namespace
) -> dict[tuple[str, str], Rates]:
    collector.calm()
    url, folder = place
    found = {(form, what): Rates() for form in options.forms for what in (NOTHING, CASES)}
    engine = connect(url, folder, "benchmark")
    await prepare(engine)
    for _ in range(options.rounds):
        for form in options.forms:
            async with opened(form, bootstrap, url) as bus:
                await round_of(form, bus, engine, place, options.cases, found)
    await engine.dispose()
    return found


def report(options: argparse.Namespace, found: Mapping[tuple[str, str], Rates]) -> None:
    print(f"{machine()}; {options.cases:,} red events, {options.rounds} rounds")
    rows = []
    for (form, what), rates in found.items():
        floor = median(found[form, NOTHING].per_second)
        python, postgres = (1e6 * one / rates.events for one in (rates.python_s, rates.postgres_s))
        rows.append(
            [
                f"{form}, {what}",
                f"{median(rates.per_second):,.0f}",
                spread(rates.per_second),
                f"{median(rates.per_second) / floor:.3f}",
                f"{python:.0f} + {postgres:.0f}",
            ]
        )
    table(
        ["", "per second", "rounds", "ratio", "CPU µs each, Python + PostgreSQL"],
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forms", nargs="*", choices=[KAFKA, EMBEDDED], default=[KAFKA, EMBEDDED])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        bootstrap = stack.enter_context(broker()) if KAFKA in options.forms else ""
        url = stack.enter_context(embedded_postgres(folder))
        report(options, uvloop.run(compare(bootstrap, (url, folder), options)))


if __name__ == "__main__":
    main()
