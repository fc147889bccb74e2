"""Connections, notifications and retention of the embedded bus."""

import asyncio
import logging
import random
from collections.abc import Collection, Sequence
from typing import Any
from weakref import WeakSet

import asyncpg

from heedful.common.bus.base import RebalanceListener, TopicPartition
from heedful.common.bus.embedded import log as records_log
from heedful.common.bus.embedded import retention
from heedful.common.bus.embedded.consumer import LEASE_S, EmbeddedConsumer
from heedful.common.bus.embedded.ends import Ends
from heedful.common.bus.embedded.group import GROUP_CHANNEL
from heedful.common.bus.embedded.producer import EmbeddedProducer
from heedful.common.errors import BusUnavailable
from heedful.common.settings import EmbeddedSettings
from heedful.common.topics import DLQ_RETENTION, Topic

log = logging.getLogger(__name__)

_PARTITIONS = 4
_EXPIRE_EVERY_S = 60.0
_RECONNECT_S = 1.0
_CONNECT_S = 10
_COMMAND_S = 30
_IDLE_S = 5.0
_TRANSACTION_LEASES = 3
_TRANSACTION_TIMEOUT_SINCE = 17


class EmbeddedBus:
    """A log in the schema `bus` of PostgreSQL; see `log` and `group` for how it keeps order."""

    def __init__(
        self,
        dsn: str,
        application: str,
        settings: EmbeddedSettings | None = None,
        *,
        lease_s: float = LEASE_S,
        partitions: int | None = None,
    ) -> None:
        self._dsn = dsn
        self._application = application
        self._settings = settings or EmbeddedSettings()
        self._lease_s = lease_s
        self._topic_partitions = partitions or _PARTITIONS
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._producer = EmbeddedProducer()
        self._ends = Ends()
        self._consumers: dict[str, WeakSet[EmbeddedConsumer]] = {}
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
                timeout=_CONNECT_S,
                command_timeout=_COMMAND_S,
                server_settings=await self._session_settings(),
                reset=_nothing_to_reset,
            )
        except records_log.DATABASE_ERRORS as error:
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
            except records_log.DATABASE_ERRORS:
                self._pool.terminate()
            self._pool = None

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        pool = self._connected()
        for topic in topics:
            partitions = min(topic.partitions, self._topic_partitions)
            limit = self._settings.retention_bytes or None
            await retention.create_topic(pool, topic.name, partitions, topic.retention, limit)
            await retention.create_topic(pool, topic.dlq, 1, DLQ_RETENTION, limit)

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> EmbeddedConsumer:
        consumer = EmbeddedConsumer(
            self._connected(), group, topics, listener, self._lease_s, self._ends
        )
        self._consumers.setdefault(group, WeakSet()).add(consumer)
        return consumer

    async def check(self) -> None:
        try:
            await asyncio.wait_for(self._connected().fetchval("SELECT 1"), 2)
        except records_log.DATABASE_ERRORS as error:
            raise BusUnavailable(f"PostgreSQL does not answer: {error!r}") from error

    def _connected(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            raise BusUnavailable("the bus is not started")
        return self._pool

    async def _session_settings(self) -> dict[str, str]:
        """A frozen process must not keep its locks: the group, or a partition's writers, would
        stand still with it. Before PostgreSQL 17 it may, if it froze between the messages of
        one statement."""
        limit_s = max(_IDLE_S, _TRANSACTION_LEASES * self._lease_s)
        settings = {
            "application_name": f"{self._application} bus",
            "jit": "off",
            "idle_in_transaction_session_timeout": str(int(_IDLE_S * 1000)),
            "transaction_timeout": str(int(limit_s * 1000)),
        }
        connection = await asyncpg.connect(self._dsn, timeout=_CONNECT_S)
        try:
            if connection.get_server_version().major < _TRANSACTION_TIMEOUT_SINCE:
                del settings["transaction_timeout"]
        finally:
            connection.terminate()
        return settings

    async def _listen(self) -> None:
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(self._dsn, timeout=_CONNECT_S)
                await connection.add_listener(records_log.WAKE_CHANNEL, self._on_records)
                await connection.add_listener(GROUP_CHANNEL, self._on_group)
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _, closed=closed: closed.set())
                self._ends.notified(True)
                self._wake()
                await closed.wait()
            except records_log.DATABASE_ERRORS as error:
                log.warning("no notifications from PostgreSQL, polling only: %r", error)
            finally:
                self._ends.notified(False)
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_S)

    def _on_records(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        if payload:
            self._wake(self._ends.heard(payload))
        else:
            self._ends.look_again()
            self._wake()

    def _wake(self, grown: Collection[TopicPartition] | None = None) -> None:
        for consumers in self._consumers.values():
            for consumer in consumers:
                consumer.wake(grown)

    def _on_group(self, _connection: Any, _pid: int, _channel: str, group: Any) -> None:
        for consumer in self._consumers.get(group, ()):
            consumer.group_changed()

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRE_EVERY_S * random.uniform(0.75, 1.25))  # noqa: S311
            try:
                await retention.expire(self._connected())
            except records_log.DATABASE_ERRORS as error:
                log.warning("old records were not deleted: %r", error)


async def _nothing_to_reset(_connection: Any) -> None:
    """Nothing here sets anything in a session, so giving a connection back needs no round trip."""
