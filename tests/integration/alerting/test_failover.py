"""A red notice that is not delivered in time goes to another endpoint, once."""

from datetime import timedelta
from typing import Any

import pytest

from heedful.alerting import store_endpoints
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.failover import FailoverLoop
from tests.integration.alerting.robots import Robot, Said, answering
from tests.integration.alerting.world import Make, World, enriched, feedback, send
from tests.integration.conftest import TENANT

QUARTER = timedelta(minutes=15)
DINGTALK, SLACK = EndpointKind.DINGTALK, EndpointKind.SLACK


@pytest.fixture
def failover(world: World) -> FailoverLoop:
    return FailoverLoop(world.database, lambda: None)


async def rows(world: World) -> list[Any]:
    return list(
        await world.query("SELECT * FROM alerting.delivery ORDER BY failover_of NULLS FIRST")
    )


async def test_after_fifteen_minutes_and_not_before(
    world: World, robot: Robot, make: Make, failover: FailoverLoop
) -> None:
    async with answering() as other:
        other.usual = Said(body=b"ok")
        second = await world.add_robot(SLACK, other.url)
        first = await world.add_robot(DINGTALK, robot.url, failover=second)
        robot.usual = Said(500)
        await world.consume(enriched(feedback()))
        loop = make()
        await send(loop)
        world.now += QUARTER - timedelta(seconds=1)
        await failover.step()
        assert len(await rows(world)) == 2
        world.now += timedelta(seconds=1)
        for _ in range(3):
            await failover.step()
        await send(loop)
        found = await rows(world)
        assert len(found) == 3
        copy = found[-1]
        (original,) = [one for one in found if one.endpoint_id == first]
        assert (copy.endpoint_id, copy.failover_of) == (second, original.id)
        assert original.failed_over_to == copy.id
        assert (original.state, copy.state) == ("pending", "delivered")
        assert any("转发" in str(message) for message in other.messages)


async def test_what_was_delivered_stays_where_it_is(
    world: World, robot: Robot, make: Make, failover: FailoverLoop
) -> None:
    await world.add_robot(SLACK, robot.url, fallback=True)
    await world.add_robot(DINGTALK, robot.url + "&second=1")
    await world.consume(enriched(feedback()))
    await send(make())
    world.now += 2 * QUARTER
    await failover.step()
    assert len(await rows(world)) == 2


async def test_a_final_failure_goes_to_the_fallback_at_once(
    world: World, robot: Robot, make: Make, failover: FailoverLoop
) -> None:
    async with answering() as other:
        fallback = await world.add_robot(SLACK, other.url, fallback=True)
        other.usual = Said(body=b"ok")
        await world.add_robot(DINGTALK, robot.url)
        robot.usual = Said(body=b'{"errcode":300005}')
        await world.consume(enriched(feedback(1)), enriched(feedback(2)))
        await send(make())
        world.now += timedelta(seconds=1)
        await failover.step()
        copies = [one for one in await rows(world) if one.failover_of is not None]
        assert [one.endpoint_id for one in copies] == [fallback] * 2


async def test_a_disabled_stand_in_gives_way_to_the_fallback_and_no_copy_fails_over(
    world: World, robot: Robot, make: Make, failover: FailoverLoop
) -> None:
    disabled = await world.add_robot(SLACK, robot.url + "&a=1")
    await world.add_robot(DINGTALK, robot.url, failover=disabled)
    fallback = await world.add_robot(EndpointKind.WECOM, robot.url + "&b=1", fallback=True)
    async with world.database.begin() as (connection, now):
        await store_endpoints.disable(connection, now, disabled, "test")
    robot.usual = Said(500)
    await world.consume(enriched(feedback()))
    world.now += QUARTER
    await failover.step()
    (copy,) = [one for one in await rows(world) if one.failover_of is not None]
    assert copy.endpoint_id == fallback
    world.now += QUARTER
    await failover.step()
    assert len([one for one in await rows(world) if one.failover_of is not None]) == 1


async def test_nowhere_to_go_is_said_once(
    world: World, robot: Robot, failover: FailoverLoop
) -> None:
    await world.add_robot(DINGTALK, robot.url)
    await world.consume(enriched(feedback()))
    world.now += QUARTER
    for _ in range(2):
        await failover.step()
    (row,) = await rows(world)
    assert (row.failover_at, row.failed_over_to) == (None, None)
    assert row.tenant == TENANT
