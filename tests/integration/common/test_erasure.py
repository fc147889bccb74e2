"""A service that obeys erasures: one transaction, one receipt, whatever happens in between."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.common.db import Migrations
from heedful.common.erasure import (
    Erasing,
    ErasureSubscriber,
    KnownName,
    Names,
    Tombstones,
    left_in_log,
    memory,
)
from heedful.common.errors import Retryable
from heedful.common.outbox import Relay
from heedful.common.retention import EVERY_S, Kept, Retention, Rule, wish
from heedful.common.security.secrets import SecretBox
from heedful.common.service import Platform, Service
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import CASE_EVENT
from tests.integration.erasures import counts, erasure, feedback_key, given, obey

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
NAMES = Names(identifiers=(KnownName(type=IdentifierType.PHONE, value="13900001234"),))
F1, F2 = feedback_key("crm", "f1"), feedback_key("crm", "f2")


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return ()


class Shop:
    """A service with one table of words."""

    def __init__(self, platform: Platform, secrets: SecretBox | None = None) -> None:
        self.platform = platform
        self.tombstones = Tombstones("shop")
        self.told: list[Erasing] = []
        self.fails = False
        self.subscriber = ErasureSubscriber(
            "shop",
            platform.engine,
            secrets or platform.secrets,
            self.tombstones,
            [self.erase, self.count],
            lambda now: left_in_log([CASE_EVENT], now),
            lambda: None,
            lambda: NOW,
        )
        relay = Relay("shop", platform.engine, lambda: platform.bus.producer, ConsumerSettings())
        self.service = Service(
            "shop", (), subscriptions=[self.subscriber.subscription], background=[relay]
        )

    async def erase(
        self, connection: AsyncConnection, erasing: Erasing, now: datetime
    ) -> Mapping[str, int]:
        self.told.append(erasing)
        gone = await connection.execute(
            text("DELETE FROM words WHERE id = ANY(:ids)"),
            {"ids": [item.id for item in erasing.items]},
        )
        if self.fails:
            raise RuntimeError("killed")
        return {"words": gone.rowcount}

    async def count(
        self, _connection: AsyncConnection, erasing: Erasing, _now: datetime
    ) -> Mapping[str, int]:
        return {"nothing": 0, "words": len(erasing.names.identifiers)}

    async def words(self) -> list[str]:
        async with self.platform.engine.connect() as connection:
            rows = await connection.execute(text("SELECT id FROM words ORDER BY id"))
            return [row.id for row in rows]


@pytest.fixture
async def shop(platform: Platform) -> Shop:
    made = Shop(platform)
    await made.subscriber.start()
    async with platform.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE words (id text)"))
        await connection.execute(text("INSERT INTO words VALUES ('f1'), ('f2'), ('f3')"))
    return made


async def test_deletions_tombstones_and_receipt_are_one(shop: Shop) -> None:
    told = erasure(shop.platform, NOW - timedelta(minutes=1), F1, F2, names=NAMES)
    await obey(shop.service, told)
    (erasing,) = shop.told
    assert erasing.names == NAMES
    assert erasing.until == NOW - timedelta(minutes=1)
    assert await shop.words() == ["f3"]
    (receipt,) = await given(shop.platform, shop.service)
    assert counts(receipt) == {"words": 3}, "two deleted, one name; nothing of which there was none"
    assert (receipt.service, receipt.part, receipt.completed_at) == ("shop", 1, NOW)
    assert [(one.place, one.name) for one in receipt.remaining] == [
        ("topic", CASE_EVENT.name),
        ("topic", CASE_EVENT.dlq),
    ]
    assert receipt.remaining[0].until > NOW + CASE_EVENT.retention
    async with shop.platform.engine.connect() as connection:
        item = shop.tombstones.item("acme", "feedback", "crm", "f1")
        assert item in await shop.tombstones.find(connection, [item])


async def test_a_death_before_the_commit_leaves_nothing_and_the_next_try_does_it(
    shop: Shop,
) -> None:
    told = erasure(shop.platform, NOW, F1)
    shop.fails = True
    with pytest.raises(RuntimeError):
        await obey(shop.service, told)
    assert await shop.words() == ["f1", "f2", "f3"]
    assert await given(shop.platform, shop.service) == []
    shop.fails = False
    await obey(shop.service, told)
    assert [counts(one) for one in await given(shop.platform, shop.service)] == [{"words": 1}]


async def test_what_comes_again_is_answered_again_and_not_done_again(shop: Shop) -> None:
    told = erasure(shop.platform, NOW, F1)
    for _ in range(2):
        await obey(shop.service, told, told)
    assert len(shop.told) == 1
    found = await given(shop.platform, shop.service)
    assert len(found) == 4
    assert {one.encode() for one in found} == {found[0].encode()}


async def test_each_part_has_its_receipt(shop: Shop) -> None:
    parts = [erasure(shop.platform, NOW, F1), erasure(shop.platform, NOW, F2, part=2)]
    await obey(shop.service, *parts)
    found = await given(shop.platform, shop.service)
    assert [(one.part, counts(one)) for one in found] == [(1, {"words": 1}), (2, {"words": 1})]


async def test_names_that_do_not_open_here_wait_for_their_key(shop: Shop) -> None:
    told = erasure(shop.platform, NOW, F1, names=NAMES)
    stranger = Shop(shop.platform, SecretBox({"other": b"o" * 32}))
    with pytest.raises(Retryable, match="HEEDFUL_SECRET_KEYS"):
        await obey(stranger.service, told)
    assert await shop.words() == ["f1", "f2", "f3"]


async def test_whoever_is_erased_twice_is_meant_up_to_the_second_time(shop: Shop) -> None:
    name = shop.tombstones.identifier("acme", "x")
    async with shop.platform.engine.begin() as connection:
        for number in range(3):
            await shop.tombstones.put(
                connection, f"e{number}", [name, name], NOW + timedelta(days=number), NOW
            )
        found = (await shop.tombstones.find(connection, [name]))[name]
    assert (found.erasure_id, found.until) == ("e2", NOW + timedelta(days=2))


async def test_tombstones_and_receipts_are_forgotten_in_the_end(shop: Shop) -> None:
    await obey(shop.service, erasure(shop.platform, NOW, F1))
    now = NOW

    def retention(*kept: Kept) -> Retention:
        return Retention("shop", shop.platform.engine, kept, lambda: now)

    loop = retention(*memory(shop.tombstones, 400))
    now = NOW + timedelta(days=399)
    assert await loop.step() == EVERY_S
    item = shop.tombstones.item("acme", "feedback", "crm", "f1")
    async with shop.platform.engine.connect() as connection:
        assert await shop.tombstones.find(connection, [item])
        assert await connection.scalar(text("SELECT count(*) FROM common.erasure_receipt")) == 1
    now = NOW + timedelta(days=401)
    await loop.step()
    async with shop.platform.engine.connect() as connection:
        assert await shop.tombstones.find(connection, [item]) == {}
        assert await connection.scalar(text("SELECT count(*) FROM common.erasure_receipt")) == 0


def batches(sizes: list[int], rules: list[Rule]) -> Callable[..., Any]:
    async def delete(_connection: AsyncConnection, rule: Rule, limit: int) -> int:
        rules.append(rule)
        return min(limit, sizes.pop(0)) if sizes else 0

    return delete


async def test_retention_goes_on_until_a_batch_is_not_full(shop: Shop) -> None:
    rules: list[Rule] = []
    kept = Kept("things", 30, batches([1000, 1000, 1], rules))
    async with shop.platform.engine.begin() as connection:
        await wish(connection, "acme", 10)
        await wish(connection, "other", 20)
        await wish(connection, "other", None)
    loop = Retention("shop", shop.platform.engine, [kept], lambda: NOW)
    assert await loop.step() == EVERY_S
    assert [(rule.tenant, rule.others) for rule in rules] == [
        ("acme", ()),
        ("acme", ()),
        ("acme", ()),
        (None, ("acme",)),
    ]
    endless = Kept("things", 30, batches([1000] * 500, rules))
    assert await Retention("shop", shop.platform.engine, [endless], lambda: NOW).step() == 0.0
