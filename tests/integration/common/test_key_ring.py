"""What a process knows of keys, also while the database is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.quota.policy import NOTHING_SET, Limit, Override
from heedful.common.refreshed import NotRead
from heedful.common.security import key_store
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.stored_key import KeyTerms
from tests.keys import BY, make_key

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = KeyTerms("shop", frozenset({"*"}), name="till 4")


@dataclass
class Times:
    """Both clocks of a process, moved together."""

    seconds: float = 1000.0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def times() -> Times:
    return Times()


@dataclass
class Server:
    """A database that can be taken away and given back."""

    engine: AsyncEngine
    away: bool = False

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        if self.away:
            raise OperationalError("SELECT", {}, ConnectionRefusedError())
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        async with self.connect() as connection, connection.begin():
            yield connection


@pytest.fixture
def server(engine: AsyncEngine) -> Server:
    return Server(engine)


@pytest.fixture
def ring(server: Server, times: Times) -> ApiKeys:
    """What one process knows."""
    return ApiKeys(
        (),
        server,  # type: ignore[arg-type]  # what is used of an engine
        kept_s=3600,
        clock=lambda: times.seconds,
        now=lambda: times.now,
    )


async def test_a_successor_is_like_the_old_key_and_both_work_for_a_while(
    engine: AsyncEngine, ring: ApiKeys, times: Times
) -> None:
    old = await key_store.create(engine, TERMS, times.now, BY)
    new = await key_store.rotate(engine, old.stored.id, DAY, times.now, BY)
    assert new is not None
    assert new.stored.terms == TERMS
    kept = await key_store.get(engine, old.stored.id)
    assert kept is not None
    assert (kept.successor, kept.terms.expires_at) == (new.stored.id, times.now + DAY)
    found = [await ring.find(one.secret) for one in (old, new)]
    assert [one and one.key_id for one in found] == [old.stored.id, new.stored.id]
    times.pass_(DAY.total_seconds())
    assert await ring.find(old.secret) is None
    await ring.upkeep()
    assert await ring.find(new.secret)


async def test_created_and_revoked_keys_take_effect_within_ten_seconds(
    engine: AsyncEngine, ring: ApiKeys, times: Times
) -> None:
    assert await ring.find("unknown") is None  # the stored keys are read, there are none
    key_id, key = await make_key(engine, "shop", {"*"}, NOW)
    times.pass_(10.1)
    assert await ring.find(key)
    await key_store.revoke(engine, key_id, NOW, BY)
    times.pass_(9.9)
    assert await ring.find(key)  # the database is not asked on every request
    times.pass_(0.2)
    assert await ring.find(key) is None


async def test_a_key_expires_at_its_time_also_without_the_database(
    engine: AsyncEngine, ring: ApiKeys, server: Server, times: Times
) -> None:
    _, key = await make_key(
        engine, "shop", {"*"}, times.now, expires_at=times.now + timedelta(minutes=10)
    )
    assert await ring.find(key)
    server.away = True
    times.pass_(599)
    assert await ring.find(key)
    times.pass_(2)
    with pytest.raises(NotRead):
        await ring.find("unknown")
    assert await ring.find(key) is None


async def test_without_the_database_what_was_known_goes_on_to_hold(
    engine: AsyncEngine, ring: ApiKeys, server: Server, times: Times
) -> None:
    _, key = await make_key(engine, "shop", {"*"}, NOW)
    assert await ring.find(key)
    server.away = True
    for _ in range(15 * 60 // 8):
        times.pass_(8)
        assert await ring.upkeep() > 0
        assert await ring.find(key)
    times.pass_(3600)
    with pytest.raises(NotRead):
        await ring.find(key)
    server.away = False
    times.pass_(8)
    await ring.upkeep()
    assert await ring.find(key)


async def test_without_the_database_nobody_can_say_that_a_key_is_wrong(
    ring: ApiKeys, server: Server, times: Times
) -> None:
    assert await ring.find("unknown") is None
    server.away = True
    times.pass_(11)
    with pytest.raises(NotRead):
        await ring.find("unknown")


async def test_a_process_that_starts_without_the_database_knows_nobody(
    ring: ApiKeys, server: Server
) -> None:
    server.away = True
    with pytest.raises(NotRead):
        await ring.find("unknown")


async def _last_used(engine: AsyncEngine, key_id: str) -> datetime | None:
    kept = await key_store.get(engine, key_id)
    assert kept is not None
    return kept.last_used_at


async def test_when_a_key_was_used_is_written_once_a_minute(
    engine: AsyncEngine, ring: ApiKeys, times: Times
) -> None:
    key_id, key = await make_key(engine, "shop", {"*"}, NOW)
    await ring.find(key)
    await ring.upkeep()
    assert await _last_used(engine, key_id) is None
    first = times.now
    times.pass_(60)
    await ring.upkeep()
    assert await _last_used(engine, key_id) == first
    times.pass_(60)
    await ring.upkeep()
    assert await _last_used(engine, key_id) == first, "it was not used again"


async def test_replicas_do_not_write_the_same_minute_again(engine: AsyncEngine) -> None:
    key_id, _ = await make_key(engine, "shop", {"*"}, NOW)
    for seconds in (0, 30, 59):
        await key_store.note_used(engine, {key_id: NOW + timedelta(seconds=seconds)})
        assert await _last_used(engine, key_id) == NOW
    later = NOW + timedelta(seconds=60)
    await key_store.note_used(engine, {key_id: later})
    await key_store.note_used(engine, {key_id: NOW})
    assert await _last_used(engine, key_id) == later


async def test_what_could_not_be_written_is_written_later_and_at_the_stop(
    engine: AsyncEngine, ring: ApiKeys, server: Server, times: Times
) -> None:
    key_id, key = await make_key(engine, "shop", {"*"}, NOW)
    await ring.find(key)
    used = times.now
    server.away = True
    times.pass_(61)
    await ring.upkeep()
    await ring.close()
    assert await _last_used(engine, key_id) is None
    server.away = False
    await ring.close()
    assert await _last_used(engine, key_id) == used


async def test_what_was_set_for_a_tenant_and_a_key_is_known(
    engine: AsyncEngine, ring: ApiKeys, times: Times
) -> None:
    key_id, key = await make_key(engine, "shop", {"*"}, NOW)
    assert ring.tenant_quota("shop") == NOTHING_SET
    of_tenant, of_key = Override(requests=Limit(0, 1)), Override(items=Limit(7, 70))
    await key_store.set_tenant_quota(engine, "shop", Override(items=Limit(1, 1)), NOW, BY)
    await key_store.set_tenant_quota(engine, "shop", of_tenant, NOW, BY)
    assert await key_store.set_key_quota(engine, key_id, of_key, NOW, BY)
    assert not await key_store.set_key_quota(engine, "k-unknown", of_key, NOW, BY)
    times.pass_(8)
    await ring.upkeep()
    found = await ring.find(key)
    assert found is not None
    assert (ring.tenant_quota("shop"), found.quota) == (of_tenant, of_key)
    assert ring.tenant_quota("other") == NOTHING_SET
