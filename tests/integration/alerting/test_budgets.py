"""Robots with budgets: red first, the rest together, nothing lost, one bucket for all replicas."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.common.contracts import Colour
from tests.integration.alerting.robots import Robot, Said
from tests.integration.alerting.world import T0, Make, World, case_id, enriched, feedback, send

DINGTALK = EndpointKind.DINGTALK
FOUR_SECONDS = timedelta(seconds=4)


async def deliveries(world: World) -> list[Any]:
    return list(await world.query("SELECT * FROM alerting.delivery ORDER BY created_at, id"))


def told(message: dict[str, Any]) -> str:
    return str(message.get("actionCard", message.get("markdown", {}))["text"])


async def test_what_does_not_fit_goes_into_one_message_and_the_log_says_which(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(DINGTALK, robot.url)
    reds = [feedback(number) for number in range(12)]
    await world.consume(*map(enriched, reds))
    await send(make())
    assert len(robot.messages) == 5
    digest = robot.messages[-1]
    rows = await deliveries(world)
    assert {row.state for row in rows} == {"delivered"}
    together = [row for row in rows if row.digest is not None]
    assert len(together) == 8
    assert len({row.digest for row in together}) == 1
    for row in together:
        assert row.case_id in told(digest)
    tries = await world.query("SELECT * FROM alerting.attempt WHERE digest IS NOT NULL")
    assert len(tries) == 8
    every = " ".join(map(told, robot.messages))
    assert all(case_id(red) in every for red in reds)


async def test_red_goes_before_amber(world: World, robot: Robot, make: Make) -> None:
    await world.add_robot(DINGTALK, robot.url)
    await world.consume(*map(enriched, [feedback(number) for number in range(9)]))
    ambers = "UPDATE alerting.delivery SET urgent = false WHERE case_id <> :red RETURNING id"
    async with world.database.begin() as (connection, _):
        last = case_id(feedback(8))
        await connection.exec_driver_sql(ambers.replace(":red", f"'{last}'"))
    await send(make())
    assert last in told(robot.messages[0]) or last in told(robot.messages[-1])
    (red,) = [row for row in await deliveries(world) if row.case_id == last]
    assert red.digest is None


async def test_when_nothing_is_left_they_wait_for_the_next_token(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(DINGTALK, robot.url)
    loop = make()
    await world.consume(*map(enriched, [feedback(number) for number in range(5)]))
    await send(loop)
    await world.consume(*map(enriched, [feedback(number) for number in range(10, 13)]))
    await send(loop)
    assert len(robot.messages) == 5
    world.now += FOUR_SECONDS
    await send(loop)
    assert len(robot.messages) == 6
    assert {row.state for row in await deliveries(world)} == {"delivered"}


async def test_replicas_and_endpoints_share_the_budget_of_their_robot(
    world: World, robot: Robot, make: Make
) -> None:
    for _ in range(2):
        await world.add_robot(DINGTALK, robot.url)
    loops = [make(f"sender-{number}") for number in range(3)]
    for minute in range(2):
        await world.consume(
            *map(enriched, [feedback(100 * minute + number) for number in range(40)])
        )
        for _ in range(15):
            await asyncio.gather(*map(send, loops))
            world.now += FOUR_SECONDS
    assert len(robot.messages) <= 5 + 2 * 15
    rows = await deliveries(world)
    assert len(rows) == 160
    assert {row.state for row in rows} == {"delivered"}


async def test_a_digest_that_is_not_taken_leaves_every_notice_to_be_told(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(DINGTALK, robot.url)
    await world.consume(*map(enriched, [feedback(number) for number in range(12)]))
    robot.usual = Said(500)
    loop = make()
    await send(loop)
    assert {row.state for row in await deliveries(world)} == {"pending"}
    robot.usual = Said()
    world.now += timedelta(minutes=1)
    await send(loop)
    assert {row.state for row in await deliveries(world)} == {"delivered"}


async def test_a_robot_that_was_too_fast_rests_for_ten_minutes(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(DINGTALK, robot.url)
    robot.answers = [Said(body=b'{"errcode":130101,"errmsg":"send too fast"}')]
    loop = make()
    await world.consume(enriched(feedback(1)))
    await send(loop)
    await world.consume(enriched(feedback(2)))
    for minutes in (1, 9):
        world.now = T0 + timedelta(minutes=minutes)
        await send(loop)
    assert len(robot.messages) == 1
    world.now = T0 + timedelta(minutes=11)
    await send(loop)
    assert len(robot.messages) == 3
    assert {row.state for row in await deliveries(world)} == {"delivered"}


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        (EndpointKind.DINGTALK, "SECabcdefgh"),
        (EndpointKind.FEISHU, "abcdefgh"),
        (EndpointKind.WECOM, None),
        (EndpointKind.SLACK, None),
        (EndpointKind.TEAMS, None),
        (EndpointKind.PAGERDUTY, "0123456789abcdef"),
    ],
)
async def test_every_kind_is_sent_and_its_secrets_stay_sealed(
    world: World, robot: Robot, make: Make, kind: EndpointKind, secret: str | None
) -> None:
    await world.add_robot(kind, robot.url, secret)
    await world.consume(enriched(feedback(1), Colour.RED))
    await send(make())
    (row,) = await deliveries(world)
    assert row.state == "delivered"
    stored = str(await world.query("SELECT * FROM alerting.endpoint"))
    stored += str(await world.query("SELECT * FROM alerting.attempt"))
    for kept in filter(None, (secret, None if kind is EndpointKind.PAGERDUTY else "t0ken-of-it")):
        assert kept not in stored


async def test_pagerduty_hears_how_it_ends_and_waits_its_turn(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_robot(EndpointKind.PAGERDUTY, robot.url, "0123456789abcdef")
    await world.consume(enriched(feedback(1)))
    await world.consume(*map(enriched, [feedback(number) for number in range(2, 32)]))
    loop = make(concurrency=50)
    await send(loop)
    assert len(robot.messages) == 20
    world.now += timedelta(seconds=30)
    await send(loop)
    assert len(robot.messages) == 31
    assert len({message["dedup_key"] for message in robot.messages}) == 31
