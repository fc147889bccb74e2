"""Daily counts from the topic, and the one look at a fix that they are for."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest

from heedful.alerting import store_topic_days, store_verifications, work
from heedful.alerting.actions import Seen
from heedful.alerting.mentions import EVERY, Counts, DayOfTopic
from heedful.alerting.states import State
from heedful.alerting.verification.plan import Fix, Plan
from heedful.alerting.verification.series import Count, Measure
from heedful.alerting.verifying import KEPT, VerificationLoop, look
from heedful.common.contracts import Actor, ActorType, Aspect, Colour, Enrichment, Polarity
from tests.integration.alerting.world import T0, World, case_id, enriched, feedback
from tests.integration.conftest import OTHER_TENANT, TENANT
from tests.unit.alerting.verification.worlds import LANDED, RECEIVED, simulate
from tests.unit.alerting.verification.worlds import World as Truth

TOPIC = "delivery"
PLAN = Plan(TOPIC, Measure.NEGATIVE_RATE)
STAFF = Actor(type=ActorType.HUMAN, id="wang")


def about(number: int, polarity: Polarity = Polarity.NEGATIVE) -> Enrichment:
    of = feedback(number, touchpoint="app.checkout")
    aspect = Aspect(topic=TOPIC, polarity=polarity, confidence=0.9)
    return enriched(of, Colour.AMBER).model_copy(update={"aspects": (aspect,)})


async def counted(world: World, topic: str = TOPIC) -> tuple[int, int]:
    rows = await world.query(
        "SELECT coalesce(sum(n), 0) AS n, coalesce(sum(negative), 0) AS negative"
        " FROM alerting.topic_day WHERE topic = :topic",
        topic=topic,
    )
    return rows[0].n, rows[0].negative


async def count_days(world: World, truth: Truth) -> None:
    """Days of known truth, before and after the fix."""
    counts: Counts = {}
    for day in simulate(truth, seed=3):
        for topic, count in ((TOPIC, day.topic), ("price", day.control)):
            counts[DayOfTopic(TENANT, day.day, topic, EVERY)] = count
    async with world.database.begin() as (connection, _):
        await store_topic_days.add(connection, counts)


async def fixed(world: World, truth: Truth) -> Fix:
    """A case whose fix was looked at over days of known truth."""
    red = feedback(1)
    await world.consume(enriched(red))
    await count_days(world, truth)
    fix = Fix(TENANT, case_id(red), 4, PLAN, RECEIVED, LANDED)
    async with world.database.begin() as (connection, _):
        await store_verifications.plan(connection, fix, UTC)
        await store_verifications.plan(connection, fix, UTC)
    return fix


async def test_each_feedback_is_counted_once(world: World) -> None:
    batch = [about(1), about(2), about(3, Polarity.POSITIVE)]
    for _ in range(3):
        await world.consume(*batch, about(1))
    assert await counted(world) == (3, 2)
    assert await counted(world, EVERY) == (3, 0)
    (row,) = await world.query("SELECT * FROM alerting.topic_day WHERE topic = :t", t=TOPIC)
    assert (row.tenant, row.day, row.touchpoint) == (TENANT, T0.date(), "app.checkout")


async def test_history_and_newer_versions_are_not_counted_again(world: World) -> None:
    await world.consume(about(1))
    again = about(1).model_copy(update={"id": "of a newer model", "reprocessed": True})
    old = about(2).model_copy(update={"feedback": feedback(2, backfill=True)})
    await world.consume(again, old)
    assert await counted(world) == (1, 1)


async def test_replicas_count_together_without_waiting_for_each_other(world: World) -> None:
    """Batches that share topics and items, in both orders, at one time."""
    items = [about(number) for number in range(40)]
    await asyncio.gather(
        world.consume(*items),
        world.consume(*reversed(items)),
        world.consume(*items[10:30]),
        world.consume(*(about(number) for number in range(40, 80))),
    )
    assert await counted(world) == (80, 80)


async def test_the_look_is_taken_on_its_day_and_once(world: World) -> None:
    fix = await fixed(world, Truth(effect=-0.2))
    loops = [VerificationLoop(world.database, world.ledger, lambda: None) for _ in range(3)]
    world.now = datetime(2026, 6, 2, 23, 59, tzinfo=UTC)
    assert fix.windows.due == date(2026, 6, 3)
    await loops[0].step()
    (before,) = await _looked(world, fix)
    assert before.verdict is None
    world.now += timedelta(minutes=1)
    waits = await asyncio.gather(*(loop.step() for loop in loops))
    assert sorted(waits)[0] == 0.0
    (after,) = await _looked(world, fix)
    assert (after.outcome, after.decided_at) == ("verified", world.now)
    assert after.verdict is not None
    step = after.verdict["step"]
    assert isinstance(step, dict)
    assert step["low"] < step["effect"] < step["high"] < 0
    world.now += timedelta(days=1)
    assert await loops[0].step() > 0
    assert (await _looked(world, fix))[0].decided_at == after.decided_at


@pytest.mark.parametrize(
    ("effect", "kind", "state"),
    [(-0.2, "verified", State.VERIFIED), (0.2, "reopened", State.NEW), (0.0, None, State.LANDED)],
)
async def test_what_the_look_finds_moves_the_case(
    world: World, effect: float, kind: str | None, state: State
) -> None:
    world.now = datetime.combine(RECEIVED, time(12), UTC)
    red = feedback(1, received_at=world.now)
    case = case_id(red)
    await world.consume(enriched(red))
    await count_days(world, Truth(effect=effect))
    await world.acknowledge(case, STAFF)
    await world.plan(case, STAFF)
    world.now = datetime.combine(LANDED, time(12), UTC)
    await world.actions.land(
        Seen(TENANT, case), lambda _, now: work.landed(now, STAFF, "part", "replaced", ()), PLAN
    )
    before = await world.kinds(case)
    loop = VerificationLoop(world.database, world.ledger, lambda: None)
    world.now += timedelta(days=60)
    await loop.step()
    after = await world.kinds(case)
    assert after[len(before) :] == ([] if kind is None else [(kind, None)])
    assert (await world.case(case)).state is state


async def test_other_tenants_and_touchpoints_are_no_part_of_it(world: World) -> None:
    fix = await fixed(world, Truth(effect=-0.2))
    async with world.database.begin() as (connection, _):
        alone = await look(connection, fix)
        noise = {
            DayOfTopic(OTHER_TENANT, RECEIVED + timedelta(days=n), TOPIC, EVERY): Count(500, 500)
            for n in range(-90, 40)
        }
        await store_topic_days.add(connection, noise)
        assert await look(connection, fix) == alone
        every = await store_topic_days.days(
            connection, TENANT, TOPIC, "app.checkout", fix.windows.after
        )
    assert every == []
    assert await _looked(world, fix, OTHER_TENANT) == []


async def test_days_that_no_look_reads_are_forgotten(world: World) -> None:
    await world.consume(about(1))
    loop = VerificationLoop(world.database, world.ledger, lambda: None)
    world.now = T0 + KEPT
    await loop.step()
    assert await counted(world) == (1, 1)
    world.now += timedelta(days=1)
    await loop.step()
    assert await counted(world) == (0, 0)


async def _looked(world: World, fix: Fix, tenant: str = TENANT) -> list[store_verifications.Looked]:
    async with world.database.begin() as (connection, _):
        return list(await store_verifications.of_case(connection, tenant, fix.case_id))
