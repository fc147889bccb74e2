"""Who may call: API keys of the settings and of the database."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from heedful.common.http.auth import Authenticator
from heedful.common.security.key_ring import ApiKeys
from heedful.common.service import Platform
from tests.integration.common.world import Shop, client_of, problem
from tests.integration.conftest import API_KEY, OTHER_API_KEY, OTHER_TENANT, TENANT
from tests.keys import make_key

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
    assert body["detail"] == "the API key is unknown, revoked or expired"
    assert response.headers["www-authenticate"] == "Bearer"
    assert UNKNOWN not in response.text


async def test_a_key_of_bytes_that_are_no_ascii_is_unknown(client: httpx.AsyncClient) -> None:
    headers = httpx.Headers([(b"x-api-key", "密钥".encode())])
    problem(await client.get("/v1/orders", headers=headers), 401, "unauthorized")


async def test_the_key_is_asked_for_before_the_body_is_judged(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/orders", json={"unknown": 1}), 401, "unauthorized")


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
    key_id, key = await make_key(platform.engine, "stored", ["cases:read"], NOW)
    response = await client.get("/v1/orders", headers={"X-API-Key": key})
    assert response.json() == {"tenant": "stored", "key_id": key_id}
    body = problem(
        await client.post("/v1/orders", json={}, headers={"X-API-Key": key}), 403, "forbidden"
    )
    assert "cases:write" in body["detail"]


async def test_a_configured_key_needs_no_database(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    async with platform.engine.begin() as connection:
        await connection.execute(text("DROP TABLE common.api_key"))
    headers = {"X-API-Key": API_KEY}
    assert (await client.get("/v1/orders", headers=headers)).status_code == 200
    unknown = await client.get("/v1/orders", headers={"X-API-Key": UNKNOWN})
    problem(unknown, 503, "unavailable")
