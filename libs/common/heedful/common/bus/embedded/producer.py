"""Writes to the embedded log, many callers per transaction."""

import asyncio
import itertools
from collections.abc import Sequence

import asyncpg

from heedful.common.bus.base import Outgoing
from heedful.common.bus.embedded import log
from heedful.common.errors import BusUnavailable, RecordTooLarge, UnknownTopic
from heedful.common.topics import MAX_RECORD_BYTES

_BATCH_RECORDS = 2000
SEND_TIMEOUT_S = 10.0


class EmbeddedProducer:
    """While one transaction is under way, callers gather for the next one."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._partitions: dict[str, int] = {}
        self._waiting: list[tuple[Sequence[Outgoing], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._round_robin = itertools.count()

    def use(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def stop(self) -> None:
        if self._writer is not None:
            await asyncio.wait({self._writer}, timeout=SEND_TIMEOUT_S)
        self._pool = None

    async def send(self, records: Sequence[Outgoing]) -> None:
        if not records:
            return
        for record in records:
            size = len(record.value or b"")
            if size > MAX_RECORD_BYTES:
                raise RecordTooLarge(record.topic, size, MAX_RECORD_BYTES)
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._know({record.topic for record in records})
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append((records, done))
                if self._writer is None or self._writer.done():
                    self._writer = asyncio.create_task(self._write())
                await done
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise BusUnavailable(f"the log did not take the records: {error!r}") from error

    async def _write(self) -> None:
        while self._waiting:
            taken: list[tuple[Sequence[Outgoing], asyncio.Future[None]]] = []
            count = 0
            while self._waiting and count < _BATCH_RECORDS:
                taken.append(self._waiting.pop(0))
                count += len(taken[-1][0])
            error: BaseException | None = None
            try:
                await self._append([record for records, _ in taken for record in records])
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, BusUnavailable) as e:
                error = e
            for _, done in taken:
                if done.done():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(BusUnavailable(f"the log did not take it: {error!r}"))

    async def _append(self, records: Sequence[Outgoing]) -> None:
        if self._pool is None:
            raise BusUnavailable("the producer is not started")
        partitions = [self._partition(record) for record in records]
        async with self._pool.acquire(timeout=SEND_TIMEOUT_S) as connection:
            await log.append(connection, records, partitions)

    def _partition(self, record: Outgoing) -> int:
        partitions = self._partitions[record.topic]
        if record.key is None:
            return next(self._round_robin) % partitions
        return log.partition_of(record.key, partitions)

    async def _know(self, topics: set[str]) -> None:
        for topic in topics - self._partitions.keys():
            if self._pool is None:
                raise BusUnavailable("the producer is not started")
            found = await self._pool.fetchval(
                "SELECT partitions FROM bus.topic WHERE name = $1", topic
            )
            if found is None:
                raise UnknownTopic(topic)
            self._partitions[topic] = found
