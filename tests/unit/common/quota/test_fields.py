"""The `RateLimit` fields, as draft-ietf-httpapi-ratelimit-headers-11 §3 and §4 show them."""

import pytest

from heedful.common.quota.bucket import Rate
from heedful.common.quota.fields import Standing, limits, policies
from heedful.common.quota.policy import BucketId, Level, Unit

REQUESTS = BucketId(Level.KEY, "k-1", Unit.REQUESTS)
ITEMS = BucketId(Level.TENANT, "shop", Unit.ITEMS)


def test_every_policy_is_told_with_what_is_left_of_it() -> None:
    assert policies([(REQUESTS, Rate(1000, 5000)), (ITEMS, Rate(2, 100))]) == (
        '"key-requests";q=5000;w=5, "tenant-items";q=100;qu="items";w=50'
    )
    standings = [Standing(REQUESTS, 4990, seconds=0.01), Standing(ITEMS, 0, seconds=50)]
    assert limits(standings) == '"key-requests";r=4990;t=1, "tenant-items";r=0;t=50'


def test_whose_quota_it_is_is_told_without_a_name() -> None:
    assert "shop" not in policies([(ITEMS, Rate(2, 100))]) + limits([Standing(ITEMS, 5, 0)])


@pytest.mark.parametrize(("rate", "window"), [(Rate(3, 10), 4), (Rate(100, 1), 1), (Rate(1, 1), 1)])
def test_a_window_is_whole_seconds(rate: Rate, window: int) -> None:
    assert policies([(REQUESTS, rate)]).endswith(f";w={window}")
