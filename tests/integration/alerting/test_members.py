"""`/v1/members`: who may change whom, paging, sync, absences, other tenants."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from heedful.alerting.api import members
from heedful.alerting.people import Absence, Member, Position, Present, store
from heedful.alerting.recipients import Recipient
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import HOUR, T0, World, enriched, feedback
from tests.integration.common.world import problem
from tests.integration.conftest import API_KEY, OTHER_API_KEY, TENANT
from tests.keys import make_key
from tests.people import Console

NOW = datetime.now(UTC)
CONSOLE = Console()
WANG: dict[str, Any] = {
    "name": "王芳",
    "position": "lead",
    "teams": ["repair"],
    "handles": {"dingtalk": "13900001234", "feishu": "ou_1"},
    "email": "wang@example.com",
}
LI: dict[str, Any] = {"name": "李四", "position": "agent"}
AWAY = {"from": "2026-03-01T08:00:00+08:00", "until": "2026-03-08T00:00:00+08:00"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    platform = CONSOLE.believed(world.platform, NOW)
    async with calling(
        platform, [members.router(world.database, platform.auth)], faults_are_500=True
    ) as made:
        yield made


async def put(client: httpx.AsyncClient, member_id: str, body: Any, **headers: str) -> Any:
    answer = await client.put(f"/v1/members/{member_id}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    items = (await client.get("/v1/members", params=params)).json()["items"]
    return [one["id"] for one in items]


async def test_a_member_is_made_changed_read_and_removed(client: httpx.AsyncClient) -> None:
    made = await put(client, "wang.fang", WANG)
    assert made == {**WANG, "id": "wang.fang", "deputy": None, "absences": [], "absent": False}
    changed = await put(client, "wang.fang", {**WANG, "teams": ["repair", "repair", "delivery"]})
    assert changed["teams"] == ["repair", "delivery"]
    assert (await client.get("/v1/members/wang.fang")).json() == changed
    assert (await client.delete("/v1/members/wang.fang")).status_code == 204
    for answer in (
        await client.get("/v1/members/wang.fang"),
        await client.delete("/v1/members/wang.fang"),
        await client.put("/v1/members/wang.fang/absences", json={"absences": []}),
    ):
        problem(answer, 404, "not-found")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"name": ""}, "body.name"),
        ({"position": "boss"}, "body.position"),
        ({"email": "nobody"}, "body.email"),
        ({"handles": {"fax": "1"}}, "body.handles"),
        ({"absences": [{"from": AWAY["until"], "until": AWAY["from"]}]}, "body.absences"),
        ({"absences": [{"from": 1}]}, "body.absences"),
        ({"shoe_size": 40}, "body.shoe_size"),
    ],
)
async def test_what_is_no_member_is_refused(
    client: httpx.AsyncClient, change: dict[str, Any], at: str
) -> None:
    answer = await client.put("/v1/members/wang.fang", json={**WANG, **change})
    assert problem(answer, 422, "invalid")["errors"][0]["at"].startswith(at)


async def test_lists_have_pages_and_filters(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await put(client, f"m{number}", {**LI, "teams": ["repair"] if number % 2 else []})
    await put(client, "wang.fang", {**WANG, "teams": ["delivery"]})
    first = (await client.get("/v1/members", params={"limit": 4})).json()
    assert [one["id"] for one in first["items"]] == ["m0", "m1", "m2", "m3"]
    assert await listed(client, limit=4, cursor=first["next_cursor"]) == ["m4", "wang.fang"]
    assert await listed(client, team="repair") == ["m0", "m1", "m2", "m3", "m4"]
    assert await listed(client, team="delivery", position="lead") == ["wang.fang"]
    problem(await client.get("/v1/members", params={"cursor": "x"}), 400, "bad-cursor")


async def test_a_directory_is_synced_whole_or_not_at_all(client: httpx.AsyncClient) -> None:
    await put(client, "old", LI)
    await put(client, "wang.fang", {**WANG, "absences": [AWAY]})
    everybody = [
        {"id": "wang.fang", **WANG, "deputy": "li.si"},
        {"id": "li.si", **LI, "deputy": "wang.fang"},
    ]
    answer = await client.put("/v1/members", json={"members": everybody})
    assert answer.json() == {"created": 1, "updated": 1, "unchanged": 0, "removed": 0}
    assert await listed(client) == ["li.si", "old", "wang.fang"]
    kept = (await client.get("/v1/members/wang.fang")).json()["absences"]
    assert kept[0]["from"] == "2026-03-01T00:00:00Z"
    body = {"members": everybody, "remove_missing": True}
    answer = await client.put("/v1/members", json=body)
    assert answer.json() == {"created": 0, "updated": 0, "unchanged": 2, "removed": 1}
    wrong = {"members": [{"id": "new", **LI}, {"id": "x", **LI, "deputy": "old"}]}
    refused = problem(await client.put("/v1/members", json=wrong), 422, "unknown-deputy")
    assert refused["members"] == ["x"]
    twice = {"members": [{"id": "new", **LI}] * 2}
    problem(await client.put("/v1/members", json=twice), 422, "invalid")
    assert await listed(client) == ["li.si", "wang.fang"]


async def test_who_had_the_removed_one_as_a_deputy_has_none(client: httpx.AsyncClient) -> None:
    await put(client, "li.si", LI)
    await put(client, "wang.fang", {**WANG, "deputy": "li.si"})
    await client.delete("/v1/members/li.si")
    assert (await client.get("/v1/members/wang.fang")).json()["deputy"] is None


@pytest.mark.parametrize(
    ("role", "changes", "absences", "own"),
    [(None, 200, 200, 200), ("agent", 403, 403, 200), ("lead", 403, 200, 200)]
    + [(role, 200, 200, 200) for role in ("manager", "admin")],
)
async def test_a_role_says_whom_one_may_change(
    client: httpx.AsyncClient, role: str | None, changes: int, absences: int, own: int
) -> None:
    body = {"members": [{"id": "li.si", **LI}, {"id": "wang.fang", **WANG}]}
    await client.put("/v1/members", json=body)
    if role is not None:
        client.headers.update(CONSOLE.headers(NOW, role=role))
    changed = [
        await client.put("/v1/members", json=body),
        await client.put("/v1/members/li.si", json=LI),
    ]
    assert [answer.status_code for answer in changed] == [changes] * 2
    away = {"absences": [AWAY]}
    others = await client.put("/v1/members/li.si/absences", json=away)
    assert others.status_code == absences
    mine = await client.put("/v1/members/wang.fang/absences", json=away)
    assert mine.status_code == own
    gone = await client.delete("/v1/members/li.si")
    assert gone.status_code == (204 if changes == 200 else 403)


async def test_a_key_for_cases_sets_absences_of_the_person_it_speaks_for(
    client: httpx.AsyncClient, world: World
) -> None:
    await put(client, "wang.fang", WANG)
    await put(client, "li.si", LI)
    _, key = await make_key(world.platform.engine, TENANT, ["cases:write"], NOW)
    client.headers["x-api-key"] = key
    paths = [f"/v1/members/{one}/absences" for one in ("wang.fang", "li.si")]
    machine = [await client.put(path, json={"absences": []}) for path in paths]
    client.headers.update(CONSOLE.headers(NOW, role="admin"))
    person = [await client.put(path, json={"absences": []}) for path in paths]
    assert [answer.status_code for answer in (*machine, *person)] == [403, 403, 200, 403]


async def test_who_is_away_now_is_shown_and_stood_in_for(
    client: httpx.AsyncClient, world: World
) -> None:
    await put(client, "li.si", LI)
    week = {"from": T0.isoformat(), "until": (T0 + timedelta(days=7)).isoformat()}
    made = await put(client, "wang.fang", {**WANG, "deputy": "li.si", "absences": [week]})
    assert made["absent"] is True
    async with world.database.begin() as (connection, now):
        everybody = (await store.of_tenants(connection, [TENANT, "other"]))[TENANT]
    (told,) = Present(everybody, now).resolve([Recipient.LEAD], None, "repair")
    assert told.id == "li.si"
    (told,) = Present(everybody, now + timedelta(days=7)).resolve([Recipient.LEAD], None, "repair")
    assert told.mention.handles == {
        "dingtalk": "13900001234",
        "feishu": "ou_1",
        "email": "wang@example.com",
    }


async def test_another_tenant_sees_and_changes_none_of_them(client: httpx.AsyncClient) -> None:
    before = await put(client, "wang.fang", WANG)
    client.headers["x-api-key"] = OTHER_API_KEY
    assert await listed(client) == []
    problem(await client.get("/v1/members/wang.fang"), 404, "not-found")
    problem(await client.delete("/v1/members/wang.fang"), 404, "not-found")
    away = await client.put("/v1/members/wang.fang/absences", json={"absences": [AWAY]})
    problem(away, 404, "not-found")
    deputy = await client.put("/v1/members/mine", json={**LI, "deputy": "wang.fang"})
    problem(deputy, 422, "unknown-deputy")
    await put(client, "wang.fang", LI)
    await client.put("/v1/members", json={"members": [], "remove_missing": True})
    problem(await client.get("/v1/members", headers=CONSOLE.headers(NOW)), 403, "forbidden")
    client.headers["x-api-key"] = API_KEY
    assert (await client.get("/v1/members/wang.fang")).json() == before


async def test_every_change_is_audited_once_by_who_made_it(
    client: httpx.AsyncClient, world: World
) -> None:
    client.headers.update(CONSOLE.headers(NOW, role="manager"))
    for _ in range(2):
        await client.put("/v1/members", json={"members": [{"id": "li.si", **LI}]})
    await put(client, "li.si", {**LI, "position": "lead"})
    await client.put("/v1/members/li.si/absences", json={"absences": [AWAY]})
    await client.delete("/v1/members/li.si")
    rows = await world.query("SELECT * FROM alerting.audit_entry ORDER BY position")
    assert [row.action for row in rows] == [
        "member.created",
        "member.changed",
        "member.changed",
        "member.removed",
    ]
    assert {(row.actor_type, row.actor_id) for row in rows} == {("human", "wang.fang")}


async def test_a_notice_calls_who_is_there_for_its_audience(world: World) -> None:
    lead = Member("wang.fang", "王芳", Position.LEAD, deputy="li.si", absences=(Absence(T0),))
    deputy = Member("li.si", "李四", Position.AGENT, deputy="zhao")
    others = [Member("zhao", "赵", Position.AGENT), Member("sun", "孙", Position.AGENT)]
    async with world.database.begin() as (connection, now):
        await store.put(connection, now, TENANT, [lead, deputy, *others])
        reach = await store.within_reach(connection, [TENANT], [])
    assert [one.id for one in reach[TENANT]] == ["li.si", "wang.fang", "zhao"]
    await world.add_endpoint("https://example.com/")
    await world.consume(enriched(feedback()))
    await world.fire_until(T0 + 30 * HOUR)
    rows = await world.query("SELECT event_type, mentions FROM alerting.delivery")
    called = {one["member_id"] for row in rows for one in row.mentions}
    assert called == {"li.si"}
