"""Warnings and breaches: on time, once, caught up, never against a fulfilment."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from heedful.alerting import work
from heedful.alerting.timers import LEASE
from heedful.alerting.work import ContactKind, NotAllowed, NotAnswered
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

RED = feedback()
ID = case_id(RED)
KEY = Actor(type=ActorType.SYSTEM, id="env-1")
CLIMB = [*["warned"] * 3, "breached", *["escalated"] * 7]
"""What a clock takes that nobody fulfils."""
STEPS = [(kind, metric) for metric in ("respond", "plan", "land") for kind in CLIMB]
LAST = T0 + 72 * 2 * HOUR + 5 * 24 * HOUR
"""When the last rung of the longest clock is taken."""


async def test_each_step_at_its_time(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 12 * HOUR - timedelta(milliseconds=300)
    assert await world.timers.step() == 0.3
    assert await world.kinds(ID) == [("opened", None)]
    await world.fire_until(T0 + 48 * HOUR)
    taken = await world.query(
        "SELECT rung, clock, at FROM alerting.case_event WHERE rung IS NOT NULL ORDER BY at, rung"
    )
    assert [((step.at - T0) / HOUR, step.clock, step.rung) for step in taken] == [
        (12, "respond", "half"),
        (18, "respond", "three-quarters"),
        (23, "respond", "last-call"),
        (24, "respond", "breach"),
        (24, "plan", "half"),
        (30, "respond", "overdue-25"),
        (36, "land", "half"),
        (36, "plan", "three-quarters"),
        (47, "plan", "last-call"),
        (48, "plan", "breach"),
        (48, "respond", "overdue-100"),
    ]


async def test_all_of_the_ladder_and_then_silence(world: World) -> None:
    await world.consume(enriched(RED))
    await world.fire_until(LAST)
    assert sorted((await world.kinds(ID))[1:]) == sorted(STEPS)
    assert await world.query("SELECT 1 FROM alerting.timer") == []


async def worked(world: World) -> None:
    await world.acknowledge(ID, KEY, "seen")
    await world.plan(ID, KEY)
    await world.land(ID, KEY)


async def test_idle_waits_one_tick(world: World) -> None:
    assert await world.timers.step() == 1.0


async def test_two_workers_fire_each_timer_once(world: World) -> None:
    reds = [feedback(number) for number in range(120)]
    await world.consume(*map(enriched, reds))
    await world.add_endpoint("https://example.com/")
    world.now = LAST
    workers = [world.timer_loop("worker-1"), world.timer_loop("worker-2")]
    for _ in range(5):
        await asyncio.gather(*(worker.step() for worker in workers))
    assert await world.query("SELECT 1 FROM alerting.timer") == []
    for red in reds:
        kinds = await world.kinds(case_id(red))
        assert sorted(kinds[1:]) == sorted(STEPS)
    assert len(await world.query("SELECT 1 FROM alerting.delivery")) == 120 * 3


async def test_catch_up_in_order_with_the_true_time_and_one_notice_a_clock(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    await world.consume(enriched(RED))
    world.now = LAST
    await world.timers.step()
    assert await world.kinds(ID) == [("opened", None), *STEPS]
    told = await world.query("SELECT event_type, count(*) AS n FROM alerting.delivery GROUP BY 1")
    assert {one.event_type: one.n for one in told} == {"case.opened": 1, "case.breached": 3}
    clocks = await world.query("SELECT due_at, breached_at FROM alerting.clock")
    assert all(clock.breached_at == clock.due_at for clock in clocks)


async def test_a_fulfilled_clock_is_silent(world: World) -> None:
    await world.consume(enriched(RED))
    await world.consume(contact())
    await worked(world)
    await world.fire_until(T0 + 100 * HOUR)
    kinds = [kind for kind, _ in await world.kinds(ID)]
    assert kinds == ["opened", "responded", "acknowledged", "planned", "landed"]


async def test_fulfilled_between_claim_and_firing(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 12 * HOUR
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
    world.now = T0 + 12 * HOUR
    await world.timers.step()
    assert await world.kinds(ID) == [("opened", None), ("responded", "respond")]


async def test_a_dead_workers_timers_pass_on_and_its_late_firing_does_nothing(
    world: World,
) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 12 * HOUR
    slow, other = world.timer_loop("slow"), world.timer_loop("other")
    claimed, _ = await slow.claim()
    assert (await other.claim())[0] == []
    world.now += LEASE
    await other.step()
    await slow.fire(claimed)
    assert await world.kinds(ID) == [("opened", None), ("warned", "respond")]


async def test_firing_twice_does_nothing(world: World) -> None:
    await world.consume(enriched(RED))
    world.now = T0 + 12 * HOUR
    claimed, _ = await world.timers.claim()
    await world.timers.fire(claimed)
    await world.timers.fire(claimed)
    assert await world.kinds(ID) == [("opened", None), ("warned", "respond")]


async def test_a_machine_cannot_answer_a_customer(world: World) -> None:
    """Not by acknowledging, nor by recording a contact, nor by closing the case."""
    await world.consume(enriched(RED))
    await worked(world)
    with pytest.raises(NotAllowed, match="machine"):
        await world.take(
            ID, lambda case, now: work.contacted(case, now, KEY, ContactKind.CALL, now, None)
        )
    with pytest.raises(NotAnswered, match="contact"):
        await world.close(ID, KEY)
    await world.fire_until(T0 + 24 * HOUR)
    assert (await world.kinds(ID))[-1] == ("breached", "respond")


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
        *(world.acknowledge(case_id(red), KEY) for red in reds),
        world.consume(*map(enriched, reds)),
    )
    for red in reds:
        kinds = await world.kinds(case_id(red))
        assert ("acknowledged", None) in kinds
        assert ("responded", "respond") in kinds
        assert kinds.count(("responded", "respond")) == 1


async def test_what_waits_to_be_told_of_a_clock_is_withdrawn_when_it_stops(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    await world.consume(enriched(RED))
    await world.fire_until(T0 + 24 * HOUR)
    await world.consume(contact(occurred_at=T0 + 23 * HOUR))
    told = await world.query("SELECT event_type, body, state FROM alerting.delivery")
    states = {(one.event_type, orjson.loads(one.body)["data"]["clock"]): one.state for one in told}
    assert states == {
        ("case.opened", None): "pending",
        ("case.warning", "respond"): "discarded",
        ("case.breached", "respond"): "pending",
        ("case.warning", "plan"): "pending",
    }
