"""A light that somebody has set, on the case."""

from datetime import timedelta

from heedful.common.contracts import Actor, ActorType, Colour, Correction, Enrichment, Feedback
from tests.integration.alerting.world import HOUR, T0, World, case_id, enriched, feedback

PERSON = Actor(type=ActorType.HUMAN, id="staff-17")


def corrected(
    of: Feedback, was: Colour, value: Colour, name: str = "c1", minutes: int = 30
) -> Enrichment:
    at = T0 + timedelta(minutes=minutes)
    light = Correction(id=name, label="light", was=was, value=value, actor=PERSON, at=at)
    return enriched(of, value).model_copy(
        update={"id": f"en-{of.id}-{name}", "enriched_at": at, "corrections": (light,)}
    )


async def test_to_red_opens_exactly_one_case_that_counts_from_the_receipt(world: World) -> None:
    amber = feedback()
    override = corrected(amber, Colour.AMBER, Colour.RED)
    await world.consume(amber, enriched(amber, Colour.AMBER))
    world.now = T0 + HOUR
    for _ in range(3):
        await world.consume(override)
    await world.consume(enriched(amber, Colour.AMBER), override)
    (case,) = await world.query("SELECT * FROM alerting.cases")
    assert (case.id, case.colour) == (case_id(amber), "red")
    assert (await world.case(case.id)).deadlines.respond == T0 + 24 * HOUR
    assert await world.kinds(case.id) == [("opened", None), ("corrected", None)]


async def test_the_case_says_who_corrected_what(world: World) -> None:
    amber = feedback()
    await world.consume(corrected(amber, Colour.AMBER, Colour.RED))
    (_, event) = await world.query("SELECT * FROM alerting.case_event ORDER BY sequence")
    assert (event.actor_type, event.actor_id) == ("human", "staff-17")
    assert event.at == T0 + HOUR / 2
    assert event.note == "light: amber → red"


async def test_away_from_red_is_shown_and_ends_nothing(world: World) -> None:
    red = feedback()
    await world.consume(red, enriched(red))
    before = await world.query("SELECT * FROM alerting.clock ORDER BY metric")
    for _ in range(2):
        await world.consume(corrected(red, Colour.RED, Colour.GREEN))
    assert await world.kinds(case_id(red)) == [("opened", None), ("corrected", None)]
    (case,) = await world.query("SELECT state, colour FROM alerting.cases")
    assert (case.state, case.colour) == ("new", "red")
    assert await world.query("SELECT * FROM alerting.clock ORDER BY metric") == before


async def test_both_in_one_batch(world: World) -> None:
    red = feedback()
    await world.consume(red, enriched(red), corrected(red, Colour.RED, Colour.GREEN))
    assert await world.kinds(case_id(red)) == [("opened", None), ("corrected", None)]


async def test_a_newer_model_repeats_no_correction(world: World) -> None:
    amber = feedback()
    override = corrected(amber, Colour.AMBER, Colour.RED)
    await world.consume(override)
    await world.consume(override.model_copy(update={"id": "en-of-another-model"}))
    assert len(await world.kinds(case_id(amber))) == 2


async def test_without_a_case_there_is_nothing_to_show_it_on(world: World) -> None:
    await world.consume(corrected(feedback(), Colour.AMBER, Colour.GREEN))
    assert await world.query("SELECT 1 FROM alerting.cases") == []
    assert await world.query("SELECT 1 FROM alerting.case_correction") == []


async def test_history_opens_a_case_once_somebody_makes_it_red(world: World) -> None:
    old = feedback(backfill=True)
    await world.consume(enriched(old))
    assert await world.query("SELECT 1 FROM alerting.cases") == []
    await world.consume(corrected(old, Colour.AMBER, Colour.RED))
    assert await world.kinds(case_id(old)) == [("opened", None), ("corrected", None)]


async def test_a_newer_version_of_what_was_corrected_opens_its_case(world: World) -> None:
    old = feedback(backfill=True)
    found = corrected(old, Colour.AMBER, Colour.RED).model_copy(update={"reprocessed": True})
    for _ in range(2):
        await world.consume(found)
    assert len(await world.kinds(case_id(old))) == 2
