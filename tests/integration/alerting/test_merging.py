"""Who is answered when cases of two customers become one, and when they are two again."""

import asyncio
from datetime import datetime
from itertools import pairwise

import pytest

from heedful.alerting.actions import Seen
from heedful.alerting.states import State
from heedful.common.contracts import Actor, ActorType, Colour, Enrichment, Feedback, Interaction
from tests.integration.alerting.locks import merging
from tests.integration.alerting.world import (
    HOUR,
    PATIENCE,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
    phone,
)
from tests.integration.conftest import TENANT

PERSON = Actor(type=ActorType.HUMAN, id="wang")
OTHER = phone("139 0013 9000")
FIRST = feedback(1)
SECOND = feedback(2, identifiers=(OTHER,), received_at=T0 + 4 * HOUR)
INTO, GONE = case_id(FIRST), case_id(SECOND)


@pytest.fixture
async def merged(world: World) -> World:
    """One complained at 8:00, another at 12:00, who had been called at 10:00 about something."""
    await world.consume(enriched(FIRST))
    await world.consume(called(2, T0 + 2 * HOUR))
    world.now = T0 + 4 * HOUR
    await world.consume(enriched(SECOND))
    await world.actions.merge(Seen(TENANT, GONE), INTO, PERSON)
    return world


def called(number: int, at: datetime) -> Interaction:
    return contact(number, identifiers=(OTHER,), occurred_at=at, received_at=at)


def waiting(of: Feedback) -> Enrichment:
    """Somebody waits for an answer."""
    return enriched(of, Colour.AMBER).model_copy(update={"needs_response": True})


async def answered(world: World, case: str) -> datetime | None:
    return (await world.case(case)).clocks[0].fulfilled_at


async def test_a_call_from_before_they_complained_answers_nobody(merged: World) -> None:
    await merged.fire_until(T0 + 20 * HOUR)
    assert await answered(merged, INTO) is None
    await merged.consume(called(3, T0 + 21 * HOUR))
    assert await answered(merged, INTO) == T0 + 21 * HOUR


async def test_what_comes_meanwhile_goes_where_it_is_worked_on(world: World) -> None:
    other = feedback(2, identifiers=(OTHER,))
    await world.consume(waiting(FIRST), waiting(other))
    more = feedback(3, conversation_id="conv-1")
    async with merging(world, INTO, GONE, PERSON) as later:
        later.append(asyncio.create_task(world.consume(enriched(more))))
    assert (await world.case(GONE)).colour is Colour.RED


async def test_red_labels_of_what_was_merged_raise_the_case_that_goes_on(world: World) -> None:
    """Whatever those of its own say."""
    others = [feedback(number, identifiers=(phone(f"1390000111{number}"),)) for number in (2, 3)]
    await world.consume(FIRST, *others)
    world.now += PATIENCE
    await world.watch.step()
    into = [INTO, *map(case_id, others)]
    for gone, case in pairwise(into):
        await world.actions.merge(Seen(TENANT, gone), case, PERSON)
    await world.consume(enriched(others[1], Colour.GREEN))
    assert (await world.case(into[-1])).state is State.NEW
    await world.consume(enriched(FIRST))
    found = await world.case(into[-1])
    assert (found.state, found.colour) == (State.NEW, Colour.RED)
    assert found.deadlines.respond == T0 + 24 * HOUR


async def test_who_was_called_meanwhile_is_answered_when_they_are_two_again(merged: World) -> None:
    await merged.consume(called(3, T0 + 5 * HOUR))
    merged.now = T0 + 6 * HOUR
    await merged.actions.unmerge(Seen(TENANT, GONE), PERSON, None)
    assert await answered(merged, GONE) == T0 + 5 * HOUR


async def test_what_the_case_has_heard_itself_finds_it_also_when_they_are_two_again(
    merged: World,
) -> None:
    more = feedback(3, conversation_id="conv-2", received_at=T0 + 5 * HOUR)
    merged.now = T0 + 5 * HOUR
    await merged.consume(enriched(more))
    await merged.actions.unmerge(Seen(TENANT, GONE), PERSON, None)
    on = contact(3, identifiers=(), conversation_id="conv-2", occurred_at=T0 + 7 * HOUR)
    await merged.consume(on)
    assert await answered(merged, INTO) == T0 + 7 * HOUR
