"""The consumers that `runtime.py` compares; each runs alone in a process. Not a benchmark.

All read one topic as a new group on uvloop, in batches of the runtime's default size, look at the
partition and offset of each record, and commit what they have handled as often as the runtime
does, except where said otherwise.
"""

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from heedful.common.bus.base import Record
from heedful.common.bus.kafka import KafkaBus
from heedful.common.contracts import Feedback
from heedful.common.events import Delivery, from_record
from heedful.common.runtime import ConsumerRunner, Handled, Ordering, Subscription, as_is
from heedful.common.settings import ConsumerSettings, KafkaSettings
from heedful.common.topics import FEEDBACK_RECEIVED, Topic

BATCH = ConsumerSettings().batch_records
COMMIT_S = ConsumerSettings().commit_seconds
SILENT_S = 30.0
"""A contender that has handled nothing new for so long is stopped: records are missing."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a contender is told. `count` records wait in the topic."""

    bootstrap: str
    topic: str
    group: str
    count: int


@dataclass
class Tally:
    """What was handled, in which order, and how long it took from the first batch to the last."""

    wanted: int
    handled: int = 0
    first_batch: int = 0
    disordered: int = 0
    started: tuple[float, float] = (0.0, 0.0)
    ended: tuple[float, float] = (0.0, 0.0)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    _next: dict[int, int] = field(default_factory=dict)

    def see(self, partition: int, offset: int) -> None:
        """The trivial work on each record. A new topic has no gaps, so the next offset is known."""
        if offset != self._next.get(partition, 0):
            self.disordered += 1
        self._next[partition] = offset + 1
        self.handled += 1

    def batch_ended(self) -> None:
        if self.first_batch == 0:
            # How long the first batch took to come says how long joining a group takes.
            self.first_batch = self.handled
            self.started = _clocks()
        if self.handled >= self.wanted:
            self.ended = _clocks()
            self.done.set()

    async def wait(self) -> None:
        """Until all are handled, or nothing moves any more."""
        seen = -1
        while not self.done.is_set() and self.handled != seen:
            seen = self.handled
            try:
                await asyncio.wait_for(self.done.wait(), SILENT_S)
            except TimeoutError:
                continue

    def report(self) -> dict[str, float]:
        counted = self.handled - self.first_batch
        seconds = self.ended[0] - self.started[0]
        cpu = self.ended[1] - self.started[1]
        measured = counted > 0 and seconds > 0
        return {
            "handled": self.handled,
            "disordered": self.disordered,
            "rate": counted / seconds if measured else float("nan"),
            "cpu_us": cpu / counted * 1e6 if measured else float("nan"),
        }


