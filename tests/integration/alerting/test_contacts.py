"""What fulfils a respond clock: a person's contact after the feedback, whenever it arrives."""

from typing import Any

import pytest

from heedful.common.contracts import (
    Actor,
    ActorType,
    Channel,
    Direction,
    Feedback,
    InteractionKind,
)
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
    phone,
)
from tests.integration.conftest import OTHER_TENANT

RED = feedback()
ID = case_id(RED)


async def respond_clock(world: World) -> Any:
    (clock,) = await world.query("SELECT * FROM alerting.clock WHERE metric = 'respond'")
    return clock


@pytest.mark.parametrize("contact_first", [True, False])
async def test_a_contact_fulfils_before_and_after_the_case(
    world: World,
    contact_first: bool,
) -> None:
    events = [contact(), enriched(RED)]
    for event in events if contact_first else reversed(events):
        await world.consume(event)
    clock = await respond_clock(world)
    assert clock.fulfilled_at == T0 + HOUR
    assert clock.fulfilled_by == "interaction:crm:i1"
    assert await world.kinds(ID) == [("opened", None), ("responded", "respond")]
    pending = await world.query("SELECT metric FROM alerting.timer")
    assert {timer.metric for timer in pending} == {"plan", "land"}
    (told,) = await world.query("SELECT * FROM alerting.case_event WHERE kind = 'responded'")
    assert (told.actor_type, told.actor_id, told.at) == ("human", "agent-7", T0 + HOUR)


async def test_in_one_batch(world: World) -> None:
    await world.consume(enriched(RED), contact())
    assert (await respond_clock(world)).fulfilled_at == T0 + HOUR


async def test_by_conversation_alone(world: World) -> None:
    await world.consume(enriched(RED))
    await world.consume(contact(identifiers=(), conversation_id="conv-1"))
    assert (await respond_clock(world)).fulfilled_at is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": Direction.INBOUND},
        {"actor": Actor(type=ActorType.BOT)},
        {"actor": Actor(type=ActorType.SYSTEM)},
        {"actor": Actor(type=ActorType.CUSTOMER)},
        {"actor": None},
        {"kind": InteractionKind.SERVICE},
        {"occurred_at": T0},
        {"occurred_at": T0 - HOUR},
        {"identifiers": (phone("13900139000"),)},
        {"identifiers": (), "conversation_id": "conv-2"},
        {"identifiers": ()},
        {"tenant": OTHER_TENANT},
    ],
)
async def test_what_does_not_answer(world: World, changes: dict[str, Any]) -> None:
    await world.consume(enriched(RED))
    await world.consume(contact(**changes))
    assert (await respond_clock(world)).fulfilled_at is None
    assert await world.kinds(ID) == [("opened", None)]


FETCHED = feedback(channel=Channel.CHAT, occurred_at=T0 - HOUR)
"""Said an hour before the channel was asked for it."""
ANSWER: dict[str, Any] = {
    "occurred_at": T0 - HOUR / 2,
    "identifiers": (),
    "conversation_id": "conv-1",
}


@pytest.mark.parametrize("contact_first", [True, False])
async def test_an_answer_in_the_conversation_counts_before_the_message_was_fetched(
    world: World, contact_first: bool
) -> None:
    events = [contact(**ANSWER), enriched(FETCHED)]
    for event in events if contact_first else reversed(events):
        await world.consume(event)
    assert (await respond_clock(world)).fulfilled_at == T0 - HOUR / 2
    assert await world.kinds(ID) == [("opened", None), ("responded", "respond")]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (FETCHED, {"occurred_at": T0 - HOUR}),
        (FETCHED, {"occurred_at": T0 - 2 * HOUR}),
        (FETCHED, {"conversation_id": "conv-2"}),
        (FETCHED, {"conversation_id": None, "identifiers": (phone("13800138000"),)}),
        (feedback(occurred_at=T0 - HOUR), {}),
    ],
    ids=["at once", "before", "elsewhere", "to the person", "the call itself"],
)
async def test_but_not_what_may_be_about_something_else(
    world: World, said: Feedback, answer: dict[str, Any]
) -> None:
    await world.consume(contact(**(ANSWER | answer)), enriched(said))
    assert (await respond_clock(world)).fulfilled_at is None


async def test_one_contact_answers_all_open_cases_of_the_customer(world: World) -> None:
    reds = [feedback(number) for number in range(3)]
    await world.consume(*map(enriched, reds))
    await world.consume(contact())
    for red in reds:
        assert ("responded", "respond") in await world.kinds(case_id(red))


async def test_the_first_contact_counts(world: World) -> None:
    await world.consume(
        contact(1, occurred_at=T0 + 3 * HOUR), contact(2, occurred_at=T0 + 2 * HOUR)
    )
    await world.consume(enriched(RED))
    assert (await respond_clock(world)).fulfilled_at == T0 + 2 * HOUR


async def test_a_contact_answers_an_unclassified_case(world: World) -> None:
    await world.consume(contact(), RED)
    world.now = T0 + 2 * HOUR
    await world.watch.step()
    assert (await respond_clock(world)).fulfilled_at == T0 + HOUR


async def test_a_late_contact_fulfils_and_the_breach_is_still_told(world: World) -> None:
    """The timers stood still for a while: the contact was late all the same."""
    await world.consume(enriched(RED))
    world.now = T0 + 30 * HOUR
    await world.consume(contact(occurred_at=T0 + 25 * HOUR))
    await world.timers.step()
    clock = await respond_clock(world)
    assert (clock.fulfilled_at, clock.breached_at) == (T0 + 25 * HOUR, T0 + 24 * HOUR)
    assert await world.kinds(ID) == [
        ("opened", None),
        ("responded", "respond"),
        ("breached", "respond"),
        ("warned", "plan"),
    ]


async def test_no_identifier_is_stored(world: World) -> None:
    await world.consume(RED, contact())
    await world.consume(enriched(RED))
    tables = await world.query(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'alerting'"
    )
    assert len(tables) >= 13
    for table in tables:
        rows = await world.query(f"SELECT CAST(t AS text) AS row FROM alerting.{table.name} t")  # noqa: S608
        assert not any("8001380" in row.row or "着火" in row.row for row in rows)
