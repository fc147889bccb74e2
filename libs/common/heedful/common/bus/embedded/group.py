"""Group membership: leases in PostgreSQL, assignments that change hands only when released
or when their owner's lease has run out. Fenced by an epoch per assignment.

Each member computes the same target from the same rows under the group's advisory lock: its
share of the partitions of every topic, round robin over the sorted live members. It releases
what is beyond its share (after its listener has drained) and claims what is free. All members
use one lease time; PostgreSQL's clock decides when a lease has run out.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from heedful.common.bus.base import StaleAssignment, TopicPartition

GROUP_CHANNEL = "heedful_group"

# Asks the other members to look at the group now rather than at their next renewal.
_ANNOUNCE = f"SELECT pg_notify('{GROUP_CHANNEL}', $1)"


@dataclass(frozen=True, slots=True)
class Change:
    """What one look at the group asks of this member."""

    release: tuple[TopicPartition, ...]
    owned: Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a group stands in a partition.

    Attributes:
        offset: the next one to read; never before the earliest kept record.
        lost: records between the group's commit and that.
    """

    offset: int
    lost: int


# Everything of the group that a full look depends on, but for the times of leases.
_STATE = """
md5(concat_ws('/',
    (SELECT string_agg(member::text, ' ' ORDER BY member) FROM bus.member WHERE grp = $1),
    (SELECT string_agg(concat_ws(' ', topic, partition, member, epoch), ','
                       ORDER BY topic, partition) FROM bus.assignment WHERE grp = $1),
    (SELECT count(*) FROM bus.partition WHERE topic = ANY($2))))
"""

# Without a row: our lease has run out. NULL: somebody's has, or it was given under another clock.
_LOOK = f"""
WITH ours AS (
    UPDATE bus.member SET expires_at = clock_timestamp() + make_interval(secs => $4)
    WHERE grp = $1 AND member = $3 AND expires_at >= clock_timestamp()
    RETURNING 1
)
SELECT CASE WHEN NOT EXISTS (
    SELECT 1 FROM bus.member WHERE grp = $1 AND (
        expires_at < clock_timestamp()
        OR expires_at > clock_timestamp() + make_interval(secs => $4))
) THEN {_STATE} END AS state
FROM ours
"""  # noqa: S608  # constants


def share(
    members: Sequence[uuid.UUID], me: uuid.UUID, partitions: Sequence[TopicPartition]
) -> set[TopicPartition]:
    """My partitions when `members` share `partitions` round robin, both in sorted order."""
    ordered = sorted(members)
    return {
        tp for index, tp in enumerate(sorted(partitions)) if ordered[index % len(ordered)] == me
    }


