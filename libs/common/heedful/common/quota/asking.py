"""Asking the store of buckets, and leaving it alone for a while when it does not answer."""

import asyncio
import logging
from collections.abc import Callable

from heedful.common import metrics
from heedful.common.quota.allowance import Need
from heedful.common.quota.bucket import Grant, Rate
from heedful.common.quota.policy import BucketId
from heedful.common.quota.store import StoreAway, TokenStore

log = logging.getLogger(__name__)

ANSWER_S = 0.5
_AGAIN_S = 2.0


class Asking:
    """A store that may be away. A request waits for one answer that does not come; from then on
    requests go on without it, until a question beside them is answered."""

    def __init__(self, store: TokenStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._again_at: float | None = None

    @property
    def away(self) -> bool:
        return self._again_at is not None

    def may_ask_again(self) -> bool:
        """Whether it is away and one more question is due; True to one caller only."""
        now = self._clock()
        if self._again_at is None or now < self._again_at:
            return False
        self._again_at = now + _AGAIN_S
        return True

    async def lease(self, bucket: BucketId, rate: Rate, need: Need) -> Grant | None:
        """What the store gave; None when it did not answer."""
        try:
            async with asyncio.timeout(ANSWER_S):
                grant = await self._store.lease(bucket, rate, need)
        except (StoreAway, TimeoutError) as error:
            metrics.QUOTA_LEASES.labels("failed").inc()
            metrics.QUOTA_ALONE.set(1)
            if self._again_at is None:
                log.warning("quotas go on without their store", extra={"error": str(error)})
            self._again_at = self._clock() + _AGAIN_S
            return None
        metrics.QUOTA_LEASES.labels("given" if grant.tokens else "refused").inc()
        if self._again_at is not None:
            log.info("the store of quotas is back")
            self._again_at = None
            metrics.QUOTA_ALONE.set(0)
        return grant
