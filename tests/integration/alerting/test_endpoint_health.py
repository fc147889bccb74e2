"""Endpoints that only fail: told about, and switched off after five days of nothing else."""

from datetime import timedelta
from typing import Any

from heedful.alerting import store_outcomes
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.common.retention import Rule
from tests.integration.alerting.robots import Robot, Said, answering
from tests.integration.alerting.world import HOUR, Make, World, enriched, feedback, send


async def endpoint(world: World, endpoint_id: str = "ep") -> Any:
    (row,) = await world.query("SELECT * FROM alerting.endpoint WHERE id = :id", id=endpoint_id)
    return row


async def fail_for(world: World, make: Make, hours: list[int]) -> None:
    """A notice at each of these hours, tried once."""
    start, loop = world.now, make()
    for hour in hours:
        world.now = start + hour * HOUR
        async with world.database.begin() as (connection, _):
            await connection.exec_driver_sql(
                "UPDATE alerting.delivery SET state = 'failed' WHERE endpoint_id = 'ep'"
            )
        await world.consume(enriched(feedback(int(world.now.timestamp()))))
        await send(loop)


async def test_five_days_of_failures_disable_it(world: World, robot: Robot, make: Make) -> None:
    await world.add_endpoint(robot.url)
    robot.usual = Said(500)
    await fail_for(world, make, [0, 40, 80, 119])
    assert (await endpoint(world)).enabled
    await fail_for(world, make, [1])
    row = await endpoint(world)
    assert (row.enabled, row.disabled_at) == (False, world.now)
    assert row.disabled_reason == "nothing was taken for 120 hours"
    entries = await world.query("SELECT action FROM alerting.audit_entry")
    assert [entry.action for entry in entries] == ["endpoint.changed"]
    assert (await world.query("SELECT DISTINCT state FROM alerting.delivery"))[0].state != "pending"


async def test_any_success_clears_it(world: World, robot: Robot, make: Make) -> None:
    await world.add_endpoint(robot.url)
    robot.usual = Said(500)
    await fail_for(world, make, [0, 60])
    robot.answers = [Said(200)]
    await fail_for(world, make, [30])
    assert (await endpoint(world)).first_failure_at is None
    await fail_for(world, make, [40, 100])
    assert (await endpoint(world)).enabled


async def test_a_failure_of_long_ago_says_nothing_about_today(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url)
    robot.usual = Said(500)
    await fail_for(world, make, [0, 241])
    row = await endpoint(world)
    assert (row.enabled, row.first_failure_at) == (True, world.now)


async def test_the_fallback_is_told_at_the_fourth_failure_and_at_the_end(
    world: World, robot: Robot, make: Make
) -> None:
    async with answering() as other:
        await world.add_robot(EndpointKind.DINGTALK, other.url, fallback=True)
        await world.add_endpoint(robot.url)
        robot.usual = Said(500)
        await fail_for(world, make, [0, 1, 2, 3, 4])
        robot.usual = Said(410)
        await fail_for(world, make, [1])
        loop = make()
        for _ in range(3):
            world.now += timedelta(minutes=1)
            await send(loop)
        titles = [
            (message.get("actionCard") or message["markdown"])["title"]
            for message in other.messages
        ]
        assert titles.count("[运维] 端点连续投递失败") == 1
        assert titles.count("[运维] 端点已停用") == 1
        assert (await endpoint(world)).disabled_reason == "it answered that it is gone"


async def test_old_deliveries_are_forgotten_with_their_tries(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url)
    await world.consume(enriched(feedback(1)))
    await send(make())
    await world.consume(enriched(feedback(2)))
    async with world.database.begin() as (connection, now):
        gone = await store_outcomes.delete_old(connection, Rule(now + HOUR), 10)
    assert gone == 1
    (left,) = await world.query("SELECT state FROM alerting.delivery")
    assert left.state == "pending"
    assert await world.query("SELECT 1 FROM alerting.attempt") == []