class Membership:
    """This process's place in one group."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        group: str,
        topics: Sequence[str],
        lease_s: float,
    ) -> None:
        self.member = uuid.uuid4()
        self._pool = pool
        self._group = group
        self._topics = list(topics)
        self._lease_s = lease_s
        self._settled: str | None = None

    async def look(self) -> bool:
        """Renew the lease by one statement; whether that was all there is to do.

        It is while the group is as it was when `renew` last found everybody's share with him.
        """
        if self._settled is None:
            return False
        rows = await self._pool.fetch(_LOOK, self._group, self._topics, self.member, self._lease_s)
        return bool(rows) and rows[0]["state"] == self._settled

    async def renew(self) -> Change:
        """Renew the lease, claim free partitions of our share, name those to release."""
        self._settled = None
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('heedful.group.' || $1, 0))",
                self._group,
            )
            # A lease that ends later than one given now was written before the clock went back;
            # a member that died before that would keep its partitions for as long as it went.
            await connection.execute(
                "UPDATE bus.member SET expires_at = clock_timestamp() + make_interval(secs => $2)"
                " WHERE grp = $1 AND expires_at > clock_timestamp() + make_interval(secs => $2)",
                self._group,
                self._lease_s,
            )
            await connection.execute(
                "DELETE FROM bus.member WHERE grp = $1 AND expires_at < clock_timestamp()",
                self._group,
            )
            joined = await connection.fetchval(
                "INSERT INTO bus.member VALUES"
                " ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))"
                " ON CONFLICT (grp, member) DO UPDATE SET expires_at = excluded.expires_at"
                " RETURNING xmax = 0",
                self._group,
                self.member,
                self._topics,
                self._lease_s,
            )
            if joined:
                await connection.execute(_ANNOUNCE, self._group)
            await connection.execute(
                "INSERT INTO bus.assignment (grp, topic, partition)"
                " SELECT $1, p.topic, p.number FROM bus.partition p WHERE p.topic = ANY($2)"
                " ON CONFLICT DO NOTHING",
                self._group,
                self._topics,
            )
            target = await self._target(connection)
            await connection.execute(
                "UPDATE bus.assignment a SET member = $2, epoch = epoch + 1"
                " FROM unnest($3::text[], $4::int[]) AS w (topic, partition)"
                " WHERE a.grp = $1 AND a.topic = w.topic AND a.partition = w.partition"
                " AND (a.member IS NULL OR NOT EXISTS (SELECT 1 FROM bus.member m"
                "      WHERE m.grp = $1 AND m.member = a.member))",
                self._group,
                self.member,
                [tp.topic for tp in target],
                [tp.partition for tp in target],
            )
            rows = await connection.fetch(
                "SELECT topic, partition, epoch FROM bus.assignment WHERE grp = $1 AND member = $2",
                self._group,
                self.member,
            )
            state = await connection.fetchval(
                f"SELECT {_STATE}",  # a constant
                self._group,
                self._topics,
            )
        owned = {TopicPartition(r["topic"], r["partition"]): r["epoch"] for r in rows}
        if owned.keys() == target:
            self._settled = state
        return Change(
            release=tuple(sorted(tp for tp in owned if tp not in target)),
            owned=owned,
        )

    async def extend(self) -> None:
        """Renew the lease and nothing else; without effect once it has run out."""
        await self._pool.execute(
            "UPDATE bus.member SET expires_at = clock_timestamp() + make_interval(secs => $3)"
            " WHERE grp = $1 AND member = $2",
            self._group,
            self.member,
            self._lease_s,
        )

    async def release(self, partitions: Sequence[TopicPartition]) -> None:
        """Give partitions back and tell the group."""
        await self._pool.execute(
            "UPDATE bus.assignment a SET member = NULL"
            " FROM unnest($3::text[], $4::int[]) AS w (topic, partition)"
            " WHERE a.grp = $1 AND a.member = $2"
            " AND a.topic = w.topic AND a.partition = w.partition",
            self._group,
            self.member,
            [tp.topic for tp in partitions],
            [tp.partition for tp in partitions],
        )
        await self._pool.execute(_ANNOUNCE, self._group)

    async def leave(self) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE bus.assignment SET member = NULL WHERE grp = $1 AND member = $2",
                self._group,
                self.member,
            )
            await connection.execute(
                "DELETE FROM bus.member WHERE grp = $1 AND member = $2", self._group, self.member
            )
            await connection.execute(_ANNOUNCE, self._group)

    async def starts(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Start]:
        """Where the group goes on in each partition; at the earliest record where it is new."""
        rows = await self._pool.fetch(
            'SELECT w.topic, w.partition, greatest(c."offset", p.first_offset),'
            ' greatest(p.first_offset - c."offset", 0)'
            " FROM unnest($2::text[], $3::int[]) AS w (topic, partition)"
            " JOIN bus.partition p ON p.topic = w.topic AND p.number = w.partition"
            " LEFT JOIN bus.committed c"
            "  ON c.grp = $1 AND c.topic = w.topic AND c.partition = w.partition",
            self._group,
            [tp.topic for tp in partitions],
            [tp.partition for tp in partitions],
        )
        return {
            TopicPartition(topic, number): Start(offset, lost)
            for topic, number, offset, lost in rows
        }

    async def commit(
        self, offsets: Mapping[TopicPartition, int], epochs: Mapping[TopicPartition, int]
    ) -> None:
        """Commit under the epochs that this member was given.

        The assignments are locked first: no other member can claim one and read its offset
        between the check and the write.

        Raises:
            StaleAssignment: another member owns one of them; nothing is committed.
        """
        written = await self._pool.fetch(
            "WITH ours AS MATERIALIZED (SELECT w.topic, w.partition, w.at"
            " FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[])"
            "  AS w (topic, partition, at, epoch)"
            " JOIN bus.assignment a ON a.grp = $1 AND a.topic = w.topic"
            "  AND a.partition = w.partition AND a.member = $2 AND a.epoch = w.epoch"
            " ORDER BY w.topic, w.partition FOR SHARE OF a)"
            ' INSERT INTO bus.committed (grp, topic, partition, "offset")'
            " SELECT $1, topic, partition, at FROM ours"
            " WHERE (SELECT count(*) FROM ours) = $7"
            " ON CONFLICT (grp, topic, partition)"
            '  DO UPDATE SET "offset" = excluded."offset"'
            " RETURNING 1",
            self._group,
            self.member,
            [tp.topic for tp in offsets],
            [tp.partition for tp in offsets],
            list(offsets.values()),
            [epochs.get(tp, -1) for tp in offsets],
            len(offsets),
        )
        if not written:
            raise StaleAssignment(f"not all of {len(offsets)} partitions are ours")

    async def _target(
        self, connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    ) -> set[TopicPartition]:
        members = await connection.fetch(
            "SELECT member, topics FROM bus.member WHERE grp = $1", self._group
        )
        partitions = await connection.fetch(
            "SELECT topic, number FROM bus.partition WHERE topic = ANY($1)", self._topics
        )
        target: set[TopicPartition] = set()
        for topic in self._topics:
            subscribed = [row["member"] for row in members if topic in row["topics"]]
            target |= share(
                subscribed,
                self.member,
                [TopicPartition(topic, r["number"]) for r in partitions if r["topic"] == topic],
            )
        return target
