"""The append-only log: gapless offsets per partition, visible in order.

A writer locks its partition rows (in one order, so writers never deadlock) until it commits;
therefore a reader that sees offset n has already seen every offset below n.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
from aiokafka.partitioner import murmur2

from heedful.common.bus.base import LogRecord, Outgoing, TopicPartition
from heedful.common.bus.headers import pack, unpack

WAKE_CHANNEL = "heedful_bus"

DATABASE_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that is lost while its query is cancelled
)
"""What asyncpg raises when the database is away. A TimeoutError is an OSError."""

_APPEND = """
WITH input AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::bytea[], $4::bytea[], $5::bytea[])
        WITH ORDINALITY AS i (topic, partition, key, value, headers, position)
), counted AS (
    SELECT topic, partition, count(*) AS records FROM input GROUP BY topic, partition
), locked AS (
    SELECT p.topic, p.number, p.next_offset, c.records
    FROM bus.partition p JOIN counted c ON p.topic = c.topic AND p.number = c.partition
    ORDER BY p.topic, p.number FOR UPDATE OF p
), moved AS (
    UPDATE bus.partition p SET next_offset = l.next_offset + l.records FROM locked l
    WHERE p.topic = l.topic AND p.number = l.number
    RETURNING p.topic, p.number, l.next_offset AS base
)
INSERT INTO bus.record (topic, partition, "offset", key, value, headers)
SELECT i.topic, i.partition,
       m.base + row_number() OVER (PARTITION BY i.topic, i.partition ORDER BY i.position) - 1,
       i.key, i.value, i.headers
FROM input i JOIN moved m ON m.topic = i.topic AND m.number = i.partition
"""

_READ = """
SELECT r.topic, r.partition, r."offset", r.written_at, r.key, r.value, r.headers
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS wanted (topic, partition, position)
CROSS JOIN LATERAL (
    SELECT * FROM bus.record b
    WHERE b.topic = wanted.topic AND b.partition = wanted.partition
      AND b."offset" >= wanted.position
    ORDER BY b."offset" LIMIT $4
) r
LIMIT $5
"""


Row = tuple[str, int, bytes | None, bytes | None, bytes]
"""Topic, partition, key, value, packed headers."""


class MissingPartition(Exception):  # not told to callers: they are told to ask for the topic again
    """A partition that was there is gone."""


def row(record: Outgoing, partition: int) -> Row:
    """A record as the log holds it."""
    return record.topic, partition, record.key, record.value, pack(record.headers)


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's default partitioner chooses it."""
    hashed: int = murmur2(key)
    return (hashed & 0x7FFFFFFF) % partitions


async def append(connection: Any, rows: Sequence[Row]) -> None:
    """Write all rows in one transaction and wake the readers.

    Raises:
        MissingPartition: one of them has no place in the log; nothing is written.
    """
    async with connection.transaction():
        written = await connection.execute(_APPEND, *map(list, zip(*rows, strict=True)))
        if written != f"INSERT 0 {len(rows)}":
            raise MissingPartition
        await connection.execute(f"NOTIFY {WAKE_CHANNEL}")


async def read(
    pool: "asyncpg.Pool[asyncpg.Record]",
    positions: Mapping[TopicPartition, int],
    per_partition: int,
    limit: int,
) -> list[LogRecord]:
    """Records from the given positions on, in order within each partition."""
    rows = await pool.fetch(
        _READ,
        [tp.topic for tp in positions],
        [tp.partition for tp in positions],
        list(positions.values()),
        per_partition,
        limit,
    )
    return [
        LogRecord(
            topic=row["topic"],
            partition=row["partition"],
            offset=row["offset"],
            timestamp=int(row["written_at"].timestamp() * 1000),
            key=row["key"],
            value=row["value"],
            headers=unpack(row["headers"]),
        )
        for row in rows
    ]


async def waiting(
    pool: "asyncpg.Pool[asyncpg.Record]", positions: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """Kept records from the given positions on; expired ones do not wait any more."""
    rows = await pool.fetch(
        "SELECT p.topic, p.number, p.next_offset - greatest(w.position, coalesce("
        '  (SELECT min(r."offset") FROM bus.record r'
        "   WHERE r.topic = p.topic AND r.partition = p.number), p.next_offset)) AS records"
        " FROM bus.partition p JOIN unnest($1::text[], $2::int[], $3::bigint[])"
        "  AS w (topic, number, position) ON p.topic = w.topic AND p.number = w.number",
        [tp.topic for tp in positions],
        [tp.partition for tp in positions],
        list(positions.values()),
    )
    return {TopicPartition(row["topic"], row["number"]): max(0, row["records"]) for row in rows}


async def create_topic(
    pool: "asyncpg.Pool[asyncpg.Record]", name: str, partitions: int, retention: timedelta
) -> None:
    """Create a topic unless it exists; an existing one keeps its partitions."""
    async with pool.acquire() as connection, connection.transaction():
        created = await connection.fetchval(
            "INSERT INTO bus.topic (name, partitions, retention) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING RETURNING name",
            name,
            partitions,
            retention,
        )
        if created is not None:
            await connection.execute(
                "INSERT INTO bus.partition (topic, number)"
                " SELECT $1, n FROM generate_series(0, $2::int - 1) AS n",
                name,
                partitions,
            )


async def expire(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Delete records older than their topic's retention."""
    await pool.execute(
        "DELETE FROM bus.record r USING bus.topic t"
        " WHERE r.topic = t.name AND r.written_at < now() - t.retention"
    )
