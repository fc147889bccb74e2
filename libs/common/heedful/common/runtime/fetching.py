"""From the log into the lanes: polls for as long as the runner runs, whatever the work does.

A member that does not poll is thrown out of its group. So a full buffer pauses partitions and
polling goes on; slow work costs nothing but time.
"""

import asyncio
import logging
import time

from heedful.common import metrics
from heedful.common.bus.base import Consumer, TopicPartition
from heedful.common.errors import BusUnavailable
from heedful.common.runtime.lanes import Lanes
from heedful.common.runtime.offsets import OffsetTracker
from heedful.common.settings import ConsumerSettings

log = logging.getLogger(__name__)

_RECONNECT_S = 1.0


class Fetcher:
    """Fetches for one member. Whoever takes from the lanes calls `taken`.

    Attributes:
        filled: set when there may be something to take.
    """

    def __init__(
        self, group: str, lanes: Lanes, offsets: OffsetTracker, settings: ConsumerSettings
    ) -> None:
        self._group = group
        self._lanes = lanes
        self._offsets = offsets
        self._settings = settings
        self._paused: set[TopicPartition] = set()
        self._room = asyncio.Event()
        self.filled = asyncio.Event()

    async def run(self, consumer: Consumer) -> None:
        """Until cancelled.

        Raises:
            Fatal: the log holds something that cannot be read.
        """
        while True:
            if self._paused or self._full():
                await self._wait_for_room()
                if self._full():
                    self._pause(consumer)
                else:
                    self._resume(consumer)
            await self._poll(consumer)

    def taken(self) -> None:
        """Records left the lanes."""
        self._room.set()

    async def _poll(self, consumer: Consumer) -> None:
        settings = self._settings
        most = max(1, settings.buffer_records - self._fetched())
        try:
            fetched = await consumer.poll(most, 0 if self._paused else settings.poll_seconds)
        except BusUnavailable as error:
            log.warning("cannot fetch", extra={"group": self._group, "error": str(error)})
            await asyncio.sleep(_RECONNECT_S)
            return
        epochs = consumer.assignment()
        for partition, records in fetched.items():
            epoch = epochs.get(partition)
            if epoch is None:
                continue  # revoked meanwhile: its next owner reads it again
            self._offsets.deliver(partition, epoch, [record.offset for record in records])
            self._lanes.put(partition, epoch, records)
        if fetched:
            self.filled.set()

    def _full(self) -> bool:
        return (
            self._fetched() >= self._settings.buffer_records
            or self._lanes.size >= self._settings.buffer_bytes
        )

    def _fetched(self) -> int:
        """Records that wait, without those of paused partitions: one that stands still must not
        stop the others. The bytes of all together are the bound that always holds."""
        waiting = self._lanes.waiting()
        return sum(count for tp, count in waiting.items() if tp not in self._paused)

    async def _wait_for_room(self) -> None:
        """As long as a poll would take: pausing throws away what is prefetched, so only work
        that is slower than that pauses anything."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                while True:
                    self._room.clear()
                    await self._room.wait()
                    # Half a buffer in one poll costs much less than many small ones.
                    if self._fetched() <= self._settings.buffer_records // 2 and not self._full():
                        return
        except TimeoutError:
            return
        finally:
            if self._paused:
                metrics.CONSUMER_PAUSED.labels(self._group).inc(time.monotonic() - started)

    def _pause(self, consumer: Consumer) -> None:
        """Pause those that hold their share of the buffer, or all when its bytes are used up.

        Also those that are paused: a rebalance may have begun them anew.
        """
        waiting = self._lanes.waiting()
        assigned = consumer.assignment()
        share = self._share(len(assigned))
        full = self._lanes.size >= self._settings.buffer_bytes
        self._paused = {
            tp for tp in assigned if full or tp in self._paused or waiting.get(tp, 0) >= share
        }
        consumer.pause(sorted(self._paused))

    def _resume(self, consumer: Consumer) -> None:
        """Resume those whose share is half empty: each pause costs what was prefetched."""
        if self._lanes.size > self._settings.buffer_bytes // 2:
            return
        waiting = self._lanes.waiting()
        share = self._share(len(consumer.assignment()))
        free = {tp for tp in self._paused if waiting.get(tp, 0) <= share // 2}
        if free:
            consumer.resume(sorted(free))
            self._paused -= free

    def _share(self, partitions: int) -> int:
        return max(1, self._settings.buffer_records // max(1, partitions))
