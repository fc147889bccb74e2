"""Daily counts from the topic, and the one look at a fix that they are for."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from heedful.alerting import store_topic_days, store_verifications
from heedful.alerting.mentions import EVERY, Counts, DayOfTopic
from heedful.alerting.verification.plan import Fix, Plan
from heedful.alerting.verification.series import Count, Measure
from heedful.alerting.verifying import KEPT, VerificationLoop, look
from heedful.common.contracts import Aspect, Colour, Enrichment, Polarity
from tests.integration.alerting.world import T0, World, case_id, enriched, feedback
from tests.integration.conftest import OTHER_TENANT, TENANT
from tests.unit.alerting.verification.worlds import LANDED, RECEIVED, simulate
from tests.unit.alerting.verification.worlds import World as Truth

TOPIC = "delivery"


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


async def fixed(world: World, truth: Truth) -> Fix:
    """A case whose fix was looked at over days of known truth."""
    red = feedback(1)
    await world.consume(enriched(red))
    days = simulate(truth, seed=3)
    counts: Counts = {}
    for day in days:
        for topic, count in ((TOPIC, day.topic), ("price", day.control)):
            counts[DayOfTopic(TENANT, day.day, topic, EVERY)] = count
    plan = Plan(TOPIC, Measure.NEGATIVE_RATE)
    fix = Fix(TENANT, case_id(red), 4, plan, RECEIVED, LANDED)
    async with world.database.begin() as (connection, _):
        await store_topic_days.add(connection, counts)
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
    loops = [VerificationLoop(world.database) for _ in range(3)]
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
    loop = VerificationLoop(world.database)
    world.now = T0 + KEPT
    await loop.step()
    assert await counted(world) == (1, 1)
    world.now += timedelta(days=1)
    await loop.step()
    assert await counted(world) == (0, 0)


async def _looked(world: World, fix: Fix, tenant: str = TENANT) -> list[store_verifications.Looked]:
    async with world.database.begin() as (connection, _):
        return list(await store_verifications.of_case(connection, tenant, fix.case_id))
