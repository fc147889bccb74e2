"""Fetch, process, commit: the loop of one group member.

Two tasks: one polls into a bounded buffer and goes on polling when it is full (with the
partitions paused), so that slow work never costs the membership; the other takes batches from
the buffer. One batch is in flight at a time, which keeps every order there is.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from heedful.common import metrics
from heedful.common.bus.base import Bus, Consumer, Record, StaleAssignment, TopicPartition
from heedful.common.errors import BusUnavailable, Retryable
from heedful.common.runtime.handler import Subscription
from heedful.common.runtime.offsets import OffsetTracker
from heedful.common.runtime.processing import Processor, Stopping
from heedful.common.settings import ConsumerSettings

log = logging.getLogger(__name__)

_LAG_EVERY_S = 5.0
_RECONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class _Fetched:
    record: Record
    epoch: int


class ConsumerRunner:
    """Runs one subscription until `stop`, or until it raises `Fatal`.

    Args:
        clock: seconds, as `time.monotonic` counts them; `healthy` is asked in the same.
    """

    def __init__(
        self,
        subscription: Subscription,
        bus: Bus,
        settings: ConsumerSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = subscription.group
        self._subscription = subscription
        self._bus = bus
        self._settings = settings
        self._processor = Processor(subscription, bus.producer, settings)
        self._offsets = OffsetTracker()
        self._buffer: deque[_Fetched] = deque()
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._in_flight: frozenset[TopicPartition] = frozenset()
        self._stopping = asyncio.Event()
        self._commit_lock = asyncio.Lock()
        self._committed_at = 0.0
        self._clock = clock
        self._progress_at = clock()
        self._caught_up = False
        self._measured: set[TopicPartition] = set()
        self._consumer: Consumer | None = None

    async def run(self) -> None:
        """Consume until stopped; drains and commits before it returns.

        Raises:
            Fatal: what was finished is committed, the rest comes again.
        """
        consumer = await self._join()
        if consumer is None:
            return
        fetch = asyncio.create_task(self._fetch(consumer), name=f"{self.name} fetch")
        work = asyncio.create_task(self._work(consumer), name=f"{self.name} work")
        watch = asyncio.create_task(self._watch(consumer), name=f"{self.name} lag")
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([fetch, work, watch, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stop()
            # Only work has something to finish: what is fetched now would be given back.
            for task in (fetch, watch, stop):
                task.cancel()
            try:
                await asyncio.wait({work}, timeout=self._settings.drain_seconds)
            finally:
                work.cancel()
                ended = await asyncio.gather(fetch, work, watch, return_exceptions=True)
            await self._commit(consumer)
            await consumer.stop()
            self._report_lag({})
        for result in ended:
            if isinstance(result, Exception):
                raise result

    def stop(self) -> None:
        """Ask `run` to drain and return."""
        self._stopping.set()
        self._filled.set()
        self._processor.stop_retrying()

    def healthy(self, now: float) -> bool:
        """Alive means progress: work that waits must move within `stall_seconds`.

        Work waits when it was fetched and is not finished, when the log holds records that
        polling does not bring, and when nobody knows because the log does not answer.

        Args:
            now: `time.monotonic()` of the caller.
        """
        return now - self._progress_at < self._settings.stall_seconds

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        log.info("assigned", extra={"group": self.name, "partitions": len(partitions)})

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Drop what is not begun, finish what is in flight, commit: in this order, in time."""
        leaving = frozenset(partitions)
        self._buffer = deque(
            item for item in self._buffer if item.record.topic_partition not in leaving
        )
        if self._in_flight & leaving:
            try:
                await asyncio.wait_for(self._idle.wait(), self._settings.drain_seconds)
            except TimeoutError:
                log.warning("work in flight was not finished before the partitions left")
        if self._consumer is not None:
            await self._commit(self._consumer)
        for tp in partitions:
            self._offsets.forget(tp)
        log.info("revoked", extra={"group": self.name, "partitions": len(partitions)})

    async def _join(self) -> Consumer | None:
        topics = [topic.name for topic in self._subscription.topics]
        while not self._stopping.is_set():
            consumer = self._bus.consumer(self.name, topics, self)
            try:
                await consumer.start()
            except BusUnavailable as error:
                log.warning("cannot join", extra={"group": self.name, "error": str(error)})
                await consumer.stop()
                await self._sleep(_RECONNECT_S)
            else:
                self._consumer = consumer
                return consumer
        return None

    async def _fetch(self, consumer: Consumer) -> None:
        paused: list[TopicPartition] = []
        while not self._stopping.is_set():
            room = self._settings.buffer_records - len(self._buffer)
            if room <= 0:
                if await self._has_room():
                    continue
                # All of them each time: a rebalance may have brought some that are not paused.
                paused = list(consumer.assignment())
                consumer.pause(paused)
            elif paused and len(self._buffer) <= self._settings.buffer_records // 2:
                consumer.resume(paused)
                paused = []
            try:
                records = await consumer.poll(
                    max(1, min(self._settings.batch_records, room)),
                    self._settings.poll_seconds if room > 0 else 0,
                )
            except BusUnavailable as error:
                log.warning("cannot fetch", extra={"group": self.name, "error": str(error)})
                await self._sleep(_RECONNECT_S)
                continue
            self._accept(consumer, records)

    async def _has_room(self) -> bool:
        """Wait for it as long as a poll would take: pausing throws away what is prefetched, so
        only work that is slower than that pauses anything."""
        self._room.clear()
        try:
            await asyncio.wait_for(self._room.wait(), self._settings.poll_seconds)
        except TimeoutError:
            return False
        return True

    def _accept(self, consumer: Consumer, records: Sequence[Record]) -> None:
        epochs = consumer.assignment()
        for record in records:
            epoch = epochs.get(record.topic_partition)
            if epoch is None:
                continue  # revoked meanwhile: its next owner reads it again
            self._offsets.deliver(record.topic_partition, epoch, record.offset)
            self._buffer.append(_Fetched(record, epoch))
        if records:
            self._caught_up = False
            self._filled.set()
        elif self._caught_up and not self._buffer and self._idle.is_set():
            self._progressed()

    async def _work(self, consumer: Consumer) -> None:
        while not self._stopping.is_set():
            batch = self._take(consumer)
            if not batch:
                self._filled.clear()
                if not self._buffer:
                    await self._wait_for_records()
                await self._commit_if_due(consumer)
                continue
            self._in_flight = frozenset(item.record.topic_partition for item in batch)
            self._idle.clear()
            try:
                with metrics.CONSUMER_HANDLE.labels(self.name).time():
                    await self._processor.process([item.record for item in batch])
            except Stopping:
                return
            else:
                for item in batch:
                    self._offsets.finish(
                        item.record.topic_partition, item.epoch, item.record.offset
                    )
                self._measure(batch)
                self._progressed()
            finally:
                self._in_flight = frozenset()
                self._idle.set()
            await self._commit_if_due(consumer)

    def _take(self, consumer: Consumer) -> list[_Fetched]:
        epochs = consumer.assignment()
        batch: list[_Fetched] = []
        while self._buffer and len(batch) < self._settings.batch_records:
            item = self._buffer.popleft()
            if epochs.get(item.record.topic_partition) == item.epoch:
                batch.append(item)
        if len(self._buffer) <= self._settings.buffer_records // 2:
            self._room.set()
        return batch

    async def _wait_for_records(self) -> None:
        try:
            await asyncio.wait_for(self._filled.wait(), self._settings.commit_seconds)
        except TimeoutError:
            return

    async def _commit_if_due(self, consumer: Consumer) -> None:
        if time.monotonic() - self._committed_at >= self._settings.commit_seconds:
            await self._commit(consumer)

    async def _commit(self, consumer: Consumer) -> None:
        async with self._commit_lock:
            self._committed_at = time.monotonic()
            offsets = self._offsets.commitable(consumer.assignment())
            if not offsets:
                return
            try:
                await consumer.commit(offsets)
            except StaleAssignment as error:
                metrics.CONSUMER_COMMIT_FAILURES.labels(self.name).inc()
                log.warning("commit refused", extra={"group": self.name, "error": str(error)})
                kept = consumer.assignment()
                for tp in offsets:
                    if tp not in kept:
                        self._offsets.forget(tp)
            except Retryable as error:
                metrics.CONSUMER_COMMIT_FAILURES.labels(self.name).inc()
                log.warning("commit failed", extra={"group": self.name, "error": str(error)})
            else:
                self._offsets.committed(offsets)

    async def _watch(self, consumer: Consumer) -> None:
        while not self._stopping.is_set():
            try:
                lag = await consumer.lag()
            except Retryable as error:
                self._caught_up = False
                log.warning("lag unknown", extra={"group": self.name, "error": str(error)})
            else:
                self._caught_up = not any(lag.values())
                self._report_lag(lag)
            await self._sleep(_LAG_EVERY_S)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _progressed(self) -> None:
        self._progress_at = self._clock()
        metrics.CONSUMER_PROGRESS.labels(self.name).set_to_current_time()

    def _measure(self, batch: Sequence[_Fetched]) -> None:
        metrics.CONSUMER_BATCH.labels(self.name).observe(len(batch))
        now_ms = time.time() * 1000
        for record in {item.record.topic: item.record for item in batch}.values():
            age = max(0.0, (now_ms - record.timestamp_ms) / 1000)
            metrics.CONSUMER_TIME_LAG.labels(record.topic, self.name).set(age)

    def _report_lag(self, lag: Mapping[TopicPartition, int]) -> None:
        for tp, records in lag.items():
            metrics.CONSUMER_LAG.labels(tp.topic, str(tp.partition), self.name).set(records)
        # Whoever has the partition now reports it; a figure of ours would stand for ever.
        for tp in self._measured - lag.keys():
            with suppress(KeyError):
                metrics.CONSUMER_LAG.remove(tp.topic, str(tp.partition), self.name)
        self._measured = set(lag)
