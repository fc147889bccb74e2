"""An independent reader: confluent-kafka or plain SQL, nothing of the bus under test."""

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg
import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from tests.integration.faults.effects import DATABASE_ERRORS
from tests.integration.faults.history import Commit, Place

_TIMEOUT_S = 5.0
_READ_S = 120
_MANY = 10_000
_ASK_AGAIN_S = (0.2, 0.5, 1, 2, 5, 10)
_BOOKS = "__consumer_offsets"
_COMMIT_KEYS = (0, 1)
_WAIT_S = 0.2

BOOK_KEEPING = """
CREATE TABLE faults.commit (
    place bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    grp text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL
);
CREATE FUNCTION faults.book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faults.commit (grp, topic, partition, "offset")
    VALUES (NEW.grp, NEW.topic, NEW.partition, NEW."offset");
    RETURN NULL;
END $$;
CREATE TRIGGER book AFTER INSERT OR UPDATE ON bus.committed
    FOR EACH ROW EXECUTE FUNCTION faults.book()
"""
"""The embedded log keeps the last commit only; this keeps them all, as Kafka's own topic does."""

Header = tuple[str, bytes]
T = TypeVar("T")


class Unreadable(Exception):  # the log is away, which is what the suite does to it
    """No answer from the log."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as the log holds it. `at` is in seconds since 1970."""

    place: Place
    at: float
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]

    def header(self, name: str) -> str:
        return next(value.decode() for key, value in self.headers if key == name)

    def fingerprint(self, without: Sequence[str] = ()) -> int:
        """Of key, value and headers; of the headers, those that are not named `without`."""
        headers = [(name, value) for name, value in self.headers if name not in without]
        return zlib.crc32(repr((self.key, self.value, headers)).encode())


class Reader(Protocol):
    async def read(self, topic: str) -> list[Raw]:
        """The whole topic, in order within each partition."""

    async def ends(self, topic: str) -> Mapping[int, int]:
        """The next offset of every partition."""

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        """Offsets that the group has committed.

        Raises:
            Unreadable: for now.
        """

    async def commits(self, group: str, topic: str) -> list[Commit]:
        """Every commit there ever was, in the order of the log's own books."""

    async def close(self) -> None: ...


class KafkaReader:
    """Talks to the broker's own listener, which no proxy stands before."""

    def __init__(self, bootstrap: str) -> None:
        # librdkafka tells standard error of every broker that is away.
        self._settings: dict[str, str | int | float] = {
            "bootstrap.servers": bootstrap,
            "log_level": 0,
        }
        # Asks for offsets and never joins. Not an AdminClient: librdkafka 2.16 aborts the process
        # when such a request of one meets a broker that goes away.
        self._asking: Consumer | None = None

    async def read(self, topic: str) -> list[Raw]:
        return await _patiently(lambda: self._ask(self._read, topic))

    async def ends(self, topic: str) -> Mapping[int, int]:
        return await _patiently(lambda: self._ask(self._ends, topic))

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        return await self._ask(self._committed, group, topic)

    async def commits(self, group: str, topic: str) -> list[Commit]:
        return [
            found
            for raw in await self.read(_BOOKS)
            if (found := _commit(raw, group, topic)) is not None
        ]

    async def close(self) -> None:
        if self._asking is not None:
            await asyncio.to_thread(self._asking.close)

    async def _ask(self, question: Callable[..., T], *about: str) -> T:
        try:
            return await asyncio.to_thread(question, *about)
        except KafkaException as error:
            raise Unreadable(str(error)) from error

    def _consumer(self, group: str = "faults-reader") -> Consumer:
        return Consumer(
            {
                **self._settings,
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
            }
        )

    def _partitions(self, consumer: Consumer, topic: str) -> list[int]:
        return sorted(consumer.list_topics(topic, _TIMEOUT_S).topics[topic].partitions)

    def _read(self, topic: str) -> list[Raw]:
        consumer = self._consumer()
        found: list[Raw] = []
        try:
            left = set(self._partitions(consumer, topic))
            consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
            while left:
                for message in consumer.consume(_MANY, _WAIT_S):
                    error = message.error()
                    if error is None:
                        found.append(_from_kafka(message))
                    elif error.code() == KafkaError._PARTITION_EOF:
                        left.discard(message.partition())
                    else:
                        raise KafkaException(error)
        finally:
            consumer.close()
        return sorted(found, key=lambda raw: raw.place)

    def _ends(self, topic: str) -> Mapping[int, int]:
        consumer = self._consumer()
        try:
            return {
                partition: consumer.get_watermark_offsets(
                    TopicPartition(topic, partition), _TIMEOUT_S
                )[1]
                for partition in self._partitions(consumer, topic)
            }
        finally:
            consumer.close()

    def _committed(self, group: str, topic: str) -> Mapping[int, int]:
        if self._asking is None:
            self._asking = self._consumer(group)
        partitions = [
            TopicPartition(topic, partition) for partition in self._partitions(self._asking, topic)
        ]
        found = self._asking.committed(partitions, _TIMEOUT_S)
        return {one.partition: one.offset for one in found if one.offset >= 0}


