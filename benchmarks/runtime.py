"""Records per second through the consumer runtime, beside what it stands on and beside FastStream.

One topic is filled once with realistic feedback; each contender (see contenders.py) reads all of
it in a process of its own as a new group. Rounds alternate, figures are medians, ratios are to
the bare getmany loop of this run. Measured from the end of the first batch to the last record;
CPU is that of the consumer's process. Ends with 1 when a contender lost, repeated or disordered
a record, or did not commit to the end.

    python benchmarks/runtime.py --records 100000 --rounds 3
"""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from aiokafka.admin import AIOKafkaAdminClient

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.contenders import CONTENDERS, Tally, Task
from benchmarks.feedback import posts
from benchmarks.support import (
    broker,
    create_topic,
    delete_topic,
    machine,
    median,
    spread,
    table,
)
from heedful.cli.load.items import texts
from heedful.common import collector
from heedful.common.bus.base import Outgoing
from heedful.common.bus.kafka import KafkaBus
from heedful.common.contracts import Feedback
from heedful.common.events import partition_key, to_record
from heedful.common.settings import KafkaSettings
from heedful.common.topics import FEEDBACK_RECEIVED

PARTITIONS = 4
TENANT = "benchmark"
KEY_SECRET = b"benchmark"
CHUNK = 2000

Result = dict[str, float]


def records(topic: str, count: int) -> list[Outgoing]:
    """What ingest would have written."""
    received_at = datetime.now(UTC)
    found = []
    for post in itertools.islice(posts(texts(red=False), "runtime"), count):
        payload = Feedback.model_validate({**post, "tenant": TENANT, "received_at": received_at})
        record = to_record(
            FEEDBACK_RECEIVED,
            payload,
            id=payload.id,
            source=f"/{TENANT}/{payload.source}",
            key=partition_key(KEY_SECRET, TENANT, None, payload.identifiers, payload.id),
            time=payload.occurred_at,
        )
        found.append(Outgoing(topic, record.key, record.value, record.headers))
    return found


async def fill(bootstrap: str, written: Sequence[Outgoing]) -> None:
    bus = KafkaBus(KafkaSettings(bootstrap_servers=bootstrap), "benchmark-fill")
    await bus.start()
    try:
        for start in range(0, len(written), CHUNK):
            await bus.producer.send(written[start : start + CHUNK])
    finally:
        await bus.stop()


async def committed(bootstrap: str, group: str) -> int:
    """Records that the group will not read again."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
        return sum(offset.offset for offset in offsets.values())
    finally:
        await admin.close()


def consume(name: str, task: Task) -> None:
    """Be one contender; print what came of it as JSON."""

    async def run() -> Tally:
        collector.calm()  # as every service does; for all of them, to be fair
        tally = Tally(task.count)
        await CONTENDERS[name][1](task, tally)
        return tally

    print(json.dumps(uvloop.run(run()).report()))


def measure(name: str, task: Task, faults: list[str]) -> Result:
    answer = subprocess.run(
        [sys.executable, __file__, "--role", name, "--task", json.dumps(asdict(task))],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found: Result = json.loads(answer.stdout)
    kept = asyncio.run(committed(task.bootstrap, task.group))
    if found["handled"] != task.count or found["disordered"] or kept != task.count:
        faults.append(
            f"{name}: handled {found['handled']:,} of {task.count:,}, "
            f"{found['disordered']:,} out of order, committed {kept:,}"
        )
    return found


def compare(options: argparse.Namespace) -> list[str]:
    """Measure and print; returns what went wrong."""
    names = options.contenders or list(CONTENDERS)
    topic = f"benchmark.runtime.{uuid.uuid4().hex[:8]}"
    faults: list[str] = []
    seen: dict[str, list[Result]] = {name: [] for name in names}
    with broker() as bootstrap:
        create_topic(bootstrap, topic, PARTITIONS)
        try:
            written = records(topic, options.records)
            size = sum(len(record.value or b"") for record in written) / len(written)
            started = time.monotonic()
            asyncio.run(fill(bootstrap, written))
            print(machine())
            print(
                f"{len(written):,} records of {size:,.0f} bytes in {PARTITIONS} partitions, "
                f"written in {time.monotonic() - started:.1f} s\n"
            )
            for number in range(options.rounds):
                for name in names if number % 2 == 0 else reversed(names):
                    group = f"{topic}.{name}.{number}"
                    task = Task(bootstrap, topic, group, len(written))
                    seen[name].append(measure(name, task, faults))
        finally:
            delete_topic(bootstrap, topic)
    report(seen)
    print(f"\n{machine()}")
    return faults


def report(seen: dict[str, list[Result]]) -> None:
    floor = median([one["rate"] for one in seen["raw"]]) if "raw" in seen else float("nan")
    rows = []
    for name, found in seen.items():
        rates = [one["rate"] for one in found]
        rows.append(
            (
                CONTENDERS[name][0],
                f"{median(rates):,.0f}",
                spread(rates),
                f"{median(rates) / floor:.3f}",
                f"{median([one['cpu_us'] for one in found]):.1f}",
            )
        )
    table(("", "records/s", "spread", "ratio to getmany", "CPU µs/record"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=100_000, help="in the topic")
    parser.add_argument("--rounds", type=int, default=3, help="of each, alternated")
    parser.add_argument("--contenders", nargs="*", choices=list(CONTENDERS), help="default: all")
    parser.add_argument("--role", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role is not None:
        told: dict[str, Any] = json.loads(options.task)
        consume(options.role, Task(**told))
        return
    faults = compare(options)
    if faults:
        raise SystemExit("records were lost:\n" + "\n".join(faults))


if __name__ == "__main__":
    main()
