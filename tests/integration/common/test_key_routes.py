"""`/v1/keys`: a tenant sees and changes its own keys, within what the asking key is itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from heedful.common.http import key_routes
from heedful.common.quota.policy import Limit, Override
from heedful.common.security import key_store
from heedful.common.security.addresses import network
from heedful.common.service import Platform, Service
from tests.integration.common.world import Shop, client_of, problem
from tests.integration.conftest import OTHER_TENANT, TENANT
from tests.integration.waiting_changes import noted
from tests.keys import make_key

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
MAX_KEYS = 4


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    keys = Service(
        "keys", [key_routes.router(platform.engine, platform.auth, MAX_KEYS, clock=lambda: NOW)]
    )
    async with client_of(platform, [keys, Shop(platform).service()]) as made:
        yield made


async def _as(client: httpx.AsyncClient, platform: Platform, *scopes: str, **terms: Any) -> str:
    """Ask with a stored key from now on. Its id."""
    key_id, key = await make_key(platform.engine, TENANT, {*scopes, "keys:write"}, NOW, **terms)
    client.headers["x-api-key"] = key
    return key_id


async def test_a_key_is_made_shown_once_and_works(client: httpx.AsyncClient) -> None:
    asked = {
        "name": "call centre",
        "scopes": ["cases:read"],
        "expires_at": (NOW + DAY).isoformat(),
        "allowed_ips": ["127.0.0.1"],
    }
    made = await client.post("/v1/keys", json=asked)
    assert made.status_code == 201
    shown = made.json()
    secret = shown.pop("key")
    assert shown == {
        "id": shown["id"],
        "name": "call centre",
        "scopes": ["cases:read"],
        "created_at": NOW.isoformat().replace("+00:00", "Z"),
        "expires_at": (NOW + DAY).isoformat().replace("+00:00", "Z"),
        "revoked_at": None,
        "last_used_at": None,
        "allowed_ips": ["127.0.0.1/32"],
        "successor": None,
    }
    again = await client.get(f"/v1/keys/{shown['id']}")
    assert again.json() == shown
    assert secret not in again.text + (await client.get("/v1/keys")).text
    answer = await client.get("/v1/orders", headers={"X-API-Key": secret})
    assert answer.json() == {"tenant": TENANT, "key_id": shown["id"]}


@pytest.mark.parametrize(
    ("body", "at", "said"),
    [
        ({}, "body.scopes", "is missing"),
        ({"scopes": []}, "body.scopes", "at least 1"),
        ({"scopes": ["cases"]}, "body.scopes", "known scopes are *, "),
        ({"scopes": ["*"], "tenant": "other"}, "body.tenant", "there is no such field"),
        ({"scopes": ["*"], "allowed_ips": ["10.0.0.1/8"]}, "body.allowed_ips", "203.0.113.0/24"),
        ({"scopes": ["*"], "expires_at": "tomorrow"}, "body.expires_at", "ISO 8601"),
    ],
)
async def test_what_is_wrong_is_told(
    client: httpx.AsyncClient, body: dict[str, Any], at: str, said: str
) -> None:
    (error,) = problem(await client.post("/v1/keys", json=body), 422, "invalid")["errors"]
    assert error["at"] == at
    assert said in error["message"]


async def test_a_key_that_has_expired_is_not_made(client: httpx.AsyncClient) -> None:
    body = {"scopes": ["*"], "expires_at": NOW.isoformat()}
    problem(await client.post("/v1/keys", json=body), 422, "invalid")


async def test_a_key_does_not_grant_more_than_it_has(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    await _as(
        client,
        platform,
        "cases:read",
        expires_at=NOW + DAY,
        allowed_ips=(network("127.0.0.0/8"),),
    )
    within = {
        "scopes": ["cases:read"],
        "expires_at": (NOW + DAY).isoformat(),
        "allowed_ips": ["127.0.0.1"],
    }
    assert (await client.post("/v1/keys", json=within)).status_code == 201
    changes: list[dict[str, Any]] = [
        {"scopes": ["*"]},
        {"scopes": ["cases:write"]},
        {"expires_at": None},
        {"allowed_ips": []},
        {"allowed_ips": ["10.0.0.1"]},
    ]
    for more in changes:
        problem(await client.post("/v1/keys", json={**within, **more}), 403, "forbidden")


async def test_a_key_passes_its_quota_on(client: httpx.AsyncClient, platform: Platform) -> None:
    quota = Override(requests=Limit(1, 100))
    await _as(client, platform, "enrich", quota=quota)
    made = (await client.post("/v1/keys", json={"scopes": ["enrich"]})).json()
    kept = await key_store.get(platform.engine, made["id"])
    assert kept is not None
    assert kept.terms.quota == quota


async def test_a_key_is_rotated(client: httpx.AsyncClient) -> None:
    old = (await client.post("/v1/keys", json={"scopes": ["cases:read"], "name": "a"})).json()
    new = await client.post(f"/v1/keys/{old['id']}/rotate", json={"overlap_seconds": 3600})
    assert new.status_code == 201
    assert (new.json()["scopes"], new.json()["name"]) == (["cases:read"], "a")
    kept = (await client.get(f"/v1/keys/{old['id']}")).json()
    assert kept["successor"] == new.json()["id"]
    assert kept["expires_at"] == (NOW + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    problem(await client.post(f"/v1/keys/{old['id']}/rotate"), 409, "not-rotated")


async def test_a_successor_does_not_outlive_who_makes_it(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    old, _ = await make_key(platform.engine, TENANT, {"enrich"}, NOW, expires_at=NOW + 90 * DAY)
    await _as(client, platform, "enrich", expires_at=NOW + DAY)
    new = (await client.post(f"/v1/keys/{old}/rotate")).json()
    assert new["expires_at"] == (NOW + DAY).isoformat().replace("+00:00", "Z")


async def test_a_key_does_not_touch_one_that_can_do_more(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    mighty, _ = await make_key(platform.engine, TENANT, {"*"}, NOW)
    elsewhere, _ = await make_key(platform.engine, TENANT, {"enrich"}, NOW)
    await _as(client, platform, "enrich", allowed_ips=(network("127.0.0.1"),))
    problem(await client.post(f"/v1/keys/{mighty}/rotate"), 403, "forbidden")
    problem(await client.delete(f"/v1/keys/{mighty}"), 403, "forbidden")
    problem(await client.post(f"/v1/keys/{elsewhere}/rotate"), 403, "forbidden")
    assert (await client.delete(f"/v1/keys/{elsewhere}")).status_code == 204


async def test_a_key_is_ended(client: httpx.AsyncClient) -> None:
    made = (await client.post("/v1/keys", json={"scopes": ["enrich"]})).json()
    for _ in range(2):
        assert (await client.delete(f"/v1/keys/{made['id']}")).status_code == 204
    assert (await client.get(f"/v1/keys/{made['id']}")).json()["revoked_at"] is not None


async def test_a_tenant_has_so_many_keys_and_no_more(client: httpx.AsyncClient) -> None:
    made = [await client.post("/v1/keys", json={"scopes": ["enrich"]}) for _ in range(MAX_KEYS)]
    assert {one.status_code for one in made} == {201}
    problem(await client.post("/v1/keys", json={"scopes": ["enrich"]}), 409, "too-many-keys")
    last = made[-1].json()["id"]
    problem(await client.post(f"/v1/keys/{last}/rotate"), 409, "too-many-keys")
    await client.delete(f"/v1/keys/{last}")
    assert (await client.post("/v1/keys", json={"scopes": ["enrich"]})).status_code == 201


async def test_keys_are_listed_page_by_page(client: httpx.AsyncClient, platform: Platform) -> None:
    ids = [
        (await make_key(platform.engine, TENANT, {"enrich"}, NOW + number * DAY))[0]
        for number in range(3)
    ]
    await make_key(platform.engine, OTHER_TENANT, {"enrich"}, NOW)
    first = (await client.get("/v1/keys?limit=2")).json()
    rest = (await client.get(f"/v1/keys?limit=2&cursor={first['next_cursor']}")).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("key_id", ["k-unknown", "%00", "env-12345678"])
async def test_what_there_is_not_is_404(client: httpx.AsyncClient, key_id: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
        problem(await client.request(method, f"/v1/keys/{key_id}{path}"), 404, "not-found")


async def test_without_the_scope_there_is_nothing_to_see(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    _, key = await make_key(platform.engine, TENANT, {"cases:read"}, NOW)
    client.headers["x-api-key"] = key
    problem(await client.get("/v1/keys"), 403, "forbidden")


async def test_the_audit_hears_which_key_made_and_ended_which(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    own = await _as(client, platform, "enrich")
    made = (await client.post("/v1/keys", json={"scopes": ["enrich"]})).json()["id"]
    new = (await client.post(f"/v1/keys/{made}/rotate")).json()["id"]
    await client.delete(f"/v1/keys/{new}")
    _, *entries = await noted(platform.engine)
    assert {(one.actor.type, one.actor.id, one.tenant) for one in entries} == {
        ("system", own, TENANT)
    }
    assert all(one.request_id for one in entries)
    assert [(one.action, one.subject.id) for one in entries] == [
        ("key.created", made),
        ("key.created", new),
        ("key.rotated", made),
        ("key.revoked", new),
    ]
