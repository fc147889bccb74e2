"""Issues through the API: who may do what, and what comes of it on every case."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from heedful.alerting import work
from heedful.alerting.actions import Seen
from heedful.alerting.api import board, cases, issue_steps, issues
from heedful.alerting.states import State
from heedful.alerting.webhook import EventType
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.calling import calling
from tests.integration.alerting.storms import begin, children, id_of, ids, like, robot, types
from tests.integration.alerting.world import HOUR, KEY, T0, World
from tests.integration.common.world import problem
from tests.integration.conftest import OTHER_API_KEY
from tests.people import Console

NOW = datetime.now(UTC)
CONSOLE = Console()
PLAN = {"owner": "li", "action": "recall the part", "due": "2026-03-03T08:00:00Z"}
LEAD = CONSOLE.headers(NOW)
REPLY = {"text": "我们正在召回，明天给您回电"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    platform = CONSOLE.believed(world.platform, NOW)
    routers = [
        issues.router(world.database, platform.auth),
        issue_steps.router(world.database, world.steering, platform.auth),
        cases.router(world.database, platform.auth),
        board.router(world.database, platform.auth),
    ]
    async with calling(platform, routers) as made:
        yield made


async def entries(world: World) -> list[str]:
    rows = await world.query(
        "SELECT action FROM alerting.audit_entry WHERE subject_kind = 'issue' ORDER BY position"
    )
    return [row.action for row in rows]


def kinds(issue: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in issue["timeline"]]


async def test_an_issue_is_shown_with_its_cases(world: World, client: httpx.AsyncClient) -> None:
    issue_id = await begin(world, 6)
    (listed,) = (await client.get("/v1/issues", params={"open": True})).json()["items"]
    assert listed["cases"] == {"all": 6, "unsettled": 6, "red": 6}
    shown = (await client.get(f"/v1/issues/{issue_id}")).json()
    assert sorted(one["case_id"] for one in shown["children"]) == ids(6)
    assert (shown["states"], kinds(shown)) == ({"new": 6}, ["opened"])
    assert (await client.get(f"/v1/cases/{id_of(0)}")).json()["issue_id"] == issue_id
    assert (await client.get("/v1/cases")).json()["items"][0]["issue_id"] == issue_id
    assert (await client.get("/v1/board")).json()["issues"] == 1
    assert (await client.get("/v1/issues", params={"open": False})).json()["items"] == []
    assert (await client.get("/v1/issues", params={"topic": "other"})).json()["items"] == []


async def test_lists_page_through_everything(world: World, client: httpx.AsyncClient) -> None:
    for number in range(3):
        await world.consume(like(number, region=f"r{number}"))
        world.now += HOUR
        await client.post("/v1/issues", json={"case_ids": [id_of(number)]})
    page = (await client.get("/v1/issues", params={"limit": 2})).json()
    cursor = {"cursor": page["next_cursor"], "limit": 2}
    rest = (await client.get("/v1/issues", params=cursor)).json()
    regions = [one["region"] for one in page["items"] + rest["items"]]
    assert (regions, rest["next_cursor"]) == (["r2", "r1", "r0"], None)


async def test_a_plan_covers_its_cases_and_those_that_join(
    world: World, client: httpx.AsyncClient
) -> None:
    """One has a plan of its own, one waits for the customer, one is settled."""
    issue_id = await begin(world, 6)
    own, waits, gone, *others = (id_of(number) for number in range(6))
    for case in (own, waits):
        await world.acknowledge(case, KEY)
    await world.plan(own, KEY, "call back")
    await pause(world, waits)
    await dismiss(world, gone)
    world.now = T0 + HOUR
    answer = await client.post(f"/v1/issues/{issue_id}/plan", json=PLAN, headers=LEAD)
    assert answer.json()["plan"] == {
        **PLAN,
        "at": "2026-03-01T09:00:00Z",
        "actor": {"type": "human", "id": "wang.fang"},
    }
    world.now = T0 + 2 * HOUR
    await world.issue_work.step()
    for case in others:
        stored = await world.case(case)
        plan = next(one for one in stored.clocks if one.metric == "plan")
        assert (plan.fulfilled_at, plan.fulfilled_by) == (T0 + HOUR, "human:wang.fang")
        assert (stored.action, stored.action_owner) == ("recall the part", "li")
        assert await world.kinds(case) == [
            ("opened", None),
            ("acknowledged", None),
            ("planned", "plan"),
        ]
    assert (await world.case(own)).action == "call back"
    assert (await world.case(gone)).action is None
    assert (await world.case(waits)).action is None
    await world.consume(like(7, at=world.now))
    await world.issue_work.step()
    assert (await world.case(id_of(7))).action == "recall the part"
    await resume(world, waits)
    world.now += HOUR
    await world.issue_work.step()
    assert (await world.case(waits)).action == "recall the part"
    assert await world.query("SELECT 1 FROM alerting.issue_task") == []
    assert await entries(world) == ["issue.planned"]


async def test_an_answer_becomes_a_reply_for_each_customer_and_answers_none(
    world: World, client: httpx.AsyncClient
) -> None:
    await robot(world)
    system = await robot(world, EventType.REPLY_WANTED)
    issue_id = await begin(world)
    await dismiss(world, id_of(0))
    machine = await client.post(f"/v1/issues/{issue_id}/answers", json=REPLY)
    problem(machine, 403, "not-allowed")
    for _ in range(2):
        answer = await client.post(f"/v1/issues/{issue_id}/answers", json=REPLY, headers=LEAD)
        assert answer.status_code == 200
    await world.issue_work.step()
    await world.issue_work.step()
    assert await types(world, system) == ["case.reply.wanted"] * 8
    replies = await world.query(
        "SELECT case_id, note, detail FROM alerting.case_event WHERE kind = 'reply_wanted'"
    )
    assert sorted({row.case_id for row in replies}) == sorted(set(ids(5)) - {id_of(0)})
    assert {row.note for row in replies} == {REPLY["text"]}
    assert len({row.detail["answer"] for row in replies}) == 2
    bodies = await world.query(
        "SELECT CAST(convert_from(body, 'UTF8') AS jsonb) AS body FROM alerting.delivery"
        " WHERE endpoint_id = :system",
        system=system,
    )
    assert {row.body["data"]["text"] for row in bodies} == {REPLY["text"]}
    assert {row.body["data"]["feedback"]["id"] for row in bodies} == {"f1", "f2", "f3", "f4"}
    for case in ids(5)[1:]:
        respond = (await world.case(case)).clocks[0]
        assert respond.fulfilled_at is None
    assert await entries(world) == ["issue.answered"] * 2


async def test_a_lead_makes_an_issue_and_more_of_the_same_joins(
    world: World, client: httpx.AsyncClient
) -> None:
    endpoint = await robot(world)
    await world.consume(*map(like, range(2)))
    made = await client.post("/v1/issues", json={"case_ids": ids(2)}, headers=LEAD)
    assert (made.status_code, made.json()["topic"]) == (201, "vehicle.brake")
    issue_id = made.json()["id"]
    await world.consume(like(2))
    assert await children(world, issue_id) == ids(3)
    assert await types(world, endpoint) == ["case.opened"] * 2
    again = await client.post("/v1/issues", json={"case_ids": [id_of(2)]}, headers=LEAD)
    assert problem(again, 409, "issue-there")["issue_id"] == issue_id
    assert await entries(world) == ["issue.opened"]


async def test_cases_about_different_things_have_a_title_and_nothing_joins(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(like(0), like(1, topic="vehicle.engine"))
    body = {"case_ids": [id_of(0), id_of(1)], "title": "recall"}
    made = (await client.post("/v1/issues", json=body, headers=LEAD)).json()
    assert (made["topic"], made["title"], made["cases"]["all"]) == (None, "recall", 2)
    await world.consume(like(2))
    assert await children(world, made["id"]) == sorted([id_of(0), id_of(1)])


async def test_what_is_taken_out_tells_of_itself_and_stays_out(
    world: World, client: httpx.AsyncClient
) -> None:
    endpoint = await robot(world)
    issue_id = await begin(world)
    world.now = T0 + HOUR
    await world.storms.step()
    out = f"/v1/issues/{issue_id}/cases/{id_of(0)}"
    assert (await client.delete(out, headers=LEAD)).status_code == 204
    problem(await client.delete(out, headers=LEAD), 404, "not-found")
    before = await types(world, endpoint)
    world.now += HOUR
    await world.acknowledge(id_of(0), KEY)
    await dismiss(world, id_of(0))
    await world.actions.reopen(Seen("acme", id_of(0)), KEY, None)
    assert (await types(world, endpoint))[len(before) :] == ["case.reopened"]
    assert id_of(0) not in await children(world, issue_id)
    shown = (await client.get(f"/v1/issues/{issue_id}")).json()
    assert kinds(shown) == ["case_removed", "told", "opened"]
    added = await client.post(
        f"/v1/issues/{issue_id}/cases", json={"case_ids": [id_of(0)]}, headers=LEAD
    )
    assert problem(added, 409, "cases-taken")["cases"] == [id_of(0)]


async def test_once_closed_its_cases_tell_of_themselves(
    world: World, client: httpx.AsyncClient
) -> None:
    endpoint = await robot(world)
    issue_id = await begin(world)
    closed = await client.post(f"/v1/issues/{issue_id}/close", headers=LEAD)
    assert closed.json()["closed_at"] == "2026-03-01T08:00:00Z"
    assert (await client.get(f"/v1/cases/{id_of(0)}")).json()["issue_id"] is None
    await world.storms.step()
    assert await types(world, endpoint) == ["issue.closed"]
    world.now = T0 + HOUR
    for case in ids(5):
        await dismiss(world, case)
        await world.actions.reopen(Seen("acme", case), KEY, None)
    assert (await types(world, endpoint))[1:5] == ["case.reopened"] * 4
    assert len((await client.get("/v1/issues")).json()["items"]) == 2
    for step, body in (("plan", PLAN), ("answers", REPLY), ("close", None)):
        late = await client.post(f"/v1/issues/{issue_id}/{step}", json=body, headers=LEAD)
        problem(late, 409, "issue-closed")
    assert await entries(world) == ["issue.closed"]


async def test_what_is_added_leaves_its_notices_to_the_issue(
    world: World, client: httpx.AsyncClient
) -> None:
    endpoint = await robot(world)
    issue_id = await begin(world)
    await world.consume(like(9, topic=None))
    body = {"case_ids": [id_of(9)]}
    added = await client.post(f"/v1/issues/{issue_id}/cases", json=body, headers=LEAD)
    assert added.json()["cases"]["all"] == 6
    taken = await client.post("/v1/issues", json=body, headers=LEAD)
    assert problem(taken, 409, "cases-taken")["cases"] == [id_of(9)]
    world.now = T0 + HOUR
    await world.storms.step()
    before = await types(world, endpoint)
    await world.acknowledge(id_of(9), KEY)
    await dismiss(world, id_of(9))
    await world.actions.reopen(Seen("acme", id_of(9)), KEY, None)
    assert await types(world, endpoint) == before


async def test_who_may_and_what_there_is_not(world: World, client: httpx.AsyncClient) -> None:
    issue_id = await begin(world)
    agent = CONSOLE.headers(NOW, role="agent")
    problem(
        await client.post(f"/v1/issues/{issue_id}/plan", json=PLAN, headers=agent),
        403,
        "role-required",
    )
    assert (await client.post(f"/v1/issues/{issue_id}/plan", json=PLAN)).status_code == 200
    problem(await client.get("/v1/issues/none"), 404, "not-found")
    unknown = await client.post("/v1/issues", json={"case_ids": ["none"]}, headers=LEAD)
    assert problem(unknown, 422, "unknown-cases")["cases"] == ["none"]
    theirs = {"X-API-Key": OTHER_API_KEY}
    assert (await client.get(f"/v1/issues/{issue_id}", headers=theirs)).status_code == 404
    assert (await client.get("/v1/issues", headers=theirs)).json()["items"] == []
    mine = {"case_ids": [id_of(0)]}
    problem(await client.post("/v1/issues", json=mine, headers=theirs), 422, "unknown-cases")


async def test_a_customer_who_was_erased_is_not_replied_to(
    world: World, client: httpx.AsyncClient
) -> None:
    system = await robot(world, EventType.REPLY_WANTED)
    issue_id = await begin(world)
    await client.post(f"/v1/issues/{issue_id}/answers", json=REPLY, headers=LEAD)
    async with world.platform.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE alerting.cases SET erased_at = now() WHERE id = '{id_of(0)}'"  # noqa: S608
        )
    await world.issue_work.step()
    assert len(await types(world, system)) == 4


async def pause(world: World, case: str) -> None:
    await world.take(case, lambda _, now: work.paused(now, KEY, State.WAITING_CUSTOMER, "away"))


async def resume(world: World, case: str) -> None:
    await world.take(case, lambda _, now: work.resumed(now, KEY, None))


async def dismiss(world: World, case: str) -> None:
    """A red light is dismissed by two people."""
    person = Actor(type=ActorType.HUMAN, id="li")
    second = Actor(type=ActorType.HUMAN, id="wang")
    reason = work.DismissalReason.TEST
    await world.take(case, lambda one, now: work.dismissed(one, now, person, reason, None))
    await world.take(case, lambda one, now: work.approved(one, now, second, None))
