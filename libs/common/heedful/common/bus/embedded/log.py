"""The append-only log: gapless offsets per partition, visible in order.

A writer locks its partition rows (in one order, so writers never deadlock) until it commits;
therefore a reader that sees offset n has already seen every offset below n.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg

from heedful.common.bus.base import LogRecord, Outgoing, TopicPartition
from heedful.common.bus.headers import pack, unpack

WAKE_CHANNEL = "heedful_bus"
"""Told after each append which partitions reach how far, a line each: `number end topic`.
Nothing is told, and everybody looks for himself, where that does not fit into a notification."""

DATABASE_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that is lost while its query is cancelled
)
"""What asyncpg raises when the database is away. A TimeoutError is an OSError."""

# One statement, so that partitions are locked for no round trip, and all or nothing: where a
# partition is missing, none is moved. The client has counted: a window here would sort values.
_APPEND = """
WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])
        WITH ORDINALITY AS w (topic, number, records, bytes, slot)
), locked AS (
    SELECT p.topic, p.number, p.next_offset, p.kept_bytes, w.records, w.bytes, w.slot
    FROM bus.partition p JOIN wanted w ON p.topic = w.topic AND p.number = w.number
    ORDER BY p.topic, p.number FOR UPDATE OF p
), moved AS (
    UPDATE bus.partition p
    SET next_offset = l.next_offset + l.records, kept_bytes = l.kept_bytes + l.bytes
    FROM locked l
    WHERE p.topic = l.topic AND p.number = l.number
      AND (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted)
    RETURNING p.topic, p.number, p.next_offset AS reached, l.next_offset AS base, l.records, l.slot
), written AS (
    INSERT INTO bus.record (topic, partition, "offset", key, value, headers)
    SELECT m.topic, m.number, m.base + i.rank, i.key, i.value, i.headers
    FROM unnest($5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[])
        AS i (slot, rank, key, value, headers)
    JOIN moved m ON m.slot = i.slot
), told AS (
    SELECT coalesce(string_agg(number || ' ' || reached || ' ' || topic, chr(10)), '') AS ends
    FROM moved
)
SELECT (SELECT coalesce(sum(records), 0) FROM moved)::bigint,
       pg_notify($10, CASE WHEN octet_length(ends) < 7900 THEN ends ELSE '' END)
FROM told
"""

_READ = """
SELECT w.slot, r."offset", r.written_at, r.key, r.value, r.headers
FROM unnest($1::text[], $2::int[], $3::bigint[])
    WITH ORDINALITY AS w (topic, partition, position, slot)
CROSS JOIN LATERAL (
    SELECT b."offset", b.written_at, b.key, b.value, b.headers FROM bus.record b
    WHERE b.topic = w.topic AND b.partition = w.partition AND b."offset" >= w.position
    ORDER BY b."offset" LIMIT $4
) r
ORDER BY w.slot, r."offset" LIMIT $5
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_slot = itemgetter(0)

Row = tuple[str, int, bytes | None, bytes | None, bytes]
"""Topic, partition, key, value, packed headers."""


class MissingPartition(Exception):  # not told to callers: they are told to ask for the topic again
    """A partition that was there is gone."""


def row(record: Outgoing, partition: int) -> Row:
    """A record as the log holds it."""
    return record.topic, partition, record.key, record.value, pack(record.headers)


async def append(connection: Any, rows: Sequence[Row]) -> None:
    """Write all rows in one transaction and tell the readers how far their partitions reach.

    Raises:
        MissingPartition: one of them has no place in the log; nothing is written.
    """
    slots: dict[tuple[str, int], int] = {}
    records: list[int] = []
    sizes: list[int] = []
    slot_of: list[int] = []
    rank_of: list[int] = []
    for topic, number, key, value, headers in rows:
        slot = slots.setdefault((topic, number), len(slots))
        if slot == len(records):
            records.append(0)
            sizes.append(0)
        slot_of.append(slot + 1)
        rank_of.append(records[slot])
        records[slot] += 1
        sizes[slot] += len(key or b"") + len(value or b"") + len(headers)
    _, _, keys, values, packed = zip(*rows, strict=True)
    topics, numbers = zip(*slots, strict=True)
    written = await connection.fetchval(
        _APPEND,
        topics,
        numbers,
        records,
        sizes,
        slot_of,
        rank_of,
        keys,
        values,
        packed,
        WAKE_CHANNEL,
    )
    if written != len(rows):
        raise MissingPartition


async def read(
    pool: "asyncpg.Pool[asyncpg.Record]",
    positions: Mapping[TopicPartition, int],
    per_partition: int,
    limit: int,
) -> dict[TopicPartition, list[LogRecord]]:
    """Records from the given positions on, in order within each partition."""
    places = list(positions)
    rows = await pool.fetch(
        _READ,
        [tp.topic for tp in places],
        [tp.partition for tp in places],
        list(positions.values()),
        per_partition,
        limit,
    )
    found: dict[TopicPartition, list[LogRecord]] = {}
    for slot, records in groupby(rows, _slot):
        tp = places[slot - 1]
        found[tp] = [
            LogRecord(
                tp.topic,
                tp.partition,
                offset,
                (written_at - _EPOCH) // _MILLISECOND,
                key,
                value,
                unpack(headers),
            )
            for _, offset, written_at, key, value, headers in records
        ]
    return found


async def ends(pool: "asyncpg.Pool[asyncpg.Record]") -> dict[TopicPartition, int]:
    """The offset that the next record of every partition will have."""
    rows = await pool.fetch("SELECT topic, number, next_offset FROM bus.partition")
    return {TopicPartition(topic, number): reached for topic, number, reached in rows}


async def waiting(
    pool: "asyncpg.Pool[asyncpg.Record]", positions: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """Kept records from the given positions on; expired ones do not wait any more."""
    rows = await pool.fetch(
        "SELECT p.topic, p.number, p.next_offset - greatest(w.position, p.first_offset)"
        " FROM bus.partition p JOIN unnest($1::text[], $2::int[], $3::bigint[])"
        "  AS w (topic, number, position) ON p.topic = w.topic AND p.number = w.number",
        [tp.topic for tp in positions],
        [tp.partition for tp in positions],
        list(positions.values()),
    )
    return {TopicPartition(topic, number): max(0, records) for topic, number, records in rows}
