"""The bus on Apache Kafka, through aiokafka."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
)

from heedful.common.bus.base import (
    Outgoing,
    RebalanceListener,
    Record,
    StaleAssignment,
    TopicPartition,
)
from heedful.common.errors import BusUnavailable, ConfigurationError, RecordTooLarge, UnknownTopic
from heedful.common.settings import KafkaSettings, SecurityProtocol
from heedful.common.topics import DLQ_RETENTION, MAX_RECORD_BYTES, Topic

log = logging.getLogger(__name__)

_STALE = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
_BATCH_BYTES = 256 * 1024
_LINGER_MS = 5
_RECORD_OVERHEAD_BYTES = 4096
_METADATA_SECONDS = 10


class KafkaBus:
    """One producer per process, any number of consumers."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._producer = KafkaProducer(settings, client_id)

    @property
    def producer(self) -> "KafkaProducer":
        return self._producer

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        wanted = []
        for topic in topics:
            partitions = self._settings.partitions or topic.partitions
            wanted.append(self._new_topic(topic.name, partitions, topic.retention.total_seconds()))
            wanted.append(self._new_topic(topic.dlq, partitions, DLQ_RETENTION.total_seconds()))
        async with self._admin() as admin:
            existing = set(await admin.list_topics())
            for new in wanted:
                if new.name in existing:
                    continue
                try:
                    await admin.create_topics([new])
                except TopicAlreadyExistsError:
                    log.debug("topic %s was created by another process", new.name)

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> "KafkaConsumer":
        return KafkaConsumer(self._settings, self._client_id, group, topics, listener)

    async def check(self) -> None:
        await self._producer.check()

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(client_id=self._client_id, **connection(self._settings))
        try:
            await admin.start()
            yield admin
        except (KafkaError, OSError) as error:
            raise BusUnavailable(f"Kafka admin request failed: {error}") from error
        finally:
            await admin.close()

    def _new_topic(self, name: str, partitions: int, retention_s: float) -> NewTopic:
        return NewTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=self._settings.replication_factor,
            topic_configs={
                "cleanup.policy": "delete",
                "retention.ms": str(int(retention_s * 1000)),
                "max.message.bytes": str(MAX_RECORD_BYTES + _RECORD_OVERHEAD_BYTES),
            },
        )