class EmbeddedReader:
    """Asks the tables of the log."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def read(self, topic: str) -> list[Raw]:
        rows = await self._fetch_patiently(
            'SELECT partition, "offset", written_at, key, value, headers FROM bus.record'
            ' WHERE topic = $1 ORDER BY partition, "offset"',
            topic,
        )
        return [
            Raw(
                place=(row["partition"], row["offset"]),
                at=row["written_at"].timestamp(),
                key=row["key"],
                value=row["value"],
                headers=tuple(
                    (name, value.encode("latin-1")) for name, value in orjson.loads(row["headers"])
                ),
            )
            for row in rows
        ]

    async def ends(self, topic: str) -> Mapping[int, int]:
        rows = await self._fetch_patiently(
            "SELECT number, next_offset FROM bus.partition WHERE topic = $1", topic
        )
        return {row["number"]: row["next_offset"] for row in rows}

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        rows = await self._fetch(
            'SELECT partition, "offset" FROM bus.committed WHERE grp = $1 AND topic = $2',
            group,
            topic,
        )
        return {row["partition"]: row["offset"] for row in rows}

    async def commits(self, group: str, topic: str) -> list[Commit]:
        rows = await self._fetch_patiently(
            'SELECT at, partition, "offset" FROM faults.commit WHERE grp = $1 AND topic = $2'
            " ORDER BY place",
            group,
            topic,
        )
        return [Commit(row["at"].timestamp(), row["partition"], row["offset"]) for row in rows]

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()

    async def _fetch_patiently(self, query: str, *values: str) -> Sequence[asyncpg.Record]:
        return await _patiently(lambda: self._fetch(query, *values))

    async def _fetch(self, query: str, *values: str) -> Sequence[asyncpg.Record]:
        try:
            async with self._one_at_a_time, asyncio.timeout(_READ_S):
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(self._url, timeout=_TIMEOUT_S)
                return await self._connection.fetch(query, *values)
        except DATABASE_ERRORS as error:
            raise Unreadable(repr(error)) from error


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """For questions after the faults: the first connection may still be one that they broke."""
    for pause in _ASK_AGAIN_S:
        with suppress(Unreadable):
            return await ask()
        await asyncio.sleep(pause)
    return await ask()


def _commit(raw: Raw, group: str, topic: str) -> Commit | None:
    """A record of Kafka's own topic of commits, if it is one of this group and topic.

    Format: OffsetCommitKey.json and OffsetCommitValue.json of Apache Kafka's group coordinator;
    every version of the value begins with the offset.
    """
    assert raw.key is not None
    if raw.value is None or struct.unpack_from(">h", raw.key)[0] not in _COMMIT_KEYS:
        return None
    names = []
    at = 2
    for _ in range(2):
        (length,) = struct.unpack_from(">h", raw.key, at)
        names.append(raw.key[at + 2 : at + 2 + length].decode())
        at += 2 + length
    if names != [group, topic]:
        return None
    (partition,) = struct.unpack_from(">i", raw.key, at)
    (offset,) = struct.unpack_from(">q", raw.value, 2)
    return Commit(raw.at, partition, offset)


def _from_kafka(message: Any) -> Raw:
    return Raw(
        place=(message.partition(), message.offset()),
        at=message.timestamp()[1] / 1000,
        key=message.key(),
        value=message.value(),
        headers=tuple(message.headers() or ()),
    )
