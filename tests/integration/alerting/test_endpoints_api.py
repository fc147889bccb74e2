"""`/v1/endpoints` and replay, through the app."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from heedful.alerting.api import deliveries, endpoint_trials, endpoints
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind
from heedful.alerting.endpoints import Endpoints
from heedful.alerting.links import Links
from heedful.alerting.making import EndpointRefused
from heedful.common.http.targets import TargetPolicy
from tests.integration.alerting.calling import calling
from tests.integration.alerting.robots import Robot, Said
from tests.integration.alerting.world import HOUR, KEY, Make, World, enriched, feedback, send
from tests.integration.conftest import OTHER_API_KEY, TENANT

DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=t0ken-of-it"
KINDS = {
    "standard": {"url": "https://ops.example.com/hook"},
    "dingtalk": {"url": DINGTALK, "secret": "SECabcdefgh"},
    "feishu": {
        "url": "https://open.feishu.cn/open-apis/bot/v2/hook/t0ken-of-it",
        "secret": "abcdefgh",
        "keyword": "告警",
    },
    "wecom": {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=t0ken-of-it"},
    "slack": {"url": "https://hooks.slack.com/services/T0/B0/t0ken-of-it"},
    "teams": {"url": "https://x.westeurope.logic.azure.com/workflows/1?sig=t0ken-of-it"},
    "pagerduty": {"url": "https://events.pagerduty.com/v2/enqueue", "secret": "t0ken-of-it"},
    "email": {"url": "mailto:ops@example.com"},
}
TEMPLATE = {"title": "{{ colour_label }}", "text": "{{ bold('到期') }} {{ due }}"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth, accounts = world.platform.auth, world.endpoints()
    routers = [
        endpoints.router(world.database, accounts, auth),
        endpoint_trials.router(world.database, accounts, auth, lambda: None),
        deliveries.router(world.database, auth, lambda: None),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def make_one(client: httpx.AsyncClient, kind: str = "dingtalk", **more: Any) -> Any:
    answer = await client.post("/v1/endpoints", json={"kind": kind, **KINDS[kind], **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", list(KINDS))
async def test_every_kind_is_made_and_shows_no_secret(client: httpx.AsyncClient, kind: str) -> None:
    made = await make_one(client, kind)
    assert bool(made["secret"]) is (kind == "standard")
    shown = await client.get(f"/v1/endpoints/{made['id']}")
    listed = await client.get("/v1/endpoints")
    for answer in (shown.text, listed.text, str({**made, "secret": ""})):
        assert "t0ken-of-it" not in answer
        assert "abcdefgh" not in answer
    preview = await client.post(f"/v1/endpoints/{made['id']}/preview")
    assert preview.status_code == 200
    assert "t0ken-of-it" not in preview.text
    assert "abcdefgh" not in preview.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://127.0.0.1/"}, "bad-url"),
        ({"kind": "dingtalk", "url": "https://evil.example/robot"}, "bad-url"),
        ({"kind": "dingtalk", "url": "https://evildingtalk.com/robot"}, "bad-url"),
        ({"kind": "wecom", "url": "http://qyapi.weixin.qq.com/x"}, "bad-url"),
        ({"kind": "email", "url": "https://example.com/"}, "bad-url"),
        ({"kind": "standard", "url": "https://example.com/", "secret": "mine"}, "bad-secret"),
        ({"kind": "wecom", **KINDS["wecom"], "secret": "mine"}, "bad-secret"),
        ({"kind": "wecom", **KINDS["wecom"], "keyword": "x"}, "bad-secret"),
        ({"kind": "pagerduty", "url": "https://events.pagerduty.com/v2/enqueue"}, "bad-secret"),
        ({**KINDS["standard"], "template": TEMPLATE}, "bad-template"),
        (
            {"kind": "wecom", **KINDS["wecom"], "template": {"title": "x", "text": "{{ nope }}"}},
            "bad-template",
        ),
        ({**KINDS["standard"], "failover": "ep-unknown"}, "bad-failover"),
        ({**KINDS["standard"], "action_links": "mentioned"}, "bad-action-links"),
    ],
)
async def test_what_makes_no_endpoint(
    client: httpx.AsyncClient, body: dict[str, Any], code: str
) -> None:
    answer = await client.post("/v1/endpoints", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(code)


async def test_a_patch_changes_what_it_names(client: httpx.AsyncClient) -> None:
    made = await make_one(client, template=TEMPLATE, keyword="告警")
    path = f"/v1/endpoints/{made['id']}"
    changes = {"language": "en", "audiences": ["board"], "timezone": "UTC", "keyword": None}
    changes |= {"action_links": "mentioned"}
    changed = (await client.patch(path, json=changes)).json()
    expected = {name: value for name, value in made.items() if name != "secret"} | changes
    assert changed == expected
    assert (await client.patch(path, json={"template": None})).json()["template"] is None
    assert (await client.patch(path, json={"kind": "slack"})).status_code == 422
    assert (await client.patch(path, json={"timezone": "Mars"})).status_code == 422
    assert (await client.patch(path, json={"url": "https://evil.example"})).status_code == 422
    client.headers["X-API-Key"] = OTHER_API_KEY
    assert (await client.patch(path, json=changes)).status_code == 404


async def test_links_need_a_place_where_people_reach_alerting(world: World) -> None:
    nowhere = Endpoints(
        world.database,
        world.platform.secrets,
        TargetPolicy(),
        public_url=None,
        links=Links(None, HOUR),
        mail=True,
    )
    wanted = Endpoint("", TENANT, DINGTALK, None, (), True, world.now, EndpointKind.DINGTALK)
    wanted = replace(wanted, action_links=ActionLinks.MENTIONED)
    with pytest.raises(EndpointRefused, match="HEEDFUL_ALERTING__PUBLIC_URL"):
        await nowhere.create(wanted, DINGTALK, None, KEY)


async def test_there_is_one_fallback(client: httpx.AsyncClient) -> None:
    first = await make_one(client, fallback=True)
    second = await make_one(client, "wecom")
    await client.patch(f"/v1/endpoints/{second['id']}", json={"fallback": True})
    items = (await client.get("/v1/endpoints")).json()["items"]
    assert {one["id"]: one["fallback"] for one in items} == {
        first["id"]: False,
        second["id"]: True,
    }


async def test_a_secret_is_rotated(client: httpx.AsyncClient, world: World) -> None:
    made = await make_one(client, "standard")
    path = f"/v1/endpoints/{made['id']}/rotate"
    rotated = (await client.post(path, json={"overlap_seconds": 3600})).json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] is not None
    assert (await client.post(path, json={"overlap_seconds": 0})).json()[
        "previous_secret_until"
    ] is None
    robot = await make_one(client)
    again = f"/v1/endpoints/{robot['id']}/rotate"
    assert (await client.post(again)).status_code == 422
    other = (await client.post(again, json={"secret": "SECother"})).json()
    assert (other["secret"], other["previous_secret_until"]) == ("", None)


async def test_a_preview_sends_nothing(client: httpx.AsyncClient, world: World) -> None:
    made = await make_one(client)
    path = f"/v1/endpoints/{made['id']}/preview"
    shown = (await client.post(path, json={"type": "case.breached", "template": TEMPLATE})).json()
    assert shown["title"] == "红灯"
    assert shown["text"].startswith("**到期** 2026-03-02")
    assert "singleURL" in shown["body"]
    bad = {"template": {"title": "x", "text": "{{ 9 ** 9 }}"}}
    assert (await client.post(path, json=bad)).status_code == 422
    assert await world.query("SELECT 1 FROM alerting.delivery") == []


async def test_a_test_goes_the_way_of_every_notice(
    client: httpx.AsyncClient, world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url)
    sent = await client.post("/v1/endpoints/ep/test")
    assert (sent.status_code, sent.json()["type"]) == (202, "endpoint.test")
    await send(make())
    path = f"/v1/deliveries/{sent.json()['id']}"
    found = (await client.get(path)).json()
    assert (found["state"], found["log"][0]["status"]) == ("delivered", 200)
    assert robot.messages[0]["type"] == "endpoint.test"
    await client.patch("/v1/endpoints/ep", json={"enabled": False})
    assert (await client.post("/v1/endpoints/ep/test")).status_code == 409
    assert (await client.post("/v1/endpoints/none/test")).status_code == 404


async def test_deliveries_are_replayed_by_filter(
    client: httpx.AsyncClient, world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url, endpoint_id="a")
    await world.add_endpoint(robot.url, endpoint_id="b")
    await world.consume(*(enriched(feedback(number)) for number in range(3)))
    robot.usual = Said(500)
    loop = make()
    await send(loop)
    async with world.database.begin() as (connection, _):
        await connection.exec_driver_sql("UPDATE alerting.delivery SET state = 'failed'")
    wanted = {"endpoint_id": "a", "since": (world.now - HOUR).isoformat()}
    nothing = {**wanted, "until": (world.now - HOUR).isoformat()}
    assert (await client.post("/v1/deliveries/replay", json=nothing)).json()["replayed"] == 0
    answer = await client.post("/v1/deliveries/replay", json=wanted)
    assert answer.json() == {"replayed": 3, "more": False}
    robot.usual = Said()
    await send(loop)
    states = await world.query("SELECT endpoint_id, state FROM alerting.delivery")
    assert {(row.endpoint_id, row.state) for row in states} == {("a", "delivered"), ("b", "failed")}
    assert (await client.get("/v1/deliveries/none")).status_code == 404


async def test_enabling_begins_anew(
    client: httpx.AsyncClient, world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url)
    await world.consume(enriched(feedback()))
    robot.usual = Said(410)
    await send(make())
    shown = (await client.get("/v1/endpoints/ep")).json()
    assert (shown["enabled"], shown["disabled_reason"]) == (False, "it answered that it is gone")
    again = (await client.patch("/v1/endpoints/ep", json={"enabled": True})).json()
    assert [again[name] for name in ("enabled", "disabled_reason", "failing_since")] == [
        True,
        None,
        None,
    ]