def _clocks() -> tuple[float, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


async def _getmany(task: Task, tally: Tally, look: Callable[[Any], object]) -> None:
    consumer = AIOKafkaConsumer(
        task.topic, bootstrap_servers=task.bootstrap, group_id=task.group,
        enable_auto_commit=False, auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    committed_at = moved_at = time.monotonic()
    while not tally.done.is_set() and time.monotonic() - moved_at < SILENT_S:
        batches = await consumer.getmany(timeout_ms=250, max_records=BATCH)
        for batch in batches.values():
            for record in batch:
                look(record)
                tally.see(record.partition, record.offset)
        now = time.monotonic()
        if batches:
            moved_at = now
            tally.batch_ended()
        if now - committed_at >= COMMIT_S:
            await consumer.commit()
            committed_at = now
    await consumer.commit()
    await consumer.stop()


async def raw(task: Task, tally: Tally) -> None:
    """aiokafka alone; the values are not looked at."""
    await _getmany(task, tally, lambda record: None)


async def raw_payload(task: Task, tally: Tally) -> None:
    """aiokafka, and the payload through the contract's pydantic model."""
    await _getmany(task, tally, lambda record: Feedback.parse(record.value))


async def raw_event(task: Task, tally: Tally) -> None:
    """aiokafka, and the whole CloudEvent: headers, type and payload, as the runtime reads it."""
    topic = _topic(task)
    await _getmany(task, tally, lambda record: from_record(record, topic))


async def heedful(task: Task, tally: Tally) -> None:
    """The consumer runtime of every service, with its default settings."""

    async def handle(batch: Sequence[Delivery]) -> Sequence[Handled]:
        return _seen(tally, [delivery.record for delivery in batch])

    await _run(task, tally, Subscription(task.group, (_topic(task),), handle))


async def heedful_records(task: Task, tally: Tally) -> None:
    """The same with a handler that takes the records as they are: what the runtime itself costs."""

    async def handle(batch: Sequence[Record]) -> Sequence[Handled]:
        return _seen(tally, batch)

    await _run(task, tally, Subscription(task.group, (_topic(task),), handle, decode=as_is))


async def heedful_lanes(task: Task, tally: Tally) -> None:
    """Records as they are, a lane per key, four batches under way."""

    async def handle(batch: Sequence[Record]) -> Sequence[Handled]:
        # Keys overtake each other, so the order of the partition is not asked for.
        tally.handled += len(batch)
        tally.batch_ended()
        return [() for _ in batch]

    subscription = Subscription(
        task.group, (_topic(task),), handle, decode=as_is, ordering=Ordering.KEY, concurrency=4
    )
    await _run(task, tally, subscription)


def _seen(tally: Tally, records: Sequence[Record]) -> Sequence[Handled]:
    for record in records:
        tally.see(record.partition, record.offset)
    tally.batch_ended()
    return [() for _ in records]


async def _run(task: Task, tally: Tally, subscription: Subscription[Any]) -> None:
    bus = KafkaBus(KafkaSettings(bootstrap_servers=task.bootstrap), "benchmark")
    await bus.start()
    runner = ConsumerRunner(subscription, bus, ConsumerSettings())
    running = asyncio.create_task(runner.run())
    await asyncio.wait(
        {running, asyncio.create_task(tally.wait())}, return_when=asyncio.FIRST_COMPLETED
    )
    runner.stop()
    await running
    await bus.stop()


async def faststream_batch(task: Task, tally: Tally) -> None:
    """FastStream's batch subscriber, acknowledged by hand: at least once, as the runtime."""
    broker = KafkaBroker(task.bootstrap, logger=None)
    acknowledged_at = time.monotonic()

    @broker.subscriber(
        task.topic,
        group_id=task.group,
        auto_offset_reset="earliest",
        batch=True,
        max_records=BATCH,
        ack_policy=AckPolicy.MANUAL,
    )
    async def handle(payloads: list[Feedback], message: KafkaMessage) -> None:
        nonlocal acknowledged_at
        raw_records: Any = message.raw_message
        for record in raw_records:
            tally.see(record.partition, record.offset)
        tally.batch_ended()
        if tally.done.is_set() or time.monotonic() - acknowledged_at >= COMMIT_S:
            await message.ack()
            acknowledged_at = time.monotonic()

    await _run_broker(broker, tally)


async def faststream_one(task: Task, tally: Tally) -> None:
    """FastStream's default subscriber: one by one, committed by time, at most once."""
    broker = KafkaBroker(task.bootstrap, logger=None)

    @broker.subscriber(task.topic, group_id=task.group, auto_offset_reset="earliest")
    async def handle(payload: Feedback, message: KafkaMessage) -> None:
        record: Any = message.raw_message
        tally.see(record.partition, record.offset)
        tally.batch_ended()

    await _run_broker(broker, tally)


async def _run_broker(broker: KafkaBroker, tally: Tally) -> None:
    await broker.start()
    await tally.wait()
    await broker.stop()


def _topic(task: Task) -> Topic:
    """The topic with the contract of `feedback.received`."""
    return Topic(
        name=task.topic,
        event_type=FEEDBACK_RECEIVED.event_type,
        payload=Feedback,
        key="hash of tenant and customer",
        description="Filled by the benchmark.",
    )


CONTENDERS: Mapping[str, tuple[str, Callable[[Task, Tally], Awaitable[None]]]] = {
    "raw": ("aiokafka getmany, value ignored", raw),
    "raw-payload": ("aiokafka getmany + payload model", raw_payload),
    "raw-event": ("aiokafka getmany + CloudEvent + payload model", raw_event),
    "heedful": ("heedful ConsumerRunner, CloudEvent + payload model", heedful),
    "heedful-records": ("heedful ConsumerRunner, value ignored", heedful_records),
    "heedful-lanes": ("heedful ConsumerRunner, value ignored, lanes by key", heedful_lanes),
    "faststream-batch": ("FastStream batch, manual ack", faststream_batch),
    "faststream-one": ("FastStream one by one, default ack", faststream_one),
}
"""By name: what it is called in the table, and what it does."""
