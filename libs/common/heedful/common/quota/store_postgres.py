"""Buckets in PostgreSQL: table `common.quota_bucket`.

The table is not logged: after a crash of the server every bucket is full, which is the most that a
bucket can hold. Time is the server's, so that replicas' clocks do not matter.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.db.passing import described
from heedful.common.quota.allowance import Need
from heedful.common.quota.bucket import Bucket, Grant, Rate
from heedful.common.quota.policy import BucketId
from heedful.common.quota.store import StoreAway

_MAKE = text(
    "INSERT INTO common.quota_bucket (name, tokens, refilled_at, full_at)"
    " VALUES (:name, :tokens, clock_timestamp(), clock_timestamp()) ON CONFLICT DO NOTHING"
)
_LOCK = text(
    "SELECT tokens, CAST(extract(epoch FROM refilled_at) AS double precision) AS at,"
    " CAST(extract(epoch FROM clock_timestamp()) AS double precision) AS now"
    " FROM common.quota_bucket WHERE name = :name FOR UPDATE"
)
_KEEP = text(
    "UPDATE common.quota_bucket SET tokens = :tokens, refilled_at = to_timestamp(:at),"
    " full_at = to_timestamp(:full_at) WHERE name = :name"
)
_PURGE = text("DELETE FROM common.quota_bucket WHERE full_at < clock_timestamp() - interval '1 h'")


class PostgresStore:
    """Leases tokens under a lock of the bucket's row."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def lease(self, bucket: BucketId, rate: Rate, need: Need) -> Grant:
        async with self._begin() as connection:
            row = (await connection.execute(_LOCK, {"name": bucket.name})).first()
            if row is None:
                await connection.execute(_MAKE, {"name": bucket.name, "tokens": rate.burst})
                row = (await connection.execute(_LOCK, {"name": bucket.name})).one()
            kept, grant = Bucket(row.tokens, row.at).take(rate, need.needed, need.wanted, row.now)
            full_at = kept.at + (rate.burst - kept.tokens) / rate.per_second
            values = {"tokens": kept.tokens, "at": kept.at, "full_at": full_at}
            await connection.execute(_KEEP, {"name": bucket.name, **values})
            return grant

    async def purge(self) -> None:
        async with self._begin() as connection:
            await connection.execute(_PURGE)

    async def close(self) -> None:
        """The engine is the platform's."""

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeoutError, OSError, TimeoutError) as error:
            raise StoreAway(described(error)) from error
