"""Links in messages: made once, the same on every try, where the operator wants them, seen by
nobody else."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiohttp import web
from sqlalchemy import text

from heedful.alerting import store_deliveries
from heedful.alerting.api import cases, deliveries, endpoint_trials, endpoints
from heedful.alerting.audit.exporting import lines
from heedful.alerting.composing import Told
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind
from heedful.alerting.failover import FailoverLoop
from heedful.alerting.links import Links
from heedful.alerting.links.acting import LinkSteps
from heedful.alerting.links.carrying import CarriedLinks
from heedful.alerting.links.following import Following, Outcome
from heedful.alerting.links.link import SAMPLE
from heedful.alerting.people import Member, Position
from heedful.alerting.people import store as members
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.calling import calling
from tests.integration.alerting.robots import Robot, Said, answering, echoing
from tests.integration.alerting.world import (
    HOUR,
    LINK_LIFE,
    PUBLIC_URL,
    Make,
    World,
    case_id,
    contact,
    enriched,
    feedback,
    send,
)
from tests.integration.conftest import TENANT

DINGTALK, SLACK, EMAIL = EndpointKind.DINGTALK, EndpointKind.SLACK, EndpointKind.EMAIL
MENTIONED = ActionLinks.MENTIONED
RED = feedback()
ID = case_id(RED)
CLAIM, ACKNOWLEDGE = "认领（王芳）", "确认已看到（王芳）"
ADDRESS = "wang@example.com"
LEADS = [
    Member("wang.fang", "王芳", Position.LEAD, handles={SLACK: "U1", DINGTALK: "13900001234"}),
    Member("zhao.min", "赵敏", Position.LEAD),
]


@pytest.fixture(autouse=True)
async def leads(world: World) -> None:
    async with world.database.begin() as (connection, now):
        await members.put(connection, now, TENANT, LEADS)


def buttons(robot: Robot, number: int = -1) -> dict[str, str]:
    """What a message of Slack shows beside where to look, by its label."""
    shown = robot.messages[number]["blocks"][-1]["elements"][1:]
    return {one["text"]["text"]: one["url"] for one in shown}


def token(url: str) -> str:
    return url.removeprefix(f"{PUBLIC_URL}/l/")


async def pressed(world: World, url: str) -> Outcome:
    following = Following(world.database, LinkSteps(world.ledger), lambda: None)
    return (await following.follow(token(url))).outcome


async def stored(world: World) -> Sequence[Any]:
    return await world.query("SELECT * FROM alerting.link")


async def test_a_member_who_is_called_gets_links_that_work(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    robot.usual = Said(body=b"ok")
    await world.consume(enriched(RED))
    await send(make())
    shown = buttons(robot)
    assert list(shown) == [CLAIM, ACKNOWLEDGE]
    assert await pressed(world, shown[CLAIM]) is Outcome.DONE
    assert (await world.case(ID)).owner == "wang.fang"
    assert await pressed(world, shown[ACKNOWLEDGE]) is Outcome.TOO_LATE


async def test_nobody_gets_links_as_long_as_nobody_wants_them(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(SLACK, robot.url)
    await world.consume(enriched(RED))
    await send(make())
    assert buttons(robot) == {}
    assert await stored(world) == []


async def test_every_try_carries_the_same_links(world: World, robot: Robot, make: Make) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    robot.usual = Said(500)
    await world.consume(enriched(RED))
    for _ in range(3):
        await send(make())
        world.now += HOUR
    assert len(robot.bodies) == 3
    assert len(set(robot.bodies)) == 1
    assert len(await stored(world)) == 2
    assert await pressed(world, buttons(robot)[CLAIM]) is Outcome.DONE


async def test_links_that_have_expired_are_made_anew(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    robot.usual = Said(500)
    await world.consume(enriched(RED))
    await send(make())
    world.now += LINK_LIFE
    await send(make())
    before, after = buttons(robot, 0), buttons(robot, 1)
    assert not set(before.values()) & set(after.values())
    assert await pressed(world, before[CLAIM]) is Outcome.REFUSED
    assert await pressed(world, after[CLAIM]) is Outcome.DONE


async def test_an_operator_who_changes_his_mind_is_heard_at_the_next_try(
    world: World, robot: Robot, make: Make
) -> None:
    endpoint = await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    robot.usual = Said(500)
    await world.consume(enriched(RED))
    await send(make())
    by = Actor(type=ActorType.SYSTEM, id="key-1")
    changes = {"action_links": ActionLinks.NONE}
    await world.endpoints(allow_private=True).change(TENANT, endpoint, None, changes, by)
    world.now += HOUR
    await send(make())
    assert (len(buttons(robot, 0)), len(buttons(robot, 1))) == (2, 0)


async def test_an_answered_case_has_none(world: World, robot: Robot, make: Make) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    await world.consume(enriched(RED), contact())
    await send(make())
    assert buttons(robot) == {}


async def test_a_digest_has_none_and_what_fails_in_it_gets_them_alone(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    robot.usual = Said(500)
    await world.consume(enriched(RED), enriched(feedback(2)))
    loop = make()
    await send(loop)
    assert robot.messages[0]["text"].endswith("2 条")
    assert await stored(world) == []
    async with world.database.begin() as (connection, _):
        alone = text("UPDATE alerting.delivery SET state = 'discarded' WHERE case_id <> :id")
        await connection.execute(alone, {"id": ID})
    world.now += HOUR
    await send(loop)
    assert list(buttons(robot)) == [CLAIM, ACKNOWLEDGE]


async def test_a_stand_in_makes_links_of_its_own_only_if_it_may(
    world: World, robot: Robot, make: Make
) -> None:
    failover = FailoverLoop(world.database, lambda: None)
    async with answering() as other:
        other.usual = Said(body=b"ok")
        second = await world.add_robot(SLACK, other.url)
        await world.add_robot(DINGTALK, robot.url, failover=second, action_links=MENTIONED)
        robot.usual = Said(500)
        await world.consume(enriched(RED))
        loop = make()
        await send(loop)
        world.now += HOUR
        await failover.step()
        await send(loop)
        assert len(other.messages) == 2
        assert [buttons(other, number) for number in range(2)] == [{}, {}]
        tokens = {token(one["actionURL"]) for one in robot.messages[0]["actionCard"]["btns"][1:]}
        assert len(tokens) == 2
        assert not [one for one in tokens if one in str(other.bodies)]


async def test_without_a_public_url_there_are_none(world: World, robot: Robot, make: Make) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    await world.consume(enriched(RED))
    await send(make(links=Links(None, LINK_LIFE)))
    assert await stored(world) == []


async def carried(world: World, **endpoint: Any) -> list[str]:
    """Who can press what a mail about a red light carries, when the lead has an address."""
    async with world.database.begin() as (connection, now):
        await members.put(connection, now, TENANT, [replace(LEADS[0], email=ADDRESS)])
    await world.add_robot(EMAIL, f"mailto:{ADDRESS}", **endpoint)
    await world.consume(enriched(RED))
    async with world.database.begin() as (connection, now):
        (task,) = await store_deliveries.claim(connection, now, "w", now + HOUR, 10)
    assert task.account is not None
    links = CarriedLinks(world.database, world.platform.secrets, world.links)
    told = Told(task.id, task.body, task.mentions)
    return [one.member_name for one in await links.of(task, task.account, told, now)]


async def test_mail_to_one_member_alone_has_links_by_itself(world: World) -> None:
    assert await carried(world) == ["王芳", "王芳"]


async def test_but_not_if_the_operator_wants_none(world: World) -> None:
    assert await carried(world, action_links=ActionLinks.NONE) == []


async def test_nor_if_several_members_have_the_address(world: World) -> None:
    async with world.database.begin() as (connection, now):
        other = Member("li.si", "李四", Position.AGENT, email=ADDRESS.title())
        await members.put(connection, now, TENANT, [other])
    assert await carried(world) == []


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth, accounts = world.platform.auth, world.endpoints(allow_private=True)
    routers = [
        endpoints.router(world.database, accounts, auth),
        endpoint_trials.router(world.database, accounts, auth, lambda: None),
        deliveries.router(world.database, auth, lambda: None),
        cases.router(world.database, auth),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def repeating(request: web.Request) -> web.StreamResponse:
    """A receiver that says what it did not like, in a spelling of its own."""
    message = await request.json()
    return web.json_response({"refused": message["blocks"]}, status=400)


async def test_nobody_else_sees_a_link(
    world: World,
    robot: Robot,
    make: Make,
    client: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    robot.answers = [repeating, echoing]
    await world.consume(enriched(RED))
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            await send(make())
            world.now += HOUR
        tokens = [token(url) for url in buttons(robot).values()]
        assert await pressed(world, buttons(robot)[CLAIM]) is Outcome.DONE
    listed = await client.get("/v1/deliveries")
    (delivery,) = listed.json()["items"]
    one = await client.get(f"/v1/deliveries/{delivery['id']}")
    assert "refused" in str(one.json()["log"])
    seen = [listed.text, one.text, (await client.get(f"/v1/cases/{ID}")).text, caplog.text]
    seen += [str(record.__dict__) for record in caplog.records]
    async with world.database.begin() as (connection, _):
        seen += [line.decode() async for line in lines(connection, TENANT, words=True)]
    tables = await world.query(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'alerting'"
    )
    for table in tables:
        rows = await world.query(f"SELECT CAST(t AS text) AS row FROM alerting.{table.name} t")  # noqa: S608
        seen += [row.row for row in rows]
    assert len(seen) > len(tables)
    for token_ in tokens:
        assert not [place for place in seen if token_ in place or token_.encode().hex() in place]


async def test_previews_and_tests_show_samples_that_do_nothing(
    world: World, robot: Robot, make: Make, client: httpx.AsyncClient
) -> None:
    id_ = await world.add_robot(SLACK, robot.url, action_links=MENTIONED)
    preview = (await client.post(f"/v1/endpoints/{id_}/preview")).json()
    assert preview["body"].count(f"{PUBLIC_URL}/l/{SAMPLE}") == 2
    await client.post(f"/v1/endpoints/{id_}/test")
    await send(make())
    shown = buttons(robot)
    assert set(shown.values()) == {f"{PUBLIC_URL}/l/{SAMPLE}"}
    assert await pressed(world, shown["认领（示例 Sample）"]) is Outcome.REFUSED
    assert await stored(world) == []
    await client.patch(f"/v1/endpoints/{id_}", json={"action_links": None})
    assert f"/l/{SAMPLE}" not in (await client.post(f"/v1/endpoints/{id_}/preview")).json()["body"]
