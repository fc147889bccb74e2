"""From the outbox to the log: at least once, in order per key, one relay of a service at a time.

A lease says whose turn it is, and no transaction is open while the log is waited for. A relay
that was frozen for longer than its lease may still send what it had claimed: every relay begins
with the oldest record that is not known to be in the log and goes on in order, so of each key
the first occurrences are in order whoever sends them, and repeats carry ids that are known.
"""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common import metrics
from heedful.common.bus.base import Producer
from heedful.common.errors import Fatal, RecordTooLarge, Retryable, UnknownTopic
from heedful.common.outbox import store
from heedful.common.settings import ConsumerSettings
from heedful.common.waiting import backoff, came

log = logging.getLogger(__name__)

LEASE_S = 20.0
"""Longer than a send may take, so that a relay that lives does not overlap with its heir."""
BATCH_RECORDS = 500
_BATCH_BYTES = 8_000_000
_LOOK_EVERY_S = 1.0
_MEASURE_EVERY_S = 5.0
_CLOSE_S = 10.0
_PASSING = (Retryable, DBAPIError, PoolTimeoutError, OSError)


class Relay:
    """Publishes what a service has put; a background part of that service.

    Args:
        service: whose records these are.
        producer: asked for at each send, because the bus starts after the wiring.
        settings: pauses between tries, and how long a stall may last.
        patient: the process is of use without what this publishes, so that trying is progress.
    """

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        producer: Callable[[], Producer],
        settings: ConsumerSettings,
        *,
        patient: bool = False,
    ) -> None:
        self.name = f"{service}.outbox"
        self._patient = patient
        self._service = service
        self._engine = engine
        self._producer = producer
        self._settings = settings
        self._holder = uuid.uuid4()
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()
        self._failures = 0
        self._progress_at: float | None = None
        self._measured_at = float("-inf")

    async def run(self) -> None:
        """Publish until `stop`.

        Raises:
            Fatal: the log refuses a record for good: somebody must look.
        """
        self._progress_at = asyncio.get_running_loop().time()
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self._measure()
                published = await self.step()
            except _PASSING as error:
                await self._back_off(error)
                continue
            self._failures = 0
            self._progress_at = asyncio.get_running_loop().time()
            if not published:
                await came(self._woken, _LOOK_EVERY_S)

    async def step(self) -> int:
        """Publish the oldest records; how many. 0: none waits, or another relay has the lease.

        Raises:
            BusUnavailable: all of them come again; some may be in the log.
            Fatal: the log refuses one of them for good.
        """
        batch = await self._claim()
        if not batch:
            return 0
        records = [one.record for one in batch]
        try:
            await self._producer().send(records)
        except (UnknownTopic, RecordTooLarge) as error:
            raise Fatal(f"the outbox of {self._service} cannot be published: {error}") from error
        for topic, count in Counter(record.topic for record in records).items():
            metrics.BUS_PUBLISH.labels(topic, "ok").inc(count)
        async with self._engine.begin() as connection:
            await store.delete(connection, self._service, [one.id for one in batch])
        return len(batch)

    def wake(self) -> None:
        """Something was put and committed: do not wait for the next look."""
        self._woken.set()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()

    async def close(self) -> None:
        """After the service's last transaction: publish what is left, let another relay go on.

        What cannot be published in time stays in the outbox.
        """
        try:
            async with asyncio.timeout(_CLOSE_S):
                while await self.step():
                    pass
                await self._release()
        except _PASSING as error:  # a TimeoutError is an OSError
            log.warning(
                "records stay in the outbox", extra={"service": self._service, "error": repr(error)}
            )

    def healthy(self, now: float) -> bool:
        """Alive means progress: looking, and publishing what is found."""
        return self._progress_at is None or now - self._progress_at < self._settings.stall_seconds

    async def _claim(self) -> list[store.Waiting]:
        async with self._engine.begin() as connection:
            # An idle relay writes nothing, also not a lease.
            if not await store.anything(connection, self._service):
                return []
            if not await store.take_lease(connection, self._service, self._holder, LEASE_S):
                return []
            return await store.oldest(connection, self._service, BATCH_RECORDS, _BATCH_BYTES)

    async def _release(self) -> None:
        async with self._engine.begin() as connection:
            await store.release_lease(connection, self._service, self._holder)

    async def _back_off(self, error: Exception) -> None:
        """Wait for longer each time; a replica that reaches the log may go on meanwhile."""
        self._failures += 1
        log.warning(
            "the outbox waits",
            extra={
                "service": self._service,
                "failures": self._failures,
                "error": str(error) if isinstance(error, Retryable) else type(error).__name__,
            },
        )
        try:
            await self._release()
        except _PASSING:
            log.info("the lease stays until it ends", extra={"service": self._service})
        if self._patient:
            self._progress_at = asyncio.get_running_loop().time()
        settings = self._settings
        seconds = backoff(self._failures, settings.retry_seconds, settings.retry_max_seconds)
        await came(self._stopping, seconds)

    async def _measure(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._measured_at < _MEASURE_EVERY_S:
            return
        async with self._engine.connect() as connection:
            records, seconds = await store.waiting(connection, self._service)
        self._measured_at = now
        metrics.OUTBOX_RECORDS.labels(self._service).set(records)
        metrics.OUTBOX_AGE.labels(self._service).set(seconds)
