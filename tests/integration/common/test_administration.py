"""Administrative changes wait, in the transaction that makes them, until somebody takes them."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common import administration
from heedful.common.administration import Entry, Subject, note
from heedful.common.quota.policy import Limit, Override
from heedful.common.security import key_store
from heedful.common.security.addresses import network
from heedful.common.security.stored_key import KeyTerms
from tests.integration.waiting_changes import noted
from tests.keys import BY, make_key

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def change(number: int, **told: object) -> Entry:
    subject = Subject("thing", str(number))
    return Entry("shop", BY, "thing.made", subject, after={"names": ["甲", None], **told})


async def test_what_is_taken_is_what_was_noted_in_its_order(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for number in range(5):
            await note(connection, NOW, change(number))
    async with engine.begin() as connection:
        assert await administration.waiting(connection, "shop") == (5, NOW)
        assert await administration.waiting(connection, "other") == (0, None)
        taken = await administration.take(connection, 3)
    assert [one.subject.id for one in taken] == ["0", "1", "2"]
    assert (taken[0].after, taken[0].at, taken[0].actor) == (change(0).after, NOW, BY)
    assert [one.subject.id for one in await noted(engine)] == ["3", "4"]


async def test_each_is_taken_once_and_one_that_is_given_up_is_not_lost(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        for number in range(40):
            await note(connection, NOW, change(number))
    async with engine.connect() as connection:
        await administration.take(connection, 40)
        await connection.rollback()

    async def take() -> list[str]:
        async with engine.begin() as connection:
            return [one.subject.id for one in await administration.take(connection, 15)]

    taken = await asyncio.gather(*(take() for _ in range(4)))
    left = [one.subject.id for one in await noted(engine)]
    assert sorted([*chain.from_iterable(taken), *left]) == sorted(map(str, range(40)))


@pytest.mark.parametrize("number", [2**53, -(2**60), float("inf"), float("nan"), 1e300])
async def test_what_no_chain_takes_is_not_noted(engine: AsyncEngine, number: float) -> None:
    async with engine.begin() as connection:
        with pytest.raises(ValueError, match="larger than"):
            await note(connection, NOW, change(1, deep=[{"number": number}]))
        await note(connection, NOW, change(2, deep=[{"number": 2**53 - 1}]))
    assert len(await noted(engine)) == 1


async def test_a_key_leaves_who_did_what_and_never_the_key(engine: AsyncEngine) -> None:
    terms = KeyTerms(
        "shop",
        frozenset({"cases:read", "enrich"}),
        name="till",
        expires_at=NOW + DAY,
        allowed_ips=(network("203.0.113.0/24"),),
        quota=Override(items=Limit(7, 70)),
    )
    old = await key_store.create(engine, terms, NOW, BY)
    new = await key_store.rotate(engine, old.stored.id, timedelta(hours=1), NOW, BY)
    assert new is not None
    await key_store.revoke(engine, new.stored.id, NOW, BY)
    entries = await noted(engine)
    assert [(one.action, one.subject.id) for one in entries] == [
        ("key.created", old.stored.id),
        ("key.created", new.stored.id),
        ("key.rotated", old.stored.id),
        ("key.revoked", new.stored.id),
    ]
    assert {(one.tenant, one.actor, one.subject.kind, one.at) for one in entries} == {
        ("shop", BY, "key", NOW)
    }
    assert entries[0].after == {
        "name": "till",
        "scopes": ["cases:read", "enrich"],
        "expires_at": (NOW + DAY).isoformat(),
        "allowed_ips": ["203.0.113.0/24"],
        "requests": None,
        "items": {"per_second": 7, "burst": 70},
    }
    assert entries[2].before == {"expires_at": (NOW + DAY).isoformat()}
    ends = (NOW + timedelta(hours=1)).isoformat()
    assert entries[2].after == {"expires_at": ends, "successor": new.stored.id}
    assert (entries[3].before, entries[3].after) == (entries[1].after, None)
    assert old.secret not in str(entries)
    assert new.secret not in str(entries)


async def test_what_was_not_done_leaves_nothing(engine: AsyncEngine) -> None:
    key_id, _ = await make_key(engine, "shop", {"*"}, NOW)
    await key_store.revoke(engine, key_id, NOW, BY, tenant="other")
    await key_store.rotate(engine, "k-unknown", DAY, NOW, BY)
    await key_store.set_key_quota(engine, "k-unknown", Override(), NOW, BY)
    await key_store.revoke(engine, key_id, NOW, BY)
    await key_store.revoke(engine, key_id, NOW, BY)
    actions = [one.action for one in await noted(engine)]
    assert actions == ["key.created", "key.revoked"]


async def test_of_quotas_that_are_set_at_once_each_says_what_the_last_one_left(
    engine: AsyncEngine,
) -> None:
    limits = [Override(items=Limit(number, number)) for number in range(1, 9)]
    await asyncio.gather(
        *(key_store.set_tenant_quota(engine, "shop", one, NOW, BY) for one in limits)
    )
    entries = await noted(engine)
    assert len(entries) == 8
    assert all(one.after == other.before for one, other in pairwise(entries))


async def test_quotas_leave_what_they_were_and_are(engine: AsyncEngine) -> None:
    key_id, _ = await make_key(engine, "shop", {"*"}, NOW)
    first, second = Override(items=Limit(1, 2)), Override(requests=Limit(3, 4))
    await key_store.set_tenant_quota(engine, "shop", first, NOW, BY)
    await key_store.set_tenant_quota(engine, "shop", second, NOW, BY)
    await key_store.set_key_quota(engine, key_id, first, NOW, BY)
    nothing = {"requests": None, "items": None}
    told = {"requests": None, "items": {"per_second": 1, "burst": 2}}
    after = {"requests": {"per_second": 3, "burst": 4}, "items": None}
    assert [
        (one.action, one.subject, one.before, one.after) for one in (await noted(engine))[1:]
    ] == [
        ("quota.set", Subject("quota", "shop"), nothing, told),
        ("quota.set", Subject("quota", "shop"), told, after),
        ("key.quota_set", Subject("key", key_id), nothing, told),
    ]
