"""Keys in the database: made, rotated, ended."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.errors import ConfigurationError
from heedful.common.quota.policy import Limit, Override
from heedful.common.security import Principal, key_store
from heedful.common.security.addresses import network
from heedful.common.security.key_store import NotRotated
from heedful.common.security.keys import digest
from heedful.common.security.stored_key import KeyTerms, StoredKey
from tests.keys import BY, make_key

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = KeyTerms(
    tenant="shop",
    scopes=frozenset({"cases:read", "cases:write"}),
    name="till 4",
    allowed_ips=(network("203.0.113.0/24"),),
    quota=Override(items=Limit(5, 50)),
)


async def test_a_key_is_kept_as_it_was_made(engine: AsyncEngine) -> None:
    made = await key_store.create(engine, TERMS, NOW, BY)
    kept = await key_store.get(engine, made.stored.id)
    assert kept == made.stored == StoredKey(made.stored.id, TERMS, NOW)
    assert kept.principal == Principal(
        "shop", kept.id, TERMS.scopes, None, TERMS.allowed_ips, TERMS.quota
    )


async def test_only_the_digest_of_a_key_is_kept(engine: AsyncEngine) -> None:
    made = await key_store.create(engine, TERMS, NOW, BY)
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT row_to_json(k)::text FROM common.api_key k"))
        (row,) = rows.scalars()
    assert made.secret not in row
    assert digest(made.secret).hex() in row


@pytest.mark.parametrize(
    ("tenant", "scopes"), [("acme", {"cases"}), ("acme", set()), ("", {"*"}), ("a:b", {"*"})]
)
async def test_a_key_that_could_not_be_configured_cannot_be_stored(
    engine: AsyncEngine, tenant: str, scopes: set[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await key_store.create(engine, KeyTerms(tenant, frozenset(scopes)), NOW, BY)
    assert "hf_" not in str(caught.value)
    assert await key_store.page(engine, None, None, 10) == []


async def test_a_key_is_revoked_once_and_by_its_tenant(engine: AsyncEngine) -> None:
    key_id, _ = await make_key(engine, "shop", {"*"}, NOW)
    assert not await key_store.revoke(engine, key_id, NOW, BY, tenant="other")
    assert await key_store.revoke(engine, key_id, NOW, BY, tenant="shop")
    assert not await key_store.revoke(engine, key_id, NOW, BY)
    assert not await key_store.revoke(engine, "k-unknown", NOW, BY)


async def test_a_key_is_rotated_once_while_it_is_active_and_by_its_tenant(
    engine: AsyncEngine,
) -> None:
    key_id, _ = await make_key(engine, "shop", {"*"}, NOW)
    assert await key_store.rotate(engine, key_id, DAY, NOW, BY, tenant="other") is None
    assert await key_store.rotate(engine, "k-unknown", DAY, NOW, BY) is None
    new = await key_store.rotate(engine, key_id, DAY, NOW, BY, tenant="shop")
    assert new is not None
    with pytest.raises(NotRotated, match=new.stored.id):
        await key_store.rotate(engine, key_id, DAY, NOW, BY)
    await key_store.revoke(engine, new.stored.id, NOW, BY)
    with pytest.raises(NotRotated, match="ended"):
        await key_store.rotate(engine, new.stored.id, DAY, NOW, BY)


async def test_of_two_who_rotate_at_once_one_does(engine: AsyncEngine) -> None:
    key_id, _ = await make_key(engine, "shop", {"*"}, NOW)
    done = await asyncio.gather(
        *(key_store.rotate(engine, key_id, DAY, NOW, BY) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, NotRotated) for one in done) == 3
    assert len(await key_store.page(engine, "shop", None, 10)) == 2


async def test_keys_are_listed_by_tenant_the_newest_first(engine: AsyncEngine) -> None:
    ids = [
        (await make_key(engine, tenant, {"*"}, NOW + number * DAY))[0]
        for number, tenant in enumerate(["shop", "other", "shop", "shop"])
    ]
    first = await key_store.page(engine, "shop", None, 2)
    assert [one.id for one in first] == [ids[3], ids[2]]
    rest = await key_store.page(engine, "shop", (first[-1].created_at, first[-1].id), 2)
    assert [one.id for one in rest] == [ids[0]]
    assert len(await key_store.page(engine, None, None, 10)) == 4


async def test_an_expired_key_is_marked_for_releases_that_know_no_expiry(
    engine: AsyncEngine,
) -> None:
    ended = datetime.now(UTC) - timedelta(minutes=1)
    key_id, _ = await make_key(engine, "shop", {"*"}, ended - DAY, expires_at=ended)
    await key_store.note_used(engine, {})
    kept = await key_store.get(engine, key_id)
    assert kept is not None
    assert kept.revoked_at == ended
