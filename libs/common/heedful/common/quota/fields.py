"""`RateLimit-Policy` and `RateLimit`: what holds, and what is left of it.

Source: draft-ietf-httpapi-ratelimit-headers-11 (May 2026), lists of structured fields. The draft
registers no unit for items of a batch; without one a client would read them as requests.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from heedful.common.quota.bucket import Rate
from heedful.common.quota.policy import BucketId, Unit


class Standing(NamedTuple):
    """How one bucket stands.

    Attributes:
        remaining: tokens left, as far as is known here.
        seconds: until they are more: until the bucket is full, or until a refused request may
            come again.
    """

    bucket: BucketId
    remaining: int
    seconds: float


def policies(rates: Sequence[tuple[BucketId, Rate]]) -> str:
    """The value of `RateLimit-Policy`."""
    return ", ".join(_policy(bucket, rate) for bucket, rate in rates)


def limits(standings: Sequence[Standing]) -> str:
    """The value of `RateLimit`."""
    return ", ".join(
        f'"{one.bucket.policy}";r={one.remaining};t={math.ceil(one.seconds)}' for one in standings
    )


def _policy(bucket: BucketId, rate: Rate) -> str:
    unit = ';qu="items"' if bucket.unit is Unit.ITEMS else ""
    return f'"{bucket.policy}";q={rate.burst}{unit};w={math.ceil(rate.window_seconds)}'
