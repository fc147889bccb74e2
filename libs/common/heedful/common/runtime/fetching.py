"""From the log into the lanes: polls for as long as the runner runs, whatever the work does.

A member that does not poll is thrown out of its group. So a full buffer pauses partitions and
polling goes on; slow work costs nothing but time.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress

from heedful.common import metrics
from heedful.common.bus.base import Consumer, TopicPartition
from heedful.common.errors import BusUnavailable
from heedful.common.runtime.lanes import Lanes
from heedful.common.runtime.offsets import OffsetTracker
from heedful.common.settings import ConsumerSettings

log = logging.getLogger(__name__)

_RECONNECT_S = 1.0


class Fetcher:
    """Fetches for one member, a batch ahead of the work: what waits for long leaves the caches of
    the processor. Whoever takes from the lanes, or finishes, calls `moved`."""

    def __init__(
        self, group: str, lanes: Lanes, offsets: OffsetTracker, settings: ConsumerSettings
    ) -> None:
        self._group = group
        self._lanes = lanes
        self._offsets = offsets
        self._settings = settings
        self._paused: set[TopicPartition] = set()
        self._idle = 0
        self._moved = asyncio.Event()
        self._filled = asyncio.Event()

    async def run(self, consumer: Consumer) -> None:
        """Until cancelled.

        Raises:
            Fatal: the log holds something that cannot be read.
        """
        while True:
            if self._paused or not self._wanted(consumer):
                await self._wait(consumer)
                if self._full(consumer):
                    self._pause(consumer)
                elif self._paused:
                    self._resume(consumer)
            await self._poll(consumer)

    def moved(self) -> None:
        """Records were taken, or finished."""
        self._moved.set()

    def wake(self) -> None:
        """There may be something to take."""
        self._filled.set()

    async def filled(self) -> None:
        """Wait until there may be something to take."""
        self._filled.clear()
        self._idle += 1
        self._moved.set()
        try:
            await self._filled.wait()
        finally:
            self._idle -= 1

    async def _poll(self, consumer: Consumer) -> None:
        settings = self._settings
        most = min(settings.batch_records, settings.buffer_records - self._open(consumer))
        try:
            wait_s = 0 if self._paused else settings.poll_seconds
            fetched = await consumer.poll(max(1, most), wait_s)
        except BusUnavailable as error:
            log.warning("cannot fetch", extra={"group": self._group, "error": str(error)})
            await asyncio.sleep(_RECONNECT_S)
            return
        epochs = consumer.assignment()
        for partition, records in fetched.items():
            # Else it was revoked meanwhile: its next owner reads it again.
            if (epoch := epochs.get(partition)) is not None:
                self._offsets.deliver(partition, epoch, [record.offset for record in records])
                self._lanes.put(partition, epoch, records)
        if fetched:
            self.wake()

    def _wanted(self, consumer: Consumer) -> bool:
        """Whether somebody waits for records, or will when the present batch is done."""
        idle = self._idle > 0 and not self._filled.is_set()
        few = len(self._lanes) < self._settings.batch_records
        return (idle or few) and not self._full(consumer)

    def _full(self, consumer: Consumer) -> bool:
        full = self._lanes.size >= self._settings.buffer_bytes
        return full or self._open(consumer) >= self._settings.buffer_records

    def _open(self, consumer: Consumer) -> int:
        """Records behind the finished prefix, without those of paused partitions: one that stands
        still must not stop the others. The bytes that wait in all are the bound that always holds.

        What is finished counts too: a batch that hangs lets the others run ahead of what can be
        committed, and a crash repeats all of that.
        """
        found = self._offsets.open(consumer.assignment())
        return sum(count for tp, count in found.items() if tp not in self._paused)

    async def _wait(self, consumer: Consumer) -> None:
        """As long as a poll would take: pausing throws away what is prefetched, so only work
        that is slower than that pauses anything."""
        started = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                self._moved.clear()
                while await self._moved.wait() and not self._wanted(consumer):
                    self._moved.clear()
        if self._paused:
            metrics.CONSUMER_PAUSED.labels(self._group).inc(time.monotonic() - started)

    def _pause(self, consumer: Consumer) -> None:
        """Pause those that hold their share of the buffer, or all when its bytes are used up.

        Also those that are paused: a rebalance may have begun them anew.
        """
        held, share = self._shares(consumer)
        full = self._lanes.size >= self._settings.buffer_bytes
        self._paused = {
            tp for tp, count in held.items() if full or tp in self._paused or count >= share
        }
        consumer.pause(sorted(self._paused))

    def _resume(self, consumer: Consumer) -> None:
        """Resume those whose share is half empty: each pause costs what was prefetched."""
        if self._lanes.size > self._settings.buffer_bytes // 2:
            return
        held, share = self._shares(consumer)
        free = {tp for tp in self._paused if held.get(tp, 0) <= share // 2}
        if free:
            consumer.resume(sorted(free))
            self._paused -= free

    def _shares(self, consumer: Consumer) -> tuple[Mapping[TopicPartition, int], int]:
        """What each assigned partition holds of the buffer, and what it may."""
        assigned = consumer.assignment()
        held = {**dict.fromkeys(assigned, 0), **self._offsets.open(assigned)}
        return held, max(1, self._settings.buffer_records // max(1, len(assigned)))
