"""Labels that come late, on cases with more than one feedback: nobody's clock is lost by them."""

from heedful.alerting.actions import Seen
from heedful.common.contracts import Actor, ActorType, Colour, Enrichment, Feedback, Reason
from tests.integration.alerting.world import (
    HOUR,
    PATIENCE,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
)

PERSON = Actor(type=ActorType.HUMAN, id="wang")
FIRST, SECOND = feedback(1), feedback(2, conversation_id="conv-1")
ID = case_id(FIRST)


def amber(of: Feedback) -> Enrichment:
    """Somebody waits for an answer."""
    return enriched(of, Colour.AMBER).model_copy(update={"needs_response": True})


async def give_up(world: World, *waiting: Feedback) -> None:
    """Their labels do not come in time."""
    await world.consume(*waiting)
    world.now = max(world.now, T0 + PATIENCE)
    await world.watch.step()


async def test_a_green_one_takes_nothing_away_while_another_has_no_labels(world: World) -> None:
    await give_up(world, FIRST, SECOND)
    await world.consume(enriched(FIRST, Colour.GREEN))
    case = await world.case(ID)
    assert (case.state, case.colour) == ("new", Colour.GREY)
    assert case.deadlines.respond == T0 + 24 * HOUR
    await world.consume(enriched(SECOND))
    case = await world.case(ID)
    assert (case.state, case.colour) == ("new", Colour.RED)
    assert case.deadlines.respond == T0 + 24 * HOUR


async def test_it_is_dismissed_when_none_of_them_asks_for_anything(world: World) -> None:
    """Both at once: each finds the case as the one before it left it."""
    await give_up(world, FIRST, SECOND)
    await world.consume(enriched(FIRST, Colour.GREEN), enriched(SECOND, Colour.GREEN))
    kinds = [kind for kind, _ in await world.kinds(ID)]
    assert kinds == [
        "opened", "feedback_linked", "feedback_linked", "severity_changed", "dismissed",
    ]  # fmt: skip


async def test_what_was_red_all_along_counts_from_its_receipt(world: World) -> None:
    await world.consume(amber(FIRST))
    await give_up(world, SECOND)
    world.now = T0 + 5 * HOUR
    await world.consume(enriched(SECOND))
    assert (await world.case(ID)).deadlines.respond == T0 + 24 * HOUR


async def test_a_red_one_after_the_answer_waits_for_one_of_its_own(world: World) -> None:
    await world.consume(enriched(FIRST), contact())
    late = feedback(2, conversation_id="conv-1", received_at=T0 + 2 * HOUR)
    world.now = T0 + 3 * HOUR
    await give_up(world, late)
    await world.consume(enriched(late))
    case = await world.case(ID)
    runs = [one.cycle for one in case.clocks if one.metric == "respond"]
    assert (runs, case.deadlines.respond) == ([1, 2], T0 + 26 * HOUR)


async def test_a_plan_that_was_made_before_the_labels_came_is_not_asked_for_again(
    world: World,
) -> None:
    await give_up(world, FIRST)
    await world.consume(contact())
    await world.acknowledge(ID, PERSON)
    await world.plan(ID, PERSON)
    await world.consume(enriched(FIRST))
    case = await world.case(ID)
    assert {one.metric: one.cycle for one in case.clocks} == {"respond": 1, "plan": 1, "land": 1}


async def test_every_reopening_is_told(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    await world.consume(enriched(FIRST), contact())
    for _ in range(2):
        await world.acknowledge(ID, PERSON)
        await world.plan(ID, PERSON)
        await world.land(ID, PERSON)
        await world.close(ID, PERSON)
        world.now += HOUR
        await world.actions.reopen(Seen(FIRST.tenant, ID), PERSON, None)
        world.now += HOUR
        await world.respond(ID, PERSON)
    told = await world.query("SELECT event_type FROM alerting.delivery ORDER BY created_at")
    assert [one.event_type for one in told] == ["case.opened", "case.reopened", "case.reopened"]


async def test_why_a_case_is_red_is_what_made_it_so(world: World) -> None:
    """Whatever is understood later of what else is on it."""
    await give_up(world, SECOND)
    await world.consume(enriched(FIRST))
    await world.consume(because("praise", enriched(SECOND, Colour.GREEN)))
    await world.consume(because("smoke", enriched(feedback(3, conversation_id="conv-1"))))
    (case,) = await world.query("SELECT * FROM alerting.cases")
    assert (case.colour, [one["code"] for one in case.reasons]) == ("red", ["fire"])


def because(code: str, of: Enrichment) -> Enrichment:
    reason = Reason(code=code, label_zh=code, label_en=code)
    light = of.light.model_copy(update={"reasons": (reason,)})
    return of.model_copy(update={"light": light})
