"""The writing side: idempotent, acks=all, bounded in time."""

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidProducerIdMapping,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    UnknownProducerId,
)

from heedful.common.bus.base import Outgoing
from heedful.common.bus.kafka.connection import closed, connection, end
from heedful.common.bus.limits import SendRoom, refuse_too_large
from heedful.common.bus.partitioning import partition_of
from heedful.common.errors import BusUnavailable, RecordTooLarge, UnknownTopic
from heedful.common.settings import KafkaSettings
from heedful.common.topics import MAX_RECORD_BYTES

log = logging.getLogger(__name__)

# The numbering of an idempotent producer has a hole after these, so it can never write to that
# partition again (aiokafka#1017). A record that the broker refuses leaves one as well.
_OUTLIVED = (
    InvalidProducerIdMapping,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    UnknownProducerId,
)
_BATCH_BYTES = 256 * 1024
# While a request is under way the next ones gather for their partition by themselves (aiokafka has
# one request per partition under way); waiting longer only delays those who wait for the answer.
_LINGER_MS = 0
# The broker measures what is left after compression; `refuse_too_large` has the say before it.
_REQUEST_BYTES = 16 * MAX_RECORD_BYTES
# A broker that has just started may not know a topic that its neighbours know.
_LOOK_AGAIN_S = (0.1, 0.2, 0.4)
_CHECK_S = 2


class KafkaProducer:
    """One aiokafka producer, made anew after an error that it cannot outlive."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._limit_s = settings.send_timeout_seconds
        self._client: AIOKafkaProducer | None = None
        self._room = SendRoom(settings.send_buffer_bytes)
        self._replacing = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._client = await self._open()

    async def stop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await self._close(client)
        await asyncio.gather(*self._closing)

    async def send(self, records: Sequence[Outgoing]) -> None:
        refuse_too_large(records)
        client = self._client
        if client is None:
            raise BusUnavailable("the producer is not started")
        try:
            async with asyncio.timeout(self._limit_s), self._room.holding(records):
                topics = {record.topic for record in records}
                partitions = {topic: await _partitions(client, topic) for topic in topics}
                futures = [
                    await _enqueue(client, record, partitions[record.topic]) for record in records
                ]
                await _acknowledged(futures)
        except (KafkaError, TimeoutError) as error:
            if isinstance(error, _OUTLIVED) or client._sender.sender_task.done():
                await self._replace(client)
            if isinstance(error, MessageSizeTooLargeError):
                raise _too_large(records) from error
            if isinstance(error, TimeoutError):
                raise BusUnavailable(f"no acknowledgement within {self._limit_s:g} s") from error
            raise BusUnavailable(f"Kafka refused the records: {error!r}") from error

    async def check(self) -> None:
        if self._client is None:
            raise BusUnavailable("the producer is not started")
        try:
            async with asyncio.timeout(_CHECK_S):
                await self._client.client.fetch_all_metadata()
        except (TimeoutError, KafkaError) as error:
            raise BusUnavailable(f"no metadata from Kafka: {error!r}") from error

    async def _open(self) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            linger_ms=_LINGER_MS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_REQUEST_BYTES,
            compression_type="lz4",
            **connection(self._settings),
        )
        try:
            # aiokafka asks for a producer id until it gets one.
            async with asyncio.timeout(self._limit_s):
                await client.start()
        except (KafkaError, TimeoutError) as error:
            await self._close(client)
            raise BusUnavailable(
                f"no Kafka at {self._settings.bootstrap_servers}: {error!r}"
            ) from error
        except asyncio.CancelledError:
            await self._close(client)
            raise
        return client

    async def _replace(self, broken: AIOKafkaProducer) -> None:
        async with self._replacing:
            if self._client is not broken:
                return
            fresh = await self._open()
            if self._client is broken:
                self._client = fresh
            else:
                broken = fresh  # stopped meanwhile
        # In its own time: it may need all of it for what others have given to it.
        closing = asyncio.create_task(self._close(broken))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close(self, client: AIOKafkaProducer) -> None:
        error = await closed(client.stop(), self._limit_s)
        if error is None:
            return
        # Whatever is still unsent was never acknowledged to anybody.
        log.warning("the producer did not close cleanly: %r", error)
        client._message_accumulator.fail_all(ProducerClosed())
        await end([client._sender.sender_task, client.client._sync_task])
        await closed(client.client.close(), self._limit_s)


async def _partitions(client: AIOKafkaProducer, topic: str) -> int:
    """How many the topic has. Not left to aiokafka, which asks for the metadata of an unknown topic
    until its timeout.

    Raises:
        UnknownTopic: the cluster says so, and says it again.
        BusUnavailable: the cluster says nothing, or does not let us see it.
    """
    cluster = client.client.cluster
    for pause in (0, *_LOOK_AGAIN_S):
        if found := cluster.partitions_for_topic(topic):
            return len(found)
        await asyncio.sleep(pause)
        client.client.add_topic(topic)
        if not await client.client.force_metadata_update():
            raise BusUnavailable(f"no metadata of {topic} from Kafka")
    if found := cluster.partitions_for_topic(topic):
        return len(found)
    client.client._topics.discard(topic)
    if topic in cluster.unauthorized_topics:
        raise BusUnavailable(f"not authorized to see {topic}")
    raise UnknownTopic(topic)


async def _enqueue(
    client: AIOKafkaProducer, record: Outgoing, partitions: int
) -> "asyncio.Future[Any]":
    headers = list(record.headers)
    if record.key is not None or record.value is not None:
        sent: asyncio.Future[Any] = await client.send(
            record.topic,
            key=record.key,
            value=record.value,
            # aiokafka would list all partitions of the topic, twice, and hash the key by bytes.
            partition=None if record.key is None else partition_of(record.key, partitions),
            headers=headers,
        )
        return sent
    # Kafka holds records without key and value; aiokafka's `send` refuses them, a batch does not.
    batch = client.create_batch()
    batch.append(timestamp=None, key=None, value=None, headers=headers)
    partition = random.choice(sorted(await client.partitions_for(record.topic)))  # noqa: S311
    alone: asyncio.Future[Any] = await client.send_batch(batch, record.topic, partition=partition)
    return alone


async def _acknowledged(sent: Sequence["asyncio.Future[Any]"]) -> None:
    """Wait for all. One after the other: they come in order, so most are done when it is their
    turn, and waiting for each at once costs as much as sending."""
    try:
        for one in sent:
            await one
    except BaseException:
        # Else each that fails says at its end that nobody has looked at its error.
        for one in sent:
            if not one.cancel() and not one.cancelled():
                one.exception()
        raise


def _too_large(records: Sequence[Outgoing]) -> RecordTooLarge:
    largest = max(records, key=lambda record: len(record.value or b""))
    return RecordTooLarge(largest.topic, len(largest.value or b""), MAX_RECORD_BYTES)
