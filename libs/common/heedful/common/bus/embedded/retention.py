"""What the log keeps: topics, and records until they are too old or too many.

The oldest records of a topic go first, in batches of one short statement each, read or not: as in
Kafka, a group that is further behind goes on with the oldest record that is kept.
"""

import asyncio
from datetime import timedelta

import asyncpg

from heedful.common import metrics

_BATCH = 2000
_PAUSE_S = 0.02
"""Between two batches: writers to the topic and the rest of the database have their turn."""

_DUE = """
SELECT t.name FROM bus.topic t
WHERE (SELECT sum(p.kept_bytes) FROM bus.partition p WHERE p.topic = t.name) > t.retention_bytes
   OR EXISTS (
    SELECT 1 FROM bus.partition p CROSS JOIN LATERAL (
        SELECT r.written_at FROM bus.record r WHERE r.topic = p.topic AND r.partition = p.number
        ORDER BY r."offset" LIMIT 1
    ) oldest
    WHERE p.topic = t.name AND oldest.written_at < clock_timestamp() - t.retention)
ORDER BY t.name
"""

# One process at a time: the others find nothing in front. Each partition loses its front and
# nothing behind it. Partitions are locked when their records are gone, in the order of writers.
_DELETE = """
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('heedful.expire', 0)) AS ours
), kept AS MATERIALIZED (
    SELECT t.retention,
           (SELECT sum(p.kept_bytes) FROM bus.partition p WHERE p.topic = t.name)
               - t.retention_bytes AS excess
    FROM bus.topic t, turn WHERE t.name = $1 AND turn.ours
), front AS MATERIALIZED (
    SELECT partition, "offset", written_at,
           sum(bytes) OVER (ORDER BY written_at, partition, "offset") - bytes AS before
    FROM (
        SELECT p.number AS partition, r."offset", r.written_at, r.bytes
        FROM kept, bus.partition p CROSS JOIN LATERAL (
            SELECT b."offset", b.written_at,
                   coalesce(octet_length(b.key), 0) + coalesce(octet_length(b.value), 0)
                       + octet_length(b.headers) AS bytes
            FROM bus.record b WHERE b.topic = p.topic AND b.partition = p.number
            ORDER BY b."offset" LIMIT $2
        ) r
        WHERE p.topic = $1 ORDER BY r.written_at, p.number, r."offset" LIMIT $2
    ) AS oldest
), cut AS MATERIALIZED (
    SELECT f.partition, max(f."offset") + 1 AS "offset" FROM front f, kept
    WHERE f.written_at < clock_timestamp() - kept.retention OR f.before < kept.excess
    GROUP BY f.partition
), gone AS (
    DELETE FROM bus.record r USING cut
    WHERE r.topic = $1 AND r.partition = cut.partition AND r."offset" < cut."offset"
    RETURNING r.partition, coalesce(octet_length(r.key), 0) + coalesce(octet_length(r.value), 0)
        + octet_length(r.headers) AS bytes
), counted AS MATERIALIZED (
    SELECT partition, count(*) AS records, sum(bytes) AS bytes FROM gone GROUP BY partition
), locked AS MATERIALIZED (
    SELECT p.number FROM bus.partition p JOIN counted c ON c.partition = p.number
    WHERE p.topic = $1 ORDER BY p.number FOR UPDATE OF p
), moved AS (
    UPDATE bus.partition p
    SET first_offset = greatest(p.first_offset, cut."offset"),
        kept_bytes = p.kept_bytes - counted.bytes
    FROM locked JOIN cut ON cut.partition = locked.number
        JOIN counted ON counted.partition = locked.number
    WHERE p.topic = $1 AND p.number = locked.number
)
SELECT coalesce(sum(records), 0)::bigint FROM counted
"""

# Groups that never committed and have no members, such as those that look at dead letters.
_FORGET_GROUPS = """
DELETE FROM bus.assignment a
WHERE a.member IS NULL
  AND NOT EXISTS (SELECT 1 FROM bus.member m WHERE m.grp = a.grp)
  AND NOT EXISTS (SELECT 1 FROM bus.committed c WHERE c.grp = a.grp)
"""


async def create_topic(
    pool: "asyncpg.Pool[asyncpg.Record]",
    name: str,
    partitions: int,
    retention: timedelta,
    retention_bytes: int | None,
) -> None:
    """Create a topic unless it exists. An existing one keeps its partitions; what it keeps
    follows the settings."""
    async with pool.acquire() as connection, connection.transaction():
        created = await connection.fetchval(
            "INSERT INTO bus.topic AS t (name, partitions, retention, retention_bytes)"
            " VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (name) DO UPDATE"
            "  SET retention = excluded.retention, retention_bytes = excluded.retention_bytes"
            "  WHERE (t.retention, t.retention_bytes)"
            "   IS DISTINCT FROM (excluded.retention, excluded.retention_bytes)"
            " RETURNING xmax = 0",
            name,
            partitions,
            retention,
            retention_bytes,
        )
        if created:
            await connection.execute(
                "INSERT INTO bus.partition (topic, number)"
                " SELECT $1, n FROM generate_series(0, $2::int - 1) AS n",
                name,
                partitions,
            )


async def expire(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Delete what is older than its topic keeps, and the oldest of what is more than it keeps."""
    for due in await pool.fetch(_DUE):
        topic = due["name"]
        while gone := await pool.fetchval(_DELETE, topic, _BATCH):
            metrics.BUS_EXPIRED.labels(topic).inc(gone)
            await asyncio.sleep(_PAUSE_S)
    await pool.execute(_FORGET_GROUPS)
