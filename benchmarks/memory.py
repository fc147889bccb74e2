"""Resident memory of a member of a group over ten million events.

The topic is filled once; a process with the runtime of every service (decoding and validating each
event, a handler that does nothing) consumes it and says how much memory it holds as it goes on.
The first tenth is left out, for caches and pools fill; then a line is fitted. Ends with 1 when it
grows by more than a megabyte per million events, or when an event is missing.

    python benchmarks/memory.py --events 10000000
"""

import argparse
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop
from confluent_kafka import Producer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contenders import Tally, Task, heedful
from benchmarks.runtime import records
from benchmarks.support import broker, create_topic, delete_topic, machine, table
from heedful.common import collector
from heedful.common.bus.base import Outgoing

PARTITIONS = 4
DIFFERENT = 10_000
SAMPLES = 50
ALLOWED_MB = 1.0
"""Per million events."""
_FULL_QUEUE = 100_000
_FLUSH_S = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """`resident` is in megabytes."""

    events: int
    resident: float


def fill(bootstrap: str, written: Sequence[Outgoing], count: int) -> None:
    """The same events again and again, as fast as librdkafka takes them."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": "lz4",
            "linger.ms": 50,
            "batch.size": 1_000_000,
            "queue.buffering.max.messages": 2 * _FULL_QUEUE,
        }
    )
    for number in range(count):
        one = written[number % len(written)]
        producer.produce(one.topic, key=one.key, value=one.value, headers=list(one.headers))
        if number % _FULL_QUEUE == 0:
            producer.flush(_FLUSH_S)
    if producer.flush(_FLUSH_S):
        raise SystemExit("the broker did not take all events")


class Measured(Tally):
    """Looks at its own process's memory on the way."""

    def __init__(self, wanted: int) -> None:
        super().__init__(wanted)
        self.samples: list[Sample] = []

    def batch_ended(self) -> None:
        super().batch_ended()
        if self.handled >= len(self.samples) * self.wanted / SAMPLES:
            self.samples.append(Sample(self.handled, resident()))


def resident() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell a process its resident memory")


def consume(task: Task) -> None:
    """Be the member; print the samples as JSON."""

    async def run() -> Measured:
        collector.calm()
        tally = Measured(task.count)
        await heedful(task, tally)
        return tally

    tally = uvloop.run(run())
    print(json.dumps([tally.handled, [(one.events, one.resident) for one in tally.samples]]))


def slope(samples: Sequence[Sample]) -> float:
    """Least squares, in megabytes per million events."""
    xs = [one.events / 1e6 for one in samples]
    ys = [one.resident for one in samples]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    covariance = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return covariance / sum((a - x) ** 2 for a in xs)


def measure(count: int) -> int:
    topic = f"benchmark.memory.{uuid.uuid4().hex[:8]}"
    with broker() as bootstrap:
        create_topic(bootstrap, topic, PARTITIONS)
        try:
            started = time.monotonic()
            fill(bootstrap, records(topic, DIFFERENT), count)
            print(f"{machine()}\n{count:,} events written in {time.monotonic() - started:.0f} s")
            task = Task(bootstrap, topic, f"{topic}.group", count)
            started = time.monotonic()
            answer = subprocess.run(
                [sys.executable, __file__, "--task", json.dumps(asdict(task))],
                check=True, stdout=subprocess.PIPE,
            )  # fmt: skip
            seconds = time.monotonic() - started
        finally:
            delete_topic(bootstrap, topic)
    handled, found = json.loads(answer.stdout)
    samples = [Sample(*one) for one in found]
    later = [one for one in samples if one.events >= count / 10]
    grown = slope(later)
    print(f"{handled:,} events handled in {seconds:.0f} s\n")
    shown = samples[:: max(1, len(samples) // 10)]
    table(("events", "resident MB"), [(f"{s.events:,}", f"{s.resident:.1f}") for s in shown])
    print(f"\n{grown:+.2f} MB per million events after the first tenth")
    return int(handled < count or grown > ALLOWED_MB)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        consume(Task(**json.loads(options.task)))
        return
    sys.exit(measure(options.events))


if __name__ == "__main__":
    main()
