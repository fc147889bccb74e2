"""The batches that are under way, and whether they get anywhere."""

import asyncio
from collections.abc import Callable, Collection

from heedful.common import metrics
from heedful.common.bus.base import TopicPartition
from heedful.common.runtime.lanes import Batch


class Flight:
    """One batch from its taking to its end."""

    def __init__(self, batch: Batch, since: float) -> None:
        self.batch = batch
        self.since = since
        self.abandoned = asyncio.Event()
        self.landed = asyncio.Event()

    def touches(self, partitions: Collection[TopicPartition]) -> bool:
        return any(part.partition in partitions for part in self.batch.parts)


class Flights:
    """All of one runner, and when it last moved.

    Args:
        clock: seconds, as `time.monotonic` counts them.
    """

    def __init__(self, group: str, clock: Callable[[], float]) -> None:
        self._progress = metrics.CONSUMER_PROGRESS.labels(group)
        # Else it would be 1970 until then.
        self._progress.set_to_current_time()
        self._clock = clock
        self._open: set[Flight] = set()
        self._moved_at = clock()

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self, batch: Batch) -> Flight:
        flight = Flight(batch, self._clock())
        self._open.add(flight)
        return flight

    def end(self, flight: Flight) -> None:
        self._open.discard(flight)
        flight.landed.set()

    def moved(self) -> None:
        """A batch was finished, or there is nothing to do."""
        self._moved_at = self._clock()
        self._progress.set_to_current_time()

    def abandon(self) -> None:
        """None of them waits for another try."""
        for flight in self._open:
            flight.abandoned.set()

    async def leave(self, partitions: Collection[TopicPartition], seconds: float) -> bool:
        """Let what is under way of these partitions finish, but not what waits for another try.

        Returns:
            Whether all of it ended in time.
        """
        touching = [flight for flight in self._open if flight.touches(partitions)]
        for flight in touching:
            flight.abandoned.set()
        try:
            async with asyncio.timeout(seconds):
                for flight in touching:
                    await flight.landed.wait()
        except TimeoutError:
            return False
        return True

    def oldest(self) -> float:
        """Seconds that the oldest batch has been under way; 0 without one."""
        now = self._clock()
        return max((now - flight.since for flight in self._open), default=0.0)

    def stalled(self, now: float) -> float:
        """Seconds without progress: of all of them, or of the one that hangs while others move."""
        return now - min([self._moved_at, *(flight.since for flight in self._open)])
