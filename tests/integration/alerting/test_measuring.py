"""Gauges from the database."""

from datetime import timedelta

from prometheus_client import REGISTRY
from sqlalchemy import text

from heedful.alerting import store_endpoints, work
from heedful.alerting.actions import Seen
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.figures.measuring import EVERY_S, Measuring
from heedful.alerting.states import State
from heedful.alerting.work import DismissalReason
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.figures_world import live
from tests.integration.alerting.robots import Robot, Said
from tests.integration.alerting.test_board import CASES, NOW
from tests.integration.alerting.world import (
    HOUR,
    KEY,
    Make,
    World,
    case_id,
    enriched,
    feedback,
    send,
)
from tests.integration.conftest import TENANT

WANG = Actor(type=ActorType.HUMAN, id="wang")
LI = Actor(type=ActorType.HUMAN, id="li")
DUPLICATE = DismissalReason.DUPLICATE
LOOKED_AT = text(
    """
    INSERT INTO alerting.verification (
        case_id, sequence, tenant, topic, measure, after_days, received_on, landed_on, due_at,
        decided_at, outcome)
    VALUES (:case, :n, :tenant, 'price', 'negative_rate', 28, CAST(:now AS timestamptz)::date,
        CAST(:now AS timestamptz)::date, :now,
        CASE WHEN CAST(:outcome AS text) IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END,
        :outcome)
    """
)


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"heedful_alerting_{name}", labels)


def clocks(metric: str, result: str) -> float | None:
    return shown("recent_clocks", metric=metric, result=result)


def landings(result: str) -> float | None:
    return shown("recent_landings", result=result)


async def test_they_are_those_of_the_board(world: World) -> None:
    await live(world, CASES, NOW)
    assert await Measuring(world.database).step() == EVERY_S
    assert (clocks("respond", "met"), clocks("respond", "breached")) == (0, 5)
    assert (clocks("plan", "met"), clocks("plan", "breached")) == (1, 4)
    assert (landings("above"), landings("within"), landings("young")) == (2, 2, 1)
    assert landings("excluded") == 0


async def test_how_long_is_left_of_the_clocks_that_wait(world: World) -> None:
    """At hour 110 the respond clocks have run out, and the fourth's time to land. The fifth was
    received 60 hours ago: its plan has run out, and 12 of the 72 hours to land are left."""
    await live(world, CASES, NOW)
    await Measuring(world.database).step()
    assert shown("time_to_breach", metric="respond", left="overdue") == 5
    assert shown("time_to_breach", metric="plan", left="overdue") == 2
    assert shown("time_to_breach", metric="land", left="overdue") == 1
    assert shown("time_to_breach", metric="land", left="24h") == 1
    world.now += HOUR
    await Measuring(world.database).step()
    assert shown("time_to_breach", metric="land", left="24h") == 0
    assert shown("time_to_breach", metric="land", left="12h") == 1
    await world.acknowledge(case_id(feedback(5)), KEY)
    await wait(world, case_id(feedback(4)), State.WAITING_CUSTOMER)
    await wait(world, case_id(feedback(5)), State.WAITING_CUSTOMER)
    await Measuring(world.database).step()
    assert shown("time_to_breach", metric="land", left="12h") == 0
    assert shown("time_to_breach", metric="land", left="paused") == 1
    assert shown("time_to_breach", metric="land", left="overdue") == 1
    assert shown("time_to_breach", metric="respond", left="overdue") == 5


async def test_how_long_cases_waited_and_why(world: World) -> None:
    """One waited three hours for the customer and then one for a third party; another has waited
    for the customer for two. A third was dismissed and is in neither."""
    for number in range(1, 5):
        await world.consume(enriched(feedback(number, identifiers=())))
    first, second, third = (case_id(feedback(number)) for number in range(1, 4))
    for case in (first, second, third):
        await world.acknowledge(case, KEY)
    await wait(world, first, State.WAITING_CUSTOMER)
    await wait(world, third, State.WAITING_CUSTOMER)
    world.now += 3 * HOUR
    await wait(world, first, State.WAITING_THIRD_PARTY)
    await wait(world, second, State.WAITING_CUSTOMER)
    world.now += HOUR
    await world.take(first, lambda _, now: work.resumed(now, KEY, None))
    await world.take(third, lambda case, now: work.dismissed(case, now, WANG, DUPLICATE, None))
    await world.take(third, lambda case, now: work.approved(case, now, LI, None))
    world.now += HOUR
    await Measuring(world.database).step()
    assert shown("recent_paused_hours", reason="waiting_customer") == 3 + 2
    assert shown("recent_paused_cases", reason="waiting_customer") == 2
    assert shown("recent_paused_hours", reason="waiting_third_party") == 1
    assert shown("recent_paused_cases", reason="waiting_third_party") == 1


async def wait(world: World, case: str, state: State) -> None:
    await world.take(case, lambda _, now: work.paused(now, KEY, state, "no answer"))


async def test_what_became_of_notices(world: World, robot: Robot, make: Make) -> None:
    """Two are sent, one is refused, a fourth finds its endpoint disabled. A test is none."""
    await world.add_robot(EndpointKind.WECOM, robot.url)
    await world.consume(*(enriched(feedback(number)) for number in range(3)))
    robot.answers = [Said(), Said(body=b'{"errcode":40008}')]
    await send(make())
    endpoint = (await world.query("SELECT id FROM alerting.endpoint"))[0].id
    assert await world.endpoints().test(TENANT, endpoint) is not None
    await Measuring(world.database).step()
    before = {one: shown("recent_notices", outcome=one) for one in ("sent", "failed", "waiting")}
    assert before == {"sent": 2, "failed": 1, "waiting": 0}
    await world.consume(enriched(feedback(9)))
    async with world.database.begin() as (connection, now):
        await store_endpoints.disable(connection, now, endpoint, "test")
    world.now += HOUR
    await Measuring(world.database).step()
    assert shown("recent_notices", outcome="suppressed") == 1


async def test_who_was_reopened_after_landing(world: World) -> None:
    await live(world, CASES, NOW)
    landed = case_id(feedback(1))
    await world.actions.reopen(Seen(TENANT, landed), KEY, None)
    await Measuring(world.database).step()
    assert shown("recent_reopened", result="reopened") == 1
    assert shown("recent_reopened", result="kept") == 2
    world.now += timedelta(days=31)
    await Measuring(world.database).step()
    assert shown("recent_reopened", result="kept") == 0


async def test_what_was_found_of_fixes(world: World) -> None:
    await live(world, CASES, NOW)
    async with world.database.begin() as (connection, now):
        for number, outcome in enumerate(("verified", "verified", "worse", None)):
            values = {"case": case_id(feedback(1)), "n": number, "now": now, "outcome": outcome}
            await connection.execute(LOOKED_AT, {**values, "tenant": TENANT})
    await Measuring(world.database).step()
    found = {one: shown("recent_fixes", outcome=one) for one in ("verified", "worse", "no_effect")}
    assert found == {"verified": 2, "worse": 1, "no_effect": 0}
