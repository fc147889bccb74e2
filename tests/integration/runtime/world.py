"""A log with one topic, a handler that remembers, and runners that consume with it."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import model_validator

from heedful.common.bus import (
    Bus,
    Consumer,
    Outgoing,
    RebalanceListener,
    Record,
    TopicPartition,
    records_of,
)
from heedful.common.contracts import Contract
from heedful.common.errors import Fatal, InvalidMessage
from heedful.common.events import Delivery, to_record
from heedful.common.runtime import ConsumerRunner, Handled, Subscription
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import Topic
from tests.patience import PATIENCE_S, until

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EXPLOSIVE = "breaks the decoder"
_SETTINGS: dict[str, Any] = {
    "poll_seconds": 0.05,
    "commit_seconds": 0.05,
    "drain_seconds": 10,
    "retry_seconds": 0.01,
    "retry_max_seconds": 0.02,
}


class Note(Contract):
    """What the topic carries."""

    text: str

    @model_validator(mode="after")
    def _explode(self) -> "Note":
        if self.text == EXPLOSIVE:
            raise LookupError("a bug in a validator")
        return self


def note(topic: Topic, text: str, key: str = "k") -> Outgoing:
    payload = Note.model_construct(text=text)
    return to_record(topic, payload, id=text, source="/test", key=key, time=NOW)


def text_of(delivery: Delivery) -> str:
    assert isinstance(delivery.payload, Note)
    return delivery.payload.text


Decide = Callable[[Delivery], Awaitable[Handled | None]]


class Recorder:
    """A handler that writes down what it is given.

    Attributes:
        batches: texts of every batch that it was called with, also of those that failed.
        handled: texts whose handling it finished, in order.
        decide: what becomes of an event; raises, or gives a result; None is no output.
    """

    def __init__(self, decide: Decide | None = None) -> None:
        self.batches: list[list[str]] = []
        self.handled: list[str] = []
        self.decide = decide

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        self.batches.append([text_of(delivery) for delivery in batch])
        results: list[Handled] = []
        for delivery in batch:
            result = None if self.decide is None else await self.decide(delivery)
            results.append(() if result is None else result)
        self.handled += [
            text_of(delivery)
            for delivery, result in zip(batch, results, strict=True)
            if not isinstance(result, InvalidMessage)
        ]
        return results


class World:
    """Topics on a log, and what became of their records."""

    def __init__(self, open_bus: Callable[[], Bus], stack: AsyncExitStack, partitions: int) -> None:
        self.open_bus = open_bus
        self._stack = stack
        self.group = f"group-{uuid.uuid4().hex}"
        self.topic = described(f"runtime.{uuid.uuid4().hex}", partitions)
        self.out = described(f"{self.topic.name}.out", 1)
        self.bus: Bus = open_bus()

    async def start(self) -> None:
        await self.bus.start()
        self._stack.push_async_callback(self.bus.stop)
        await self.bus.create_topics([self.topic, self.out])

    async def other_bus(self) -> Bus:
        """Another process, as far as the log knows."""
        bus = self.open_bus()
        await bus.start()
        self._stack.push_async_callback(bus.stop)
        return bus

    async def send(self, *texts: str, key: str = "k") -> None:
        await self.bus.producer.send([note(self.topic, text, key) for text in texts])

    def runner(
        self,
        handler: Recorder,
        *,
        bus: Bus | None = None,
        clock: Callable[[], float] = time.monotonic,
        needs: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> ConsumerRunner:
        """A member; `needs` are further fields of its subscription."""
        subscription = Subscription(self.group, (self.topic,), handler, **needs or {})
        given = ConsumerSettings(**{**_SETTINGS, **settings})
        return ConsumerRunner(subscription, bus or self.bus, given, clock)

    @asynccontextmanager
    async def running(
        self, handler: Recorder, *, bus: Bus | None = None, **options: Any
    ) -> AsyncIterator[ConsumerRunner]:
        """Runs until the block ends; a runner that fails, fails the test."""
        runner = self.runner(handler, bus=bus, **options)
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            runner.stop()
            async with asyncio.timeout(PATIENCE_S):
                await task

    async def fatal(self, handler: Recorder, match: str, **settings: Any) -> None:
        """A run that ends by itself, with this error."""
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(Fatal, match=match):
                await self.runner(handler, **settings).run()

    async def uncommitted(self) -> int:
        """Records that the group would read again, now that none of its members runs."""
        consumer = self.bus.consumer(self.group, [self.topic.name])
        await consumer.start()
        try:
            await until(lambda: len(consumer.assignment()) == self.topic.partitions)
            return sum((await consumer.lag()).values())
        finally:
            await consumer.stop()

    async def written(self, topic: str, count: int) -> list[Record]:
        """The first records of a topic, and no more than `count` of them."""
        consumer = self.bus.consumer(f"reader-{uuid.uuid4().hex}", [topic])
        await consumer.start()
        found: list[Record] = []

        async def enough() -> bool:
            found.extend(records_of(await consumer.poll(100, 0.05)))
            return len(found) >= count

        try:
            await until(enough)
            found += records_of(await consumer.poll(100, 0.2))
        finally:
            await consumer.stop()
        assert len(found) == count
        return found

    async def letters(self, count: int) -> list[Record]:
        return await self.written(self.topic.dlq, count)


class Watched:
    """A real bus whose consumers can be looked at while a runner uses them.

    Attributes:
        polled: records that all polls have given.
        polls: polls that have ended.
        revoking: set when the group takes partitions away, before they go.
        before_commit: called with the offsets of every commit before it is made.
    """

    def __init__(self, inner: Bus) -> None:
        self._inner = inner
        self.consumers: list[Consumer] = []
        self.polled = 0
        self.polls = 0
        self.revoking = asyncio.Event()
        self.before_commit: Callable[[Mapping[TopicPartition, int]], Awaitable[None]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> Consumer:
        assert listener is not None
        consumer = self._inner.consumer(group, topics, _Announcing(listener, self.revoking))
        poll, commit = consumer.poll, consumer.commit

        async def counted(
            max_records: int, timeout_s: float
        ) -> Mapping[TopicPartition, Sequence[Record]]:
            fetched = await poll(max_records, timeout_s)
            self.polled += len(records_of(fetched))
            self.polls += 1
            return fetched

        async def announced(offsets: Mapping[TopicPartition, int]) -> None:
            if self.before_commit is not None:
                await self.before_commit(offsets)
            await commit(offsets)

        consumer.poll = counted  # type: ignore[method-assign]
        consumer.commit = announced  # type: ignore[method-assign]
        self.consumers.append(consumer)
        return consumer

    @property
    def assignment(self) -> Mapping[TopicPartition, int]:
        return self.consumers[-1].assignment()

    async def polls_more(self, count: int = 5) -> None:
        """Wait for so many polls to end."""
        wanted = self.polls + count
        await until(lambda: self.polls >= wanted)


class _Announcing:
    def __init__(self, inner: RebalanceListener, revoking: asyncio.Event) -> None:
        self._inner = inner
        self._revoking = revoking

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        await self._inner.on_assigned(partitions)

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        self._revoking.set()
        await self._inner.on_revoked(partitions)


class Door:
    """A handler's decision that waits until the door is open."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.reached = asyncio.Event()

    async def __call__(self, delivery: Delivery) -> None:
        self.reached.set()
        await self.opened.wait()


def described(name: str, partitions: int) -> Topic:
    return Topic(
        name=name,
        event_type="test.note.v1",
        payload=Note,
        key="anything",
        description="A topic of the runtime's tests.",
        partitions=partitions,
    )
