"""The HTTP side, through the app that `serve` builds the same way."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from heedful.alerting.api import (
    board,
    case_steps,
    cases,
    deliveries,
    endpoint_trials,
    endpoints,
)
from tests.integration.alerting.calling import calling
from tests.integration.alerting.signals import show, signal
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
)
from tests.integration.conftest import OTHER_API_KEY

RED = feedback()
ID = case_id(RED)
PLAN = {"owner": "li.wei", "action": "replace the part", "due": "2026-03-03T08:00:00+08:00"}
LANDING = {"root_cause": "supplier", "action_taken": "part replaced"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth = world.platform.auth
    routers = [
        cases.router(world.database, auth),
        case_steps.router(world.database, world.actions, auth),
        board.router(world.database, auth),
        endpoints.router(world.database, world.endpoints(), auth),
        endpoint_trials.router(world.database, world.endpoints(), auth, lambda: None),
        deliveries.router(world.database, auth, lambda: None),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def act(client: httpx.AsyncClient, step: str, body: Any = None) -> httpx.Response:
    return await client.post(f"/v1/cases/{ID}/{step}", json=body)


async def test_the_whole_way_of_a_case(world: World, client: httpx.AsyncClient) -> None:
    await world.consume(enriched(RED))
    acknowledged = (await act(client, "acknowledge")).json()
    assert acknowledged["state"] == "acknowledged"
    assert acknowledged["clocks"][0]["result"] == "running"
    assert acknowledged["events"][-1]["actor"]["type"] == "system"
    world.now = T0 + HOUR
    planned = (await act(client, "plan", PLAN)).json()
    assert (planned["owner"], planned["action_due"]) == ("li.wei", "2026-03-03T00:00:00Z")
    landed = (await act(client, "land", LANDING)).json()
    assert landed["root_cause"] == "supplier"
    refused = await act(client, "close", {"note": "thanked"})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "not-answered")
    await world.consume(contact())
    closed = (await act(client, "close", {"note": "thanked"})).json()
    assert closed["state"] == "closed"
    assert [event["kind"] for event in closed["events"]] == [
        "opened",
        "acknowledged",
        "planned",
        "landed",
        "responded",
        "closed",
    ]
    results = {clock["metric"]: clock["result"] for clock in closed["clocks"]}
    assert results == {"respond": "met", "plan": "met", "land": "met"}
    await world.kinds(ID)


async def test_a_wrong_transition_names_the_right_states(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(RED))
    answer = await act(client, "land", LANDING)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"].endswith("/wrong-state")
    assert problem["allowed"] == ["planned", "in_progress"]
    assert problem["state"] == "new"
    assert "planned or in_progress" in problem["detail"]
    assert await world.kinds(ID) == [("opened", None)]


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("plan", {**PLAN, "owner": " "}),
        ("plan", {"owner": "li", "action": "x"}),
        ("plan", {**PLAN, "due": "2026-03-03T08:00:00"}),
        ("land", {"root_cause": "x"}),
        ("close", {"note": "a\x00b"}),
        ("acknowledge", {"other": 1}),
    ],
)
async def test_bodies_that_lack_something(
    world: World, client: httpx.AsyncClient, step: str, body: dict[str, str]
) -> None:
    await world.consume(enriched(RED))
    assert (await act(client, step, body)).status_code == 422


async def test_tenants_do_not_see_each_other(world: World, client: httpx.AsyncClient) -> None:
    await world.consume(enriched(RED))
    client.headers["X-API-Key"] = OTHER_API_KEY
    assert (await client.get(f"/v1/cases/{ID}")).status_code == 404
    assert (await act(client, "acknowledge")).status_code == 404
    assert (await client.get("/v1/cases")).json()["items"] == []
    assert (await client.get("/v1/board")).json()["cases"] == 0
    assert await world.kinds(ID) == [("opened", None)]


async def test_lists_page_through_everything(world: World, client: httpx.AsyncClient) -> None:
    reds = [feedback(number) for number in range(25)]
    await world.consume(*map(enriched, reds))
    seen, cursor = [], None
    while True:
        params = {"limit": 10, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/cases", params=params)).json()
        seen += [
            (item["feedback"][0]["source"], item["feedback"][0]["id"]) for item in page["items"]
        ]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted((red.source, red.id) for red in reds)
    item = page["items"][0]
    assert item["deadlines"]["respond"] == "2026-03-02T08:00:00Z"
    assert item["reasons"][0]["label_zh"] == "起火"


async def test_filters(world: World, client: httpx.AsyncClient) -> None:
    await world.consume(enriched(RED), enriched(feedback(2)), feedback(3))
    await act(client, "acknowledge")
    world.now = T0 + HOUR
    await world.watch.step()
    for params, count in (
        ({"state": "acknowledged"}, 1),
        ({"state": "new"}, 2),
        ({"colour": "grey"}, 1),
        ({"colour": "red", "state": "new"}, 1),
    ):
        assert len((await client.get("/v1/cases", params=params)).json()["items"]) == count
    assert (await client.get("/v1/cases", params={"state": "lost"})).status_code == 422
    for cursor in ("xyz", "WyJhIiwiYiJd", "WyIyMDI2LTAzLTAxIiwiYiJd"):
        assert (await client.get("/v1/cases", params={"cursor": cursor})).status_code == 400


async def test_the_board(world: World, client: httpx.AsyncClient) -> None:
    """Four cases: one answered in time, one landed late, all older than 72 h but the last."""
    world.now = T0
    reds = [
        feedback(1),
        feedback(2, identifiers=()),
        feedback(3, identifiers=()),
        feedback(4, identifiers=(), received_at=T0 + 60 * HOUR),
    ]
    await world.consume(*map(enriched, reds))
    await world.consume(contact())
    assert (await act(client, "acknowledge")).status_code == 200
    world.now = T0 + 73 * HOUR
    await act(client, "plan", PLAN)
    await act(client, "land", LANDING)
    found = (await client.get("/v1/board")).json()
    assert found["cases"] == 4
    assert found["states"]["landed"] == 1
    assert found["states"]["new"] == 3
    assert found["overdue"] == {"respond": 2, "plan": 2, "land": 2, "next_reply": 0}
    assert found["responded_in_time"] == {"share": 1 / 3, "n": 3}
    assert found["planned_in_time"] == {"share": 0.0, "n": 3}
    assert found["landed_late"] == {"share": 1.0, "n": 3}
    upcoming = [(one["case_id"], one["metric"]) for one in found["next_to_breach"]]
    assert upcoming == [(case_id(reds[3]), metric) for metric in ("respond", "plan", "land")]


async def test_endpoints(world: World, client: httpx.AsyncClient) -> None:
    body = {"url": "https://hooks.example.com/x", "events": ["case.breached"]}
    made = await client.post("/v1/endpoints", json=body)
    assert made.status_code == 201
    endpoint = made.json()
    assert endpoint["secret"].startswith("whsec_")
    listed = (await client.get("/v1/endpoints")).json()["items"]
    assert [one["id"] for one in listed] == [endpoint["id"]]
    assert "secret" not in listed[0]
    assert "secret" not in (await client.get(f"/v1/endpoints/{endpoint['id']}")).json()
    (row,) = await world.query("SELECT sealed FROM alerting.endpoint")
    opened = world.platform.secrets.open(bytes(row.sealed), f"endpoint:{endpoint['id']}")
    assert opened.decode() == endpoint["secret"]
    assert endpoint["secret"].encode() not in bytes(row.sealed)

    await world.consume(enriched(RED))
    await world.fire_until(T0 + 25 * HOUR)
    found = (await client.get("/v1/deliveries", params={"case_id": ID})).json()["items"]
    assert [one["type"] for one in found] == ["case.breached"]

    gone = f"/v1/endpoints/{endpoint['id']}"
    assert (await client.delete(gone)).status_code == 204
    assert (await client.delete(gone)).status_code == 404
    (after,) = (await client.get("/v1/deliveries", params={"state": "discarded"})).json()["items"]
    answer = await client.post(f"/v1/deliveries/{after['id']}/replay")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://169.254.169.254/x", "ftp://example.com/", "nonsense!"]
)
async def test_refused_endpoints(client: httpx.AsyncClient, url: str) -> None:
    assert (await client.post("/v1/endpoints", json={"url": url})).status_code == 422


async def test_replay(world: World, client: httpx.AsyncClient) -> None:
    await world.add_endpoint("https://hooks.example.com/x")
    await world.consume(enriched(RED))
    (one,) = (await client.get("/v1/deliveries")).json()["items"]
    world.now = T0 + HOUR
    again = await client.post(f"/v1/deliveries/{one['id']}/replay")
    assert again.status_code == 202
    assert again.json()["due_at"] == "2026-03-01T09:00:00Z"
    assert (await client.post("/v1/deliveries/none/replay")).status_code == 404


async def test_keys_and_scopes(world: World, client: httpx.AsyncClient) -> None:
    client.headers["X-API-Key"] = "wrong"
    for path in ("/v1/cases", "/v1/board", "/v1/endpoints", "/v1/deliveries"):
        assert (await client.get(path)).status_code == 401


async def test_a_case_shows_its_signals(world: World, client: httpx.AsyncClient) -> None:
    shown = signal(feedback(1), feedback(2), confidence=0.8)
    await show(world, shown)
    (case,) = (await client.get("/v1/cases")).json()["items"]
    found = (await client.get(f"/v1/cases/{case['id']}")).json()
    assert found["signals"] == [
        {
            "id": "signal-1",
            "kind": "repeated_contact",
            "label_zh": "同一问题多次联系",
            "label_en": "Repeated contact on one matter",
            "colour": "red",
            "confidence": 0.8,
            "summary_zh": shown.summary_zh,
            "summary_en": shown.summary_en,
            "detected_at": "2026-03-01T08:00:00Z",
            "taken_at": "2026-03-01T08:00:00Z",
            "outcome": "opened",
            "customer_id": "customer-1",
            "evidence": [
                {"kind": "feedback", "source": "calls", "id": "f1"},
                {"kind": "feedback", "source": "calls", "id": "f2"},
            ],
        }
    ]
    (opened,) = found["events"]
    assert opened["detail"] == {"signal": "signal-1", "signal_kind": "repeated_contact"}
