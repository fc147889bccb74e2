"""Buckets in PostgreSQL and in Redis, leased by several replicas at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from http import HTTPStatus

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.db import create_engine
from heedful.common.errors import ConfigurationError
from heedful.common.http.problems import Problem
from heedful.common.quota import asking
from heedful.common.quota.allowance import Need, chunk_of
from heedful.common.quota.bucket import Grant, Rate
from heedful.common.quota.policy import NOTHING_SET, BucketId, Level, Unit
from heedful.common.quota.quota import Quota
from heedful.common.quota.store import StoreAway, TokenStore
from heedful.common.quota.store_postgres import PostgresStore
from heedful.common.quota.store_redis import RedisStore, window_of
from heedful.common.security import Principal
from heedful.common.settings import QuotaSettings, Settings
from tests.patience import until
from tests.redis_server import Redis

# Of which nothing comes back while a test runs.
SLOW = Rate(per_second=0.001, burst=200)
KEY = Principal("acme", "k-1", frozenset({"*"}))
BUCKET = BucketId(Level.KEY, "k-1", Unit.REQUESTS)
REPLICAS = 4

Open = Callable[[], TokenStore]


@pytest.fixture(params=["postgres", "redis"])
async def open_store(
    request: pytest.FixtureRequest, settings: Settings
) -> AsyncIterator[Callable[[], TokenStore]]:
    """Opens the store as one replica does: each has connections of its own."""
    redis: Redis | None = None
    if request.param == "redis":
        redis = request.getfixturevalue("redis")
    async with AsyncExitStack() as stack:

        def opened() -> TokenStore:
            if redis is not None:
                store: TokenStore = RedisStore(redis.url)
            else:
                engine = create_engine(settings, "heedful-test")
                stack.push_async_callback(engine.dispose)
                store = PostgresStore(engine)
            stack.push_async_callback(store.close)
            return store

        yield opened


def quota_of(store: TokenStore, rate: Rate = SLOW, **settings: int) -> Quota:
    """A replica with this quota of requests for keys, and no other."""
    given = QuotaSettings(
        key_requests_per_second=rate.per_second,
        key_requests_burst=rate.burst,
        tenant_requests_per_second=0,
        **settings,
    )
    return Quota(given, store, lambda _: NOTHING_SET)


async def granted(quota: Quota, times: int) -> int:
    """How many of so many requests are let through."""
    return sum([await _taken(quota) for _ in range(times)])


async def _taken(quota: Quota) -> bool:
    try:
        await quota.take(KEY, requests=1)
    except Problem as problem:
        if problem.status != HTTPStatus.TOO_MANY_REQUESTS:
            raise
        return False
    return True


async def test_a_bucket_is_full_at_first_and_empties(open_store: Open) -> None:
    store = open_store()
    first = await store.lease(BUCKET, SLOW, Need(1, 150))
    assert (first.tokens, round(first.left)) == (150, 50)
    rest = await store.lease(BUCKET, SLOW, Need(1, 150))
    assert rest.tokens == 50
    refused = await store.lease(BUCKET, SLOW, Need(1, 1))
    assert refused.tokens == 0
    assert refused.wait_seconds > 0


async def test_less_than_is_needed_is_not_taken_at_all(open_store: Open) -> None:
    store = open_store()
    await store.lease(BUCKET, SLOW, Need(150, 150))
    assert (await store.lease(BUCKET, SLOW, Need(100, 150))).tokens == 0
    assert (await store.lease(BUCKET, SLOW, Need(50, 150))).tokens == 50


async def test_buckets_do_not_mix(open_store: Open) -> None:
    store = open_store()
    others = [
        BucketId(Level.KEY, "k-2", Unit.REQUESTS),
        BucketId(Level.TENANT, "k-1", Unit.REQUESTS),
        BucketId(Level.KEY, "k-1", Unit.ITEMS),
    ]
    await store.lease(BUCKET, SLOW, Need(200, 200))
    for other in others:
        assert (await store.lease(other, SLOW, Need(200, 200))).tokens == 200


async def test_what_was_taken_comes_back_with_time(open_store: Open) -> None:
    store, fast = open_store(), Rate(per_second=1000, burst=1000)
    await store.lease(BUCKET, fast, Need(1000, 1000))

    async def some() -> bool:
        return (await store.lease(BUCKET, fast, Need(1, 10))).tokens > 0

    await until(some)


async def test_replicas_together_give_the_quota_and_no_more(open_store: Open) -> None:
    replicas = [quota_of(open_store()) for _ in range(REPLICAS)]
    given = await asyncio.gather(*(granted(one, 120) for one in replicas))
    # Nothing is lost either, but for chunks that lie where nobody asks any more.
    assert SLOW.burst - REPLICAS * chunk_of(SLOW) <= sum(given) <= SLOW.burst
    for one in replicas:
        await one.close()


async def test_of_many_requests_few_ask_the_store(open_store: Open) -> None:
    store = Counting(open_store())
    quota = quota_of(store, Rate(per_second=1, burst=10_000))
    assert await granted(quota, 2000) == 2000
    # A chunk is a twentieth of the burst, and half of it is asked for ahead of time.
    assert store.asked <= 10
    await quota.close()


async def test_a_flood_that_is_refused_does_not_ask_the_store(open_store: Open) -> None:
    store = Counting(open_store())
    quota = quota_of(store)
    await granted(quota, 200)
    before = store.asked
    assert await granted(quota, 1000) == 0
    assert store.asked - before <= 1
    await quota.close()


class Counting:
    """A store that counts questions, and can be away."""

    def __init__(self, inner: TokenStore) -> None:
        self._inner = inner
        self.asked = 0
        self.away = False
        self.back = asyncio.Event()

    async def lease(self, bucket: BucketId, rate: Rate, need: Need) -> Grant:
        self.asked += 1
        if self.away:
            raise StoreAway("away")
        grant = await self._inner.lease(bucket, rate, need)
        self.back.set()
        return grant

    async def purge(self) -> None:
        await self._inner.purge()

    async def close(self) -> None:
        """The inner one is closed by who opened it."""


@pytest.mark.parametrize("replicas", [1, 4])
async def test_without_its_store_a_replica_gives_its_share(
    engine: AsyncEngine, replicas: int
) -> None:
    store = Counting(PostgresStore(engine))
    store.away = True
    quota = quota_of(store, replicas=replicas)
    assert await granted(quota, 300) == SLOW.burst // replicas
    # The first question was not answered, and the next is not due yet.
    assert store.asked == 1
    await quota.close()


class Silent(Counting):
    """A store that takes every question and answers none."""

    async def lease(self, bucket: BucketId, rate: Rate, need: Need) -> Grant:
        self.asked += 1
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")


async def test_a_store_that_says_nothing_holds_up_one_request_alone(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_S", 0.01)
    store = Silent(PostgresStore(engine))
    quota = quota_of(store)
    assert await granted(quota, 20) == 20
    assert store.asked == 1
    await quota.close()


async def test_when_the_store_is_back_its_buckets_hold_again(engine: AsyncEngine) -> None:
    now = 0.0
    store = Counting(PostgresStore(engine))
    settings = QuotaSettings(key_requests_per_second=0.001, key_requests_burst=200)
    quota = Quota(settings, store, lambda _: NOTHING_SET, clock=lambda: now)
    store.away = True
    assert await granted(quota, 150) == 150
    store.away, now = False, 3.0
    assert await granted(quota, 1) == 1
    await store.back.wait()
    # 200 of the store, in which nobody has been yet.
    assert await granted(quota, 300) >= 200 - chunk_of(SLOW)
    await quota.close()


async def test_without_postgresql_leasing_fails_in_time() -> None:
    nowhere = Settings.model_validate({"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    engine = create_engine(nowhere, "heedful-test")
    with pytest.raises(StoreAway):
        await PostgresStore(engine).lease(BUCKET, SLOW, Need(1, 1))
    await engine.dispose()


async def test_without_redis_leasing_fails_in_time() -> None:
    store = RedisStore("redis://127.0.0.1:1/0")
    with pytest.raises(StoreAway):
        await store.lease(BUCKET, SLOW, Need(1, 1))
    await store.close()


def test_another_kind_of_url_stops_the_start_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="HEEDFUL_QUOTA__REDIS_URL") as caught:
        RedisStore("http://:s3cret@example.com")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("rate", "amount", "seconds"),
    [
        (Rate(1000, 5000), 5000, 5),
        (Rate(0.5, 1), 1, 2),
        (Rate(3, 10), 12, 4),
        (Rate(100, 1), 100, 1),
    ],
)
def test_a_window_gives_the_rate(rate: Rate, amount: int, seconds: int) -> None:
    window = window_of(rate)
    assert (window.amount, window.get_expiry()) == (amount, seconds)


async def test_full_buckets_are_forgotten(engine: AsyncEngine) -> None:
    store = PostgresStore(engine)
    await store.lease(BUCKET, SLOW, Need(1, 1))
    await store.lease(BucketId(Level.KEY, "idle", Unit.REQUESTS), SLOW, Need(1, 1))
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE common.quota_bucket SET full_at = now() - interval '2 h'"
                " WHERE name LIKE '%idle'"
            )
        )
    await store.purge()
    async with engine.connect() as connection:
        left = await connection.scalars(text("SELECT name FROM common.quota_bucket"))
    assert left.all() == ["key-requests:k-1"]
