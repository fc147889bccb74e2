"""One group member: fetch, process, commit. See docs/runtime.md for the life of a record.

Four kinds of tasks around one buffer: one polls into the lanes, `concurrency` of them take
batches from the lanes and finish them, one commits finished prefixes, one watches.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from heedful.common import metrics
from heedful.common.bus.base import Bus, Consumer, TopicPartition
from heedful.common.errors import BusUnavailable
from heedful.common.runtime.commits import Committer
from heedful.common.runtime.fetching import Fetcher
from heedful.common.runtime.flights import Flight, Flights
from heedful.common.runtime.handler import Ordering, Subscription
from heedful.common.runtime.lanes import Batch, Bounds, Lanes
from heedful.common.runtime.offsets import OffsetTracker
from heedful.common.runtime.processing import Processor
from heedful.common.runtime.retries import Abandoned
from heedful.common.runtime.watching import Watch
from heedful.common.settings import ConsumerSettings
from heedful.common.waiting import came

log = logging.getLogger(__name__)

_RECONNECT_S = 1.0
_CANCEL_S = 0.2


class ConsumerRunner:
    """Runs one subscription until `stop`, or until it raises `Fatal`.

    Args:
        clock: seconds, as `time.monotonic` counts them; `healthy` is told the present in the same.
    """

    def __init__(
        self,
        subscription: Subscription[Any],
        bus: Bus,
        settings: ConsumerSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = subscription.group
        self._subscription = subscription
        self._bus = bus
        self._settings = settings
        # One batch at a time keeps the order of the whole partition, and needs no keys for it.
        ordering = Ordering.PARTITION if subscription.concurrency == 1 else subscription.ordering
        self._lanes = Lanes(ordering, subscription.cost)
        self._bounds = Bounds(settings.batch_records, settings.batch_bytes, subscription.batch_cost)
        self._offsets = OffsetTracker()
        self._fetcher = Fetcher(self.name, self._lanes, self._offsets, settings)
        self._processor = Processor(subscription, bus.producer, settings)
        self._committer = Committer(self.name, self._offsets, settings)
        self._flights = Flights(self.name, clock)
        self._watch = Watch(self.name, self._lanes, self._flights)
        self._handle_time = metrics.CONSUMER_HANDLE.labels(self.name)
        self._stopping = asyncio.Event()
        self._revoked_at: float | None = None
        self._consumer: Consumer | None = None

    async def run(self) -> None:
        """Consume until stopped; drains and commits before it returns.

        Raises:
            Fatal: what was finished is committed, the rest comes again.
        """
        consumer = await self._join()
        if consumer is None:
            return
        stop = asyncio.create_task(self._stopping.wait())
        beside = [
            self._task("fetch", self._fetcher.run(consumer)),
            self._task("commit", self._committer.run(consumer)),
            self._task("watch", self._watch.run(consumer)),
        ]
        work = [
            self._task("work", self._work(consumer)) for _ in range(self._subscription.concurrency)
        ]
        try:
            await asyncio.wait([*beside, *work, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stop()
            # Only work has something to finish: what is fetched now would be given back.
            await _cancelled([*beside, stop])
            try:
                await asyncio.wait(work, timeout=self._settings.drain_seconds)
            finally:
                await _cancelled(work)
                ended = await asyncio.gather(*beside, *work, return_exceptions=True)
            await self._committer.commit(consumer)
            await consumer.stop()
            self._watch.close()
        for result in ended:
            if isinstance(result, Exception):
                raise result

    def stop(self) -> None:
        """Ask `run` to drain and return."""
        self._stopping.set()
        self._fetcher.wake()
        self._flights.abandon()

    def healthy(self, now: float) -> bool:
        """Alive means progress: work that waits must move within `stall_seconds`.

        Work waits when it was fetched and is not finished, when the log holds records that
        polling does not bring, and when nobody knows because the log does not answer.
        """
        return self._flights.stalled(now) < self._settings.stall_seconds

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        if self._revoked_at is not None:
            metrics.CONSUMER_REBALANCE.labels(self.name).observe(
                time.monotonic() - self._revoked_at
            )
            self._revoked_at = None
        log.info("assigned", extra={"group": self.name, "partitions": len(partitions)})

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Drop what is not begun, finish what is in flight, commit: in this order, in time."""
        self._revoked_at = time.monotonic()
        leaving = frozenset(partitions)
        if self._consumer is not None:
            epochs = self._consumer.assignment()
            self._lanes.end({tp: epochs[tp] for tp in leaving & epochs.keys()})
        if not await self._flights.leave(leaving, self._settings.drain_seconds):
            log.warning("work in flight was not finished before the partitions left")
        if self._consumer is not None:
            await self._committer.commit(self._consumer)
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
                await came(self._stopping, _RECONNECT_S)
            else:
                self._consumer = consumer
                return consumer
        return None

    async def _work(self, consumer: Consumer) -> None:
        while not self._stopping.is_set():
            if (flight := await self._next(consumer)) is not None:
                await self._finish(flight)
                del flight  # else its records stay until the next one comes

    async def _next(self, consumer: Consumer) -> Flight | None:
        """The next batch, or None after a wait for records."""
        if self._settings.batch_wait_seconds:
            await self._gather()
            if self._stopping.is_set():
                return None
        self._lanes.keep(consumer.assignment())
        batch = self._lanes.take(self._bounds)
        if batch is None:
            await self._fetcher.filled()
            return None
        self._fetcher.moved()
        return self._flights.begin(batch)

    async def _gather(self) -> None:
        """A batch that is not full waits for more, but not for long."""
        wanted = self._settings.batch_records
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.batch_wait_seconds):
                while 0 < len(self._lanes) < wanted and not self._stopping.is_set():
                    await self._fetcher.filled()

    async def _finish(self, flight: Flight) -> None:
        """Process the batch, or give it back; either way its lanes are free afterwards."""
        finished = False
        try:
            with self._handle_time.time():
                await self._processor.process(flight.batch, flight.abandoned)
            # Before it lands: whoever waits for that commits next.
            self._note(flight.batch)
            finished = True
        except Abandoned:
            log.info("batch given back", extra={"group": self.name})
        finally:
            self._lanes.done(flight.batch, back=not finished)
            self._flights.end(flight)
            self._fetcher.moved()
            self._fetcher.wake()

    def _note(self, batch: Batch) -> None:
        for part in batch.parts:
            offsets = [record.offset for record in part.records]
            self._offsets.finish(part.partition, part.epoch, offsets)
            self._committer.finished(len(offsets))
        self._watch.finished(batch)
        self._flights.moved()

    def _task(self, what: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.create_task(work, name=f"{self.name} {what}")


async def _cancelled(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Cancel until they end: before Python 3.12 `wait_for` may swallow a cancellation that comes
    in the same moment as its result (python/cpython#81839)."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_S)
