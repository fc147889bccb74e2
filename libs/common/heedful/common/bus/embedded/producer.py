"""Writes to the embedded log, many callers per transaction."""

import asyncio
import itertools
from collections import deque
from collections.abc import Sequence

import asyncpg

from heedful.common.bus.base import Outgoing
from heedful.common.bus.embedded import log
from heedful.common.bus.limits import SendRoom, refuse_too_large
from heedful.common.bus.partitioning import partition_of
from heedful.common.errors import BusUnavailable, UnknownTopic

_BATCH_RECORDS = 2000
_SEND_BUFFER_BYTES = 33_554_432
SEND_TIMEOUT_S = 10.0


class EmbeddedProducer:
    """While one transaction is under way, callers gather for the next one."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._partitions: dict[str, int] = {}
        self._waiting: deque[tuple[Sequence[log.Row], asyncio.Future[None]]] = deque()
        self._room = SendRoom(_SEND_BUFFER_BYTES)
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
        refuse_too_large(records)
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S), self._room.holding(records):
                await self._know({record.topic for record in records})
                # Made here: what cannot be written must not take its neighbours with it.
                rows = [log.row(record, self._partition(record)) for record in records]
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append((rows, done))
                if self._writer is None or self._writer.done():
                    self._writer = asyncio.create_task(self._write())
                await done
        except log.DATABASE_ERRORS as error:
            raise BusUnavailable(f"the log did not take the records: {error!r}") from error

    async def _write(self) -> None:
        while taken := self._take():
            error: Exception | None = None
            try:
                await self._append([row for rows, _ in taken for row in rows])
            except (*log.DATABASE_ERRORS, BusUnavailable) as failure:
                error = failure
            for _, done in taken:
                if done.done():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(BusUnavailable(f"the log did not take it: {error!r}"))

    def _take(self) -> list[tuple[Sequence[log.Row], "asyncio.Future[None]"]]:
        """The next transaction, without what its caller has given up and may send again."""
        taken: list[tuple[Sequence[log.Row], asyncio.Future[None]]] = []
        count = 0
        while self._waiting and count < _BATCH_RECORDS:
            rows, done = self._waiting.popleft()
            if not done.done():
                taken.append((rows, done))
                count += len(rows)
        return taken

    async def _append(self, rows: Sequence[log.Row]) -> None:
        if self._pool is None:
            raise BusUnavailable("the producer is not started")
        try:
            async with self._pool.acquire(timeout=SEND_TIMEOUT_S) as connection:
                await log.append(connection, rows)
        except log.MissingPartition as error:
            self._partitions.clear()
            raise BusUnavailable("the log has lost a partition") from error

    def _partition(self, record: Outgoing) -> int:
        partitions = self._partitions[record.topic]
        if record.key is None:
            return next(self._round_robin) % partitions
        return partition_of(record.key, partitions)

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
