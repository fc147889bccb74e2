"""What a store of buckets does, whichever it is: PostgreSQL or Redis."""

from typing import Protocol

from heedful.common.errors import Retryable
from heedful.common.quota.allowance import Need
from heedful.common.quota.bucket import Grant, Rate
from heedful.common.quota.policy import BucketId


class StoreAway(Retryable):
    """The store of buckets did not answer in time."""


class TokenStore(Protocol):
    """The buckets that all replicas share."""

    async def lease(self, bucket: BucketId, rate: Rate, need: Need) -> Grant:
        """Take tokens out of a bucket; one that is not known yet is full.

        Raises:
            StoreAway: it does not answer.
        """

    async def purge(self) -> None:
        """Forget buckets that are full again.

        Raises:
            StoreAway: it does not answer.
        """

    async def close(self) -> None: ...
