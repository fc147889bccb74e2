"""`/v1/audit`: who changed what, found by who, what, which and when."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from heedful.alerting.api import audit, endpoint_trials, endpoints
from heedful.alerting.audit import record
from tests.integration.alerting.auditing import Audit, change
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import HOUR, T0, World
from tests.integration.conftest import OTHER_API_KEY, OTHER_TENANT

URL = "https://robots.example.com/hooks/s3cret?key=k3y"


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth = world.platform.auth
    routers = [
        audit.router(world.database, auth),
        endpoints.router(world.database, world.endpoints(), auth),
        endpoint_trials.router(world.database, world.endpoints(), auth, lambda: None),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def listed(client: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/audit", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_endpoint_comes_and_goes(world: World, client: httpx.AsyncClient) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    made = await client.post(
        "/v1/endpoints",
        json={"url": URL},
        headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"},
    )
    id_ = made.json()["id"]
    await client.delete(f"/v1/endpoints/{id_}")
    deleted, created = await listed(client)
    assert [one["action"] for one in (deleted, created)] == ["endpoint.deleted", "endpoint.created"]
    assert created["subject"] == deleted["subject"] == {"kind": "endpoint", "id": id_}
    assert created["request_id"] == trace
    assert created["actor"]["type"] == "system"
    assert (created["before"], deleted["after"]) == (None, None)
    assert created["after"] == deleted["before"]
    assert created["after"]["target"] == "https://robots.example.com"
    assert await Audit(world).faults() == []
    for secret in ("s3cret", "k3y", made.json()["secret"]):
        assert secret not in str([deleted, created])


async def test_what_was_changed_is_told_from_what_to_what(
    world: World, client: httpx.AsyncClient
) -> None:
    id_ = (await client.post("/v1/endpoints", json={"url": URL})).json()["id"]
    where = f"/v1/endpoints/{id_}"
    assert (await client.patch(where, json={"url": f"{URL}2", "enabled": False})).is_success
    assert (await client.post(f"{where}/rotate")).is_success
    rotated, changed, _ = await listed(client, subject_id=id_)
    differs = {name for name, was in changed["before"].items() if was != changed["after"][name]}
    assert differs >= {"enabled", "url_sha256"}
    assert rotated["action"] == "endpoint.rotated"
    assert "s3cret" not in str([rotated, changed])
    assert await Audit(world).faults() == []


async def test_what_was_refused_leaves_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/endpoints", json={"url": "http://127.0.0.1/"})).is_error
    assert (await client.delete("/v1/endpoints/ep-nothing")).status_code == 404
    assert await listed(client) == []


@pytest.fixture
async def changes(world: World) -> None:
    """Seven in as many hours, and one of another tenant."""
    for number in range(7):
        async with world.database.begin() as (connection, now):
            await record(connection, now, change(number))
        world.now += HOUR
    async with world.database.begin() as (connection, now):
        await record(connection, now, change(0, OTHER_TENANT))


@pytest.mark.usefixtures("changes")
@pytest.mark.parametrize(
    ("asked", "positions"),
    [
        ({}, [7, 6, 5, 4, 3, 2, 1]),
        ({"subject_kind": "endpoint", "subject_id": "ep-2"}, [3]),
        ({"subject_kind": "calendar"}, []),
        ({"actor": "staff-17", "action": "endpoint.created", "limit": 2}, [7, 6]),
        ({"actor": "nobody"}, []),
        ({"since": (T0 + 2 * HOUR).isoformat(), "until": (T0 + 4 * HOUR).isoformat()}, [4, 3]),
    ],
)
async def test_entries_are_found(
    client: httpx.AsyncClient, asked: dict[str, Any], positions: list[int]
) -> None:
    assert [one["position"] for one in await listed(client, **asked)] == positions


@pytest.mark.usefixtures("changes")
async def test_pages_lead_through_all_of_them(client: httpx.AsyncClient) -> None:
    seen, asked = [], {"limit": "3"}
    while True:
        page = (await client.get("/v1/audit", params=asked)).json()
        seen += [one["position"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    for bad in ("x", "WyIxIiwiMiJd", "WyJ4Il0", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ"):
        assert (await client.get("/v1/audit", params={"cursor": bad})).status_code == 400


@pytest.mark.usefixtures("changes")
async def test_a_tenant_sees_its_own_alone(client: httpx.AsyncClient) -> None:
    client.headers["X-API-Key"] = OTHER_API_KEY
    assert [one["position"] for one in await listed(client)] == [1]
