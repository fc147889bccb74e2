"""A burst of ten times what ingest takes, for a minute, with Kafka away in the middle.

Batches of a hundred items are posted by the clock, whether or not the earlier ones are answered.
What must hold: memory stays bounded, every refusal is 429 or 503, and every item
of a batch that got 202 is in the log exactly once. Ends with 1 when something of it does not.

    python benchmarks/burst.py --seconds 60 --away 30
"""

import argparse
import json
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest  # its skip is how the tests say that there is no Kafka
import uvloop
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.load import LOST, Answer, generate, request, send_on_time
from benchmarks.support import BIN, NO_QUOTA, free_port, machine, process, table
from heedful.cli.postgres import embedded_postgres
from heedful.common.topics import FEEDBACK_RECEIVED
from tests.kafka_broker import LocalBroker, local_broker

KEY = "benchmark"
ITEMS = 100
TIMES = 10
TEXT = "等了一个小时没人接电话，请马上处理"
REFUSALS = (429, 503)
_SAMPLE_S = 0.25
_MIB = 1024 * 1024


class Batches(Sequence[bytes]):
    """Requests made when they are asked for: a minute of them would not fit in memory."""

    def __init__(self, number: int, run: str) -> None:
        self._number = number
        self._run = run

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # no slices are asked for
        # What ends an iteration over a sequence.
        if number >= self._number:
            raise IndexError(number)
        return batch(self._run, number)


class Memory(threading.Thread):
    """The largest resident size of a process while it was watched, in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self.before = self._process.memory_info().rss
        self.most = self.before
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(_SAMPLE_S):
            self.most = max(self.most, self._process.memory_info().rss)


def batch(run: str, number: int) -> bytes:
    items = [
        {
            "id": f"{run}-{number}-{index}",
            "source": "burst",
            "channel": "call",
            "text": TEXT,
            "identifiers": [{"type": "customer_id", "value": f"c-{index}"}],
        }
        for index in range(ITEMS)
    ]
    body = json.dumps(items, ensure_ascii=False).encode()
    return request("/v1/feedback/batch", body, {"X-API-Key": KEY})


def sustained(port: int) -> float:
    """Batches a second that are taken when each waits for the one before it."""
    run, numbers = f"warm-{uuid.uuid4().hex[:8]}", iter(range(10**9))
    found = uvloop.run(generate(port, lambda: batch(run, next(numbers)), 4, 5.0, warm_s=2.0))
    if set(found.statuses) - {202}:
        raise SystemExit(f"answers other than 202 without a burst: {found.statuses}")
    return found.rate


def away(broker: LocalBroker, after: float, seconds: float) -> threading.Thread:
    """Kill the broker after a while, and start it again on its data later."""

    def run() -> None:
        time.sleep(after)
        broker.kill()
        time.sleep(seconds)
        broker.start()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def in_the_log(bootstrap: str, run: str) -> Counter[str]:
    """How often each item of the run is in the topic, by a client that is not ours."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "burst",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    found: Counter[str] = Counter()
    topic = FEEDBACK_RECEIVED.name
    left = set(consumer.list_topics(topic, 10).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
    while left:
        for message in consumer.consume(10_000, 0.5):
            error = message.error()
            if error is None:
                identity = dict(message.headers() or ()).get("ce_id", b"")
                name = identity.decode() if isinstance(identity, bytes) else str(identity)
                if name.startswith(run):
                    found[name] += 1
            elif error.code() == KafkaError._PARTITION_EOF:
                left.discard(message.partition())
            else:
                raise KafkaException(error)
    consumer.close()
    return found


def judged(answers: Sequence[Answer], log: Counter[str], run: str) -> dict[str, int]:
    """What broke a promise, by promise."""
    taken = [number for number, answer in enumerate(answers) if answer.status == 202]
    times = [log[f"{run}-{number}-{index}"] for number in taken for index in range(ITEMS)]
    known = {202, LOST, *REFUSALS}
    return {
        "answered with neither 202 nor a refusal": sum(
            answer.status not in known for answer in answers
        ),
        "202 and not in the log": times.count(0),
        "202 and more than once in the log": sum(count > 1 for count in times),
    }


def burst(options: argparse.Namespace, broker: LocalBroker, folder: Path) -> dict[str, int]:
    port, run = free_port(), uuid.uuid4().hex[:8]
    with embedded_postgres(folder / "data") as database:
        environment = {
            "HEEDFUL_DATABASE_URL": database,
            "HEEDFUL_DATA_DIR": str(folder),
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap,
            "HEEDFUL_KAFKA__PARTITIONS": "4",
            "HEEDFUL_API_KEYS": f"bench:{KEY}:*",
            "HEEDFUL_HTTP__PORT": str(port),
            **NO_QUOTA,
        }
        ready = f"http://127.0.0.1:{port}/readyz"
        with process([str(BIN / "heedful-ingest")], environment, ready) as ingest:
            rate = sustained(port)
            memory = Memory(ingest.pid)
            memory.start()
            back = away(broker, (options.seconds - options.away) / 2, options.away)
            requests = Batches(int(rate * TIMES * options.seconds), run)
            answers = uvloop.run(send_on_time(port, requests, rate * TIMES))
            back.join()
            memory.over.set()
        statuses = Counter(answer.status for answer in answers)
        log = in_the_log(broker.bootstrap, run)
    span = answers[-1].sent - answers[0].sent
    print(machine())
    table(
        ("what", "figure"),
        [
            ("sustained", f"{rate * ITEMS:,.0f} items/s"),
            ("offered", f"{len(answers) * ITEMS / span:,.0f} items/s for {span:.0f} s"),
            ("Kafka away", f"{options.away:g} s"),
            *((f"batches answered {status or 'never'}", f"{count:,}")
              for status, count in sorted(statuses.items())),
            ("items with 202", f"{statuses[202] * ITEMS:,}"),
            ("items in the log", f"{len(log):,}"),
            ("memory before", f"{memory.before / _MIB:,.0f} MiB"),
            ("most memory", f"{memory.most / _MIB:,.0f} MiB"),
        ],
    )  # fmt: skip
    return judged(answers, log, run)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--away", type=float, default=30, help="seconds without Kafka")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder, local_broker({}) as broker:
            broken = burst(options, broker, Path(folder))
    except pytest.skip.Exception as error:
        raise SystemExit(str(error)) from error
    print()
    table(("broken promise", "times"), [(what, f"{count:,}") for what, count in broken.items()])
    if any(broken.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
