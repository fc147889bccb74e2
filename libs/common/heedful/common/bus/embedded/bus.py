"""Connections, notifications and retention of the embedded bus."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import asyncpg

from heedful.common.bus.base import RebalanceListener
from heedful.common.bus.embedded import log as records_log
from heedful.common.bus.embedded.consumer import LEASE_S, EmbeddedConsumer
from heedful.common.bus.embedded.group import GROUP_CHANNEL
from heedful.common.bus.embedded.producer import EmbeddedProducer
from heedful.common.errors import BusUnavailable
from heedful.common.topics import DLQ_RETENTION, Topic

log = logging.getLogger(__name__)

_PARTITIONS = 4
_EXPIRE_EVERY_S = 600.0
_RECONNECT_S = 1.0
_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class EmbeddedBus:
    """A log in the schema `bus` of PostgreSQL; see `log` and `group` for how it keeps order."""

    def __init__(
        self, dsn: str, application: str, *, lease_s: float = LEASE_S, partitions: int | None = None
    ) -> None:
        self._dsn = dsn
        self._application = application
        self._lease_s = lease_s
        self._topic_partitions = partitions or _PARTITIONS
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._producer = EmbeddedProducer()
        self._consumers: dict[str, list[EmbeddedConsumer]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def producer(self) -> EmbeddedProducer:
        return self._producer

    async def start(self) -> None:
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=10,
                timeout=10,
                command_timeout=30,
                server_settings={"application_name": f"{self._application} bus", "jit": "off"},
            )
        except _ERRORS as error:
            raise BusUnavailable(f"PostgreSQL does not answer: {error!r}") from error
        self._producer.use(self._pool)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._expire())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._producer.stop()
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 5)
            except _ERRORS:
                self._pool.terminate()
            self._pool = None

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        pool = self._connected()
        for topic in topics:
            partitions = min(topic.partitions, self._topic_partitions)
            await records_log.create_topic(pool, topic.name, partitions, topic.retention)
            await records_log.create_topic(pool, topic.dlq, 1, DLQ_RETENTION)

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> EmbeddedConsumer:
        consumer = EmbeddedConsumer(self._connected(), group, topics, listener, self._lease_s)
        self._consumers.setdefault(group, []).append(consumer)
        return consumer

    async def check(self) -> None:
        try:
            await asyncio.wait_for(self._connected().fetchval("SELECT 1"), 2)
        except _ERRORS as error:
            raise BusUnavailable(f"PostgreSQL does not answer: {error!r}") from error

    def _connected(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            raise BusUnavailable("the bus is not started")
        return self._pool

    async def _listen(self) -> None:
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(self._dsn, timeout=10)
                await connection.add_listener(records_log.WAKE_CHANNEL, self._on_records)
                await connection.add_listener(GROUP_CHANNEL, self._on_group)
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _, closed=closed: closed.set())
                await closed.wait()
            except _ERRORS as error:
                log.warning("no notifications from PostgreSQL, polling only: %r", error)
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_S)

    def _on_records(self, *_: Any) -> None:
        for consumers in self._consumers.values():
            for consumer in consumers:
                consumer.wake()

    def _on_group(self, _connection: Any, _pid: int, _channel: str, group: Any) -> None:
        for consumer in self._consumers.get(group, ()):
            consumer.group_changed()

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRE_EVERY_S)
            try:
                await records_log.expire(self._connected())
            except _ERRORS as error:
                log.warning("old records were not deleted: %r", error)
