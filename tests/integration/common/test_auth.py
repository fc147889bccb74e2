"""Who may call: API keys of the settings and of the database."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from heedful.common.errors import ConfigurationError
from heedful.common.http.auth import Authenticator
from heedful.common.security import ApiKeys, keys
from heedful.common.service import Platform
from tests.integration.common.world import Shop, client_of, problem
from tests.integration.conftest import API_KEY, OTHER_API_KEY, OTHER_TENANT, TENANT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
UNKNOWN = "unknown-key"


@pytest.fixture
def client(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that brings no key of its own."""
    del client.headers["x-api-key"]
    return client


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": API_KEY},
        {"x-api-key": f" {API_KEY} "},
        {"Authorization": f"Bearer {API_KEY}"},
        {"Authorization": f"bearer  {API_KEY} "},
        {"X-API-Key": API_KEY, "Authorization": f"Bearer {OTHER_API_KEY}"},
    ],
)
async def test_a_key_is_taken_from_either_header(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.get("/v1/orders", headers=headers)
    assert response.status_code == 200
    assert response.json()["tenant"] == TENANT


async def test_the_key_decides_the_tenant(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/orders", headers={"X-API-Key": OTHER_API_KEY})
    assert response.json()["tenant"] == OTHER_TENANT


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"Authorization": ""},
        {"Authorization": API_KEY},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {API_KEY}"},
    ],
)
async def test_without_a_key_it_is_401_that_says_how_to_give_one(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.get("/v1/orders", headers=headers)
    body = problem(response, 401, "unauthorized")
    assert "X-API-Key" in body["detail"]
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": UNKNOWN},
        {"X-API-Key": " "},
        {"X-API-Key": API_KEY.upper()},
        {"X-API-Key": API_KEY + "x"},
        {"Authorization": f"Bearer {UNKNOWN}"},
        {"X-API-Key": UNKNOWN, "Authorization": f"Bearer {API_KEY}"},
    ],
)
async def test_every_wrong_key_gets_the_same_401(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.get("/v1/orders", headers=headers)
    body = problem(response, 401, "unauthorized")
    assert body["detail"] == "the API key is unknown or revoked"
    assert response.headers["www-authenticate"] == "Bearer"
    assert UNKNOWN not in response.text


async def test_a_key_of_bytes_that_are_no_ascii_is_unknown(client: httpx.AsyncClient) -> None:
    headers = httpx.Headers([(b"x-api-key", "密钥".encode())])
    problem(await client.get("/v1/orders", headers=headers), 401, "unauthorized")


async def test_the_key_is_asked_for_before_the_body_is_judged(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/orders", json={"unknown": 1}), 401, "unauthorized")


@dataclass
class Clock:
    """The time that the cache of keys reads."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(keys, "time", SimpleNamespace(monotonic=made.monotonic))
    return made


def _with(platform: Platform, *configured: str) -> Platform:
    found = ApiKeys([SecretStr(entry) for entry in configured], platform.engine)
    return replace(platform, auth=Authenticator(found))


@pytest.mark.parametrize(
    ("scopes", "answers"),
    [
        ("*", [200, 201, 200]),
        ("cases:read", [200, 403, 200]),
        ("cases:write", [403, 201, 403]),
        ("cases:read+cases:write", [200, 201, 200]),
        ("enrich", [403, 403, 200]),
        ("journey:read", [403, 403, 403]),
    ],
)
async def test_a_scope_opens_its_routes_and_no_other(
    platform: Platform, scopes: str, answers: list[int]
) -> None:
    given = _with(platform, f"acme:scoped-key:{scopes}")
    async with client_of(given, [Shop(given).service()]) as client:
        client.headers["x-api-key"] = "scoped-key"
        found = [
            (await client.get("/v1/orders")).status_code,
            (await client.post("/v1/orders", json={})).status_code,
            (await client.get("/v1/orders/1")).status_code,  # serves two scopes, either will do
        ]
        assert found == answers


async def test_a_missing_scope_is_403_that_names_it(platform: Platform) -> None:
    given = _with(platform, "acme:scoped-key:journey:read")
    async with client_of(given, [Shop(given).service()]) as client:
        client.headers["x-api-key"] = "scoped-key"
        body = problem(await client.post("/v1/orders", json={}), 403, "forbidden")
        assert body["detail"] == "this API key lacks the scope cases:write"
        body = problem(await client.get("/v1/orders/1"), 403, "forbidden")
        assert body["detail"] == "this API key lacks the scope cases:read or enrich"


async def test_a_stored_key_works_with_its_scopes(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    key_id, key = await keys.create(platform.engine, "stored", ["cases:read"], NOW)
    response = await client.get("/v1/orders", headers={"X-API-Key": key})
    assert response.json() == {"tenant": "stored", "key_id": key_id}
    body = problem(
        await client.post("/v1/orders", json={}, headers={"X-API-Key": key}), 403, "forbidden"
    )
    assert "cases:write" in body["detail"]


async def test_only_the_digest_of_a_stored_key_is_kept(platform: Platform) -> None:
    _, key = await keys.create(platform.engine, "stored", ["*"], NOW)
    async with platform.engine.connect() as connection:
        rows = await connection.execute(text("SELECT row_to_json(k)::text FROM common.api_key k"))
        (row,) = rows.scalars()
    assert key not in row
    assert keys.digest(key).hex() in row


async def test_no_two_stored_keys_are_alike(platform: Platform) -> None:
    made = [await keys.create(platform.engine, "stored", ["*"], NOW) for _ in range(3)]
    assert len({key_id for key_id, _ in made}) == len({key for _, key in made}) == 3


async def test_created_and_revoked_keys_take_effect_within_ten_seconds(
    client: httpx.AsyncClient, platform: Platform, clock: Clock
) -> None:
    async def status(key: str) -> int:
        return (await client.get("/v1/orders", headers={"X-API-Key": key})).status_code

    assert await status(UNKNOWN) == 401  # the stored keys are read, there are none
    key_id, key = await keys.create(platform.engine, "stored", ["*"], NOW)
    clock.now += 10.1
    assert await status(key) == 200
    assert await keys.revoke(platform.engine, key_id, NOW)
    clock.now += 9.9
    assert await status(key) == 200  # the database is not asked on every request
    clock.now += 0.2
    assert await status(key) == 401


async def test_a_configured_key_needs_no_database(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    async with platform.engine.begin() as connection:
        await connection.execute(text("DROP TABLE common.api_key"))
    headers = {"X-API-Key": API_KEY}
    assert (await client.get("/v1/orders", headers=headers)).status_code == 200
    unknown = await client.get("/v1/orders", headers={"X-API-Key": UNKNOWN})
    problem(unknown, 503, "unavailable")


async def test_a_key_is_revoked_once(platform: Platform) -> None:
    key_id, _ = await keys.create(platform.engine, "stored", ["*"], NOW)
    assert await keys.revoke(platform.engine, key_id, NOW) is True
    assert await keys.revoke(platform.engine, key_id, NOW) is False
    assert await keys.revoke(platform.engine, "k-unknown", NOW) is False


@pytest.mark.parametrize(
    ("tenant", "scopes"), [("acme", ["cases"]), ("acme", []), ("", ["*"]), ("a:b", ["*"])]
)
async def test_a_key_that_could_not_be_configured_cannot_be_stored(
    platform: Platform, tenant: str, scopes: list[Any]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await keys.create(platform.engine, tenant, scopes, NOW)
    assert "hf_" not in str(caught.value)
    async with platform.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM common.api_key")) == 0
