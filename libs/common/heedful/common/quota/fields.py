"""`RateLimit-Policy` and `RateLimit`: what holds, and what is left of it.

Source: draft-ietf-httpapi-ratelimit-headers-11 (May 2026), lists of structured fields. The draft
registers no unit for items of a batch; without one a client would read them as requests.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from heedful.common.quota.bucket import Rate
from heedful.common.quota.policy import BucketId, Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """How one bucket stands.

    Attributes:
        remaining: tokens left, as far as is known here.
        seconds: until they are more: until the bucket is full, or until a refused request may
            come again.
    """

    bucket: BucketId
    rate: Rate
    remaining: int
    seconds: float


def fields(standings: Sequence[Standing]) -> dict[str, str]:
    """The two header fields; none without a quota."""
    if not standings:
        return {}
    return {
        "RateLimit-Policy": ", ".join(map(_policy, standings)),
        "RateLimit": ", ".join(map(_limit, standings)),
    }


def _policy(one: Standing) -> str:
    unit = ';qu="items"' if one.bucket.unit is Unit.ITEMS else ""
    window = math.ceil(one.rate.window_seconds)
    return f'"{one.bucket.policy}";q={one.rate.burst}{unit};w={window}'


def _limit(one: Standing) -> str:
    return f'"{one.bucket.policy}";r={one.remaining};t={math.ceil(one.seconds)}'