class KafkaProducer:
    """Idempotent, acks=all, bounded in time; made anew after an error that it cannot outlive."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._client: AIOKafkaProducer | None = None
        self._restart = asyncio.Lock()

    async def start(self) -> None:
        self._client = await self._open()

    async def stop(self) -> None:
        client = self._client
        self._client = None
        if client is None:
            return
        try:
            await asyncio.wait_for(client.stop(), self._settings.send_timeout_seconds)
        except (TimeoutError, KafkaError) as error:
            # Whatever is still unsent was never acknowledged to anybody.
            log.warning("the producer did not close cleanly: %r", error)

    async def send(self, records: Sequence[Outgoing]) -> None:
        client = self._client
        if client is None:
            raise BusUnavailable("the producer is not started")
        for topic in {record.topic for record in records}:
            await self._require_topic(client, topic)
        try:
            async with asyncio.timeout(self._settings.send_timeout_seconds):
                futures = [
                    await client.send(
                        record.topic,
                        key=record.key,
                        value=record.value,
                        headers=list(record.headers),
                    )
                    for record in records
                ]
                await asyncio.gather(*futures)
        except MessageSizeTooLargeError as error:
            largest = max(records, key=lambda record: len(record.value or b""))
            size = len(largest.value or b"")
            raise RecordTooLarge(largest.topic, size, MAX_RECORD_BYTES) from error
        except TimeoutError as error:
            raise BusUnavailable(
                f"no acknowledgement within {self._settings.send_timeout_seconds:g} s"
            ) from error
        except (OutOfOrderSequenceNumber, ProducerFenced) as error:
            await self._replace(client)
            raise BusUnavailable(f"the producer was replaced after {error!r}") from error
        except KafkaError as error:
            raise BusUnavailable(f"Kafka refused the records: {error!r}") from error

    async def check(self) -> None:
        if self._client is None:
            raise BusUnavailable("the producer is not started")
        try:
            async with asyncio.timeout(2):
                await self._client.client.fetch_all_metadata()
        except (TimeoutError, KafkaError) as error:
            raise BusUnavailable(f"no metadata from Kafka: {error!r}") from error

    async def _require_topic(self, client: AIOKafkaProducer, topic: str) -> None:
        # Without this, aiokafka asks for the metadata of an unknown topic until the timeout.
        if client.client.cluster.partitions_for_topic(topic):
            return
        try:
            async with asyncio.timeout(_METADATA_SECONDS):
                await client.client.add_topic(topic)
                await client.client.force_metadata_update()
        except (TimeoutError, KafkaError) as error:
            raise BusUnavailable(f"no metadata of {topic} from Kafka: {error!r}") from error
        if not client.client.cluster.partitions_for_topic(topic):
            client.client._topics.discard(topic)
            raise UnknownTopic(topic)

    async def _open(self) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            linger_ms=_LINGER_MS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=MAX_RECORD_BYTES + _RECORD_OVERHEAD_BYTES,
            compression_type="lz4",
            **connection(self._settings),
        )
        try:
            await client.start()
        except KafkaError as error:
            await client.stop()
            raise BusUnavailable(
                f"no Kafka at {self._settings.bootstrap_servers}: {error}"
            ) from error
        return client

    async def _replace(self, broken: AIOKafkaProducer) -> None:
        async with self._restart:
            replaced_already = self._client is not broken
            if replaced_already:
                return
            self._client = await self._open()
        try:
            # The new producer takes over first; the broken one may need its whole timeout.
            await asyncio.wait_for(broken.stop(), self._settings.send_timeout_seconds)
        except (TimeoutError, KafkaError) as error:
            log.warning("the broken producer did not close: %r", error)


class KafkaConsumer:
    """A group member. aiokafka rebalances eagerly: every rebalance revokes all partitions and
    starts again from the committed offsets, so each assignment gets a new epoch."""

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        group: str,
        topics: Sequence[str],
        listener: RebalanceListener | None,
    ) -> None:
        self._settings = settings
        self._topics = tuple(topics)
        self._listener = listener
        self._epoch = 0
        self._assigned: dict[TopicPartition, int] = {}
        self._client = AIOKafkaConsumer(
            client_id=client_id,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=int(settings.session_timeout_seconds * 1000),
            heartbeat_interval_ms=int(settings.session_timeout_seconds * 1000 / 10),
            rebalance_timeout_ms=int(settings.rebalance_timeout_seconds * 1000),
            max_partition_fetch_bytes=2 * MAX_RECORD_BYTES,
            **connection(settings),
        )

    async def start(self) -> None:
        try:
            await self._client.start()
            known = await self._client.topics()
        except KafkaError as error:
            raise BusUnavailable(
                f"no Kafka at {self._settings.bootstrap_servers}: {error}"
            ) from error
        for topic in self._topics:
            if topic not in known:
                await self._client.stop()
                raise UnknownTopic(topic)
        self._client.subscribe(topics=self._topics, listener=_Relay(self))

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        try:
            batches = await self._client.getmany(
                timeout_ms=int(timeout_s * 1000), max_records=max_records
            )
        except UnknownTopicOrPartitionError as error:
            raise UnknownTopic(", ".join(self._topics)) from error
        except KafkaError as error:
            raise BusUnavailable(f"fetch failed: {error!r}") from error
        return [
            Record(
                topic=raw.topic,
                partition=raw.partition,
                offset=raw.offset,
                timestamp_ms=raw.timestamp,
                key=raw.key,
                value=raw.value,
                headers=tuple(raw.headers),
            )
            for batch in batches.values()
            for raw in batch
        ]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        wanted = {KafkaPartition(tp.topic, tp.partition): offset for tp, offset in offsets.items()}
        try:
            # aiokafka retries a retriable commit error for ever.
            async with asyncio.timeout(self._settings.send_timeout_seconds):
                await self._client.commit(wanted)
        except _STALE as error:
            raise StaleAssignment(f"commit refused: {error!r}") from error
        except (TimeoutError, KafkaError) as error:
            raise BusUnavailable(f"commit not acknowledged: {error!r}") from error

    def assignment(self) -> Mapping[TopicPartition, int]:
        return dict(self._assigned)

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._client.pause(*self._ours(partitions))

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._client.resume(*self._ours(partitions))

    async def lag(self) -> Mapping[TopicPartition, int]:
        result = {}
        for tp in self._assigned:
            kafka_tp = KafkaPartition(tp.topic, tp.partition)
            try:
                end = self._client.highwater(kafka_tp)
                position = await asyncio.wait_for(self._client.position(kafka_tp), 1)
            except (IllegalStateError, TimeoutError):
                continue
            if end is not None:
                result[tp] = max(0, end - position)
        return result

    async def stop(self) -> None:
        try:
            # aiokafka#773: stop() may hang when the coordinator is gone.
            await asyncio.wait_for(self._client.stop(), self._settings.send_timeout_seconds)
        except (TimeoutError, KafkaError) as error:
            log.warning("the consumer did not leave cleanly: %r", error)

    def _ours(self, partitions: Sequence[TopicPartition]) -> list[KafkaPartition]:
        return [KafkaPartition(tp.topic, tp.partition) for tp in partitions if tp in self._assigned]

    async def _revoked(self, partitions: Sequence[TopicPartition]) -> None:
        try:
            if self._listener is not None and partitions:
                await self._listener.on_revoked(partitions)
        finally:
            for tp in partitions:
                self._assigned.pop(tp, None)

    async def _assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._epoch += 1
        self._assigned = dict.fromkeys(partitions, self._epoch)
        if self._listener is not None:
            await self._listener.on_assigned(partitions)


class _Relay(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types for it
    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Sequence[KafkaPartition]) -> None:
        await self._consumer._revoked(sorted(TopicPartition(*tp) for tp in revoked))

    async def on_partitions_assigned(self, assigned: Sequence[KafkaPartition]) -> None:
        await self._consumer._assign(sorted(TopicPartition(*tp) for tp in assigned))


def connection(settings: KafkaSettings) -> dict[str, Any]:
    """Keyword arguments that every aiokafka client takes to connect.

    Raises:
        ConfigurationError: SASL without a name and password, or mTLS with half a pair.
    """
    found: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "security_protocol": settings.security_protocol.value,
        "request_timeout_ms": 20_000,
    }
    protocol = settings.security_protocol
    if protocol in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL):
        found["ssl_context"] = _ssl_context(settings)
    if protocol in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL):
        if settings.sasl_username is None or settings.sasl_password is None:
            raise ConfigurationError(
                f"{protocol} needs HEEDFUL_KAFKA__SASL_USERNAME and HEEDFUL_KAFKA__SASL_PASSWORD"
            )
        found["sasl_mechanism"] = settings.sasl_mechanism.value
        found["sasl_plain_username"] = settings.sasl_username
        found["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return found


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=None if settings.ssl_cafile is None else str(settings.ssl_cafile)
    )
    if (settings.ssl_certfile is None) != (settings.ssl_keyfile is None):
        raise ConfigurationError(
            "mTLS needs both HEEDFUL_KAFKA__SSL_CERTFILE and HEEDFUL_KAFKA__SSL_KEYFILE"
        )
    if settings.ssl_certfile is not None:
        context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    return context
