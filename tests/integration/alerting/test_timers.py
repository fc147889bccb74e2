"""Warnings and breaches: on time, once, caught up, never against a fulfilment."""

import asyncio
from datetime import timedelta

from heedful.alerting.timers import LEASE
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
)
from tests.integration.conftest import TENANT

RED = feedback()
ID = case_id(RED)
KEY = Actor(type=ActorType.SYSTEM, id="env-1")
STEPS = [
    (kind, metric) for metric in ("respond", "plan", "land") for kind in ("warned", "breached")
]


async def test_each_step_at_its_time(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 23 * HOUR - timedelta(milliseconds=300)
    assert await world.timers.step() == 0.3
    assert await world.kinds(ID) == [("opened", None)]
    await world.fire_until(T0 + 100 * HOUR)
    assert await world.kinds(ID) == [("opened", None), *STEPS]
    events = await world.query("SELECT kind, at FROM alerting.case_event ORDER BY sequence")
    assert [(event.at - T0) / HOUR for event in events][1:] == [23, 24, 47, 48, 71, 72]


async def test_idle_waits_one_tick(world: World) -> None:
    assert await world.timers.step() == 1.0


async def test_two_workers_fire_each_timer_once(world: World) -> None:
    reds = [feedback(number) for number in range(120)]
    await world.consume(*map(enriched, reds))
    await world.add_endpoint("https://example.com/")
    world.now = T0 + 200 * HOUR
    workers = [world.timer_loop("worker-1"), world.timer_loop("worker-2")]
    for _ in range(5):
        await asyncio.gather(*(worker.step() for worker in workers))
    left = await world.query("SELECT 1 FROM alerting.timer WHERE state = 'pending'")
    assert left == []
    for red in reds:
        kinds = await world.kinds(case_id(red))
        assert sorted(kinds[1:]) == sorted(STEPS)
    assert len(await world.query("SELECT 1 FROM alerting.delivery")) == 120 * 6


async def test_catch_up_in_order_with_the_true_time(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 300 * HOUR
    await world.timers.step()
    assert await world.kinds(ID) == [("opened", None), *STEPS]
    clocks = await world.query("SELECT due_at, breached_at FROM alerting.clock")
    assert all(clock.breached_at == clock.due_at for clock in clocks)


async def test_a_fulfilled_clock_is_silent(world: World) -> None:
    await world.consume(enriched(RED))
    await world.consume(contact())
    await world.actions.acknowledge(TENANT, ID, KEY, None)
    await world.actions.plan(TENANT, ID, KEY, "li", "call back", T0 + 60 * HOUR)
    await world.actions.land(TENANT, ID, KEY, "part", "replaced")
    await world.fire_until(T0 + 100 * HOUR)
    kinds = [kind for kind, _ in await world.kinds(ID)]
    assert kinds == ["opened", "responded", "acknowledged", "planned", "landed"]


async def test_fulfilled_between_claim_and_firing(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 23 * HOUR
    claimed, _ = await world.timers.claim()
    assert len(claimed) == 1
    await world.consume(contact())
    await world.timers.fire(claimed)
    assert await world.kinds(ID) == [("opened", None), ("responded", "respond")]


async def test_a_contact_that_nobody_matched_counts_when_the_timer_fires(world: World) -> None:
    """Both were committed, the process was killed before it matched them."""
    await world.consume(contact())
    async with world.database.begin() as (connection, _):
        saved = await connection.exec_driver_sql("DELETE FROM alerting.contact RETURNING *")
        rows = [tuple(row) for row in saved]
    await world.consume(enriched(RED))
    async with world.platform.engine.begin() as plain:
        for row in rows:
            await plain.exec_driver_sql(
                "INSERT INTO alerting.contact VALUES ($1, $2, $3, $4, $5, $6)", row
            )
    world.now = T0 + 23 * HOUR
    await world.timers.step()
    assert await world.kinds(ID) == [("opened", None), ("responded", "respond")]


async def test_a_dead_workers_timers_pass_on_and_its_late_firing_does_nothing(
    world: World,
) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 23 * HOUR
    slow, other = world.timer_loop("slow"), world.timer_loop("other")
    claimed, _ = await slow.claim()
    assert (await other.claim())[0] == []
    world.now += LEASE
    await other.step()
    await slow.fire(claimed)
    assert await world.kinds(ID) == [("opened", None), ("warned", "respond")]


async def test_firing_twice_does_nothing(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 23 * HOUR
    claimed, _ = await world.timers.claim()
    await world.timers.fire(claimed)
    await world.timers.fire(claimed)
    assert await world.kinds(ID) == [("opened", None), ("warned", "respond")]


async def test_a_machine_cannot_answer_a_customer(world: World) -> None:
    """Not by acknowledging, and not by closing the case either."""
    await world.consume(enriched(RED))
    await world.actions.acknowledge(TENANT, ID, KEY, "seen")
    await world.actions.plan(TENANT, ID, KEY, "li", "call back", T0 + 60 * HOUR)
    await world.actions.land(TENANT, ID, KEY, "part", "replaced")
    await world.actions.close(TENANT, ID, KEY, None)
    await world.fire_until(T0 + 100 * HOUR)
    kinds = await world.kinds(ID)
    assert kinds[-2:] == [("warned", "respond"), ("breached", "respond")]


async def test_actions_and_timers_at_one_time_leave_no_gap(world: World) -> None:
    """Everybody wants the same cases: no deadlock, no lost event, the fold holds."""
    reds = [feedback(number) for number in range(40)]
    await world.consume(*map(enriched, reds))
    world.now = T0 + 30 * HOUR
    other = world.timer_loop("worker-2")
    await asyncio.gather(
        world.timers.step(),
        other.step(),
        world.consume(contact(occurred_at=T0 + 2 * HOUR)),
        *(world.actions.acknowledge(TENANT, case_id(red), KEY, None) for red in reds),
        world.consume(*map(enriched, reds)),
    )
    for red in reds:
        kinds = await world.kinds(case_id(red))
        assert ("acknowledged", None) in kinds
        assert ("responded", "respond") in kinds
        assert len(kinds) == len(set(kinds))
