"""Buckets in Redis, by the `limits` library's sliding window counters.

A window of `burst / per_second` seconds, rounded up, takes what the rate gives in it. So the rate
holds exactly, and a burst is up to a second's worth larger where the two do not divide.
https://limits.readthedocs.io/en/stable/strategies.html#sliding-window-counter
"""

import math

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from heedful.common.errors import ConfigurationError
from heedful.common.quota.allowance import Need
from heedful.common.quota.bucket import Grant, Rate
from heedful.common.quota.policy import BucketId
from heedful.common.quota.store import StoreAway

_ANSWER_S = 0.5


class RedisStore:
    """Leases tokens by hits that cost as much as the lease.

    Args:
        url: redis://, rediss:// or unix://, as redis-py reads it.

    Raises:
        ConfigurationError: the URL is not one of these.
    """

    def __init__(self, url: str) -> None:
        try:
            self._pool = ConnectionPool.from_url(
                url, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S
            )
        except ValueError as error:
            raise ConfigurationError(
                "HEEDFUL_QUOTA__REDIS_URL must have the form redis://:password@host:port/0"
            ) from error
        storage = RedisStorage(
            "async+redis://",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="heedful",
            connection_pool=self._pool,  # type: ignore[arg-type]  # its types know plain values only
        )
        self._windows = SlidingWindowCounterRateLimiter(storage)

    async def lease(self, bucket: BucketId, rate: Rate, need: Need) -> Grant:
        window = window_of(rate)
        try:
            if await self._windows.hit(window, bucket.name, cost=need.wanted):
                return Grant(need.wanted, await self._left(window, bucket))
            left = await self._left(window, bucket)
            given = min(left, need.wanted)
            if given >= need.needed and await self._windows.hit(window, bucket.name, cost=given):
                return Grant(given, left - given)
        except StorageError as error:
            raise StoreAway(f"Redis did not do it: {type(error.storage_error).__name__}") from error
        return Grant(0, left, max(0.0, need.needed - left) / rate.per_second)

    async def _left(self, window: RateLimitItem, bucket: BucketId) -> int:
        return (await self._windows.get_window_stats(window, bucket.name)).remaining

    async def purge(self) -> None:
        """Redis lets windows expire by itself."""

    async def close(self) -> None:
        await self._pool.aclose()


def window_of(rate: Rate) -> RateLimitItem:
    """The window that gives the rate."""
    seconds = max(1, math.ceil(rate.window_seconds))
    return RateLimitItemPerSecond(max(1, math.floor(rate.per_second * seconds)), seconds)
