"""The memory is a function of the events: not of their order, batches, repetitions or luck."""

import random
from collections.abc import Iterator, Sequence

import pytest

from heedful.common.contracts import Colour
from heedful.common.events import Delivery
from heedful.journey import resolve
from tests.integration.journey.world import Journey
from tests.unit.journey.history import history, partition
from tests.unit.journey.material import feedback, interaction
from tests.unit.journey.test_orders import NAMES, STORIES


def lives(chance: random.Random, count: int) -> list[Delivery]:
    """Events of a few people who share what people share, some of them without a name."""
    pool = chance.sample(NAMES, 7)
    found: list[Delivery] = []
    for number in range(count):
        names = chance.sample(pool, chance.choice([0, 1, 1, 2, 2, 3]))
        hours = chance.randint(0, 6)
        talk = chance.choice([None, None, "k1", "k2", "k3"])
        if chance.random() < 0.5:
            colour = chance.choice(list(Colour))
            said = feedback(number, *names, hours=hours, conversation_id=talk, colour=colour)
            found.append(said)
        else:
            found.append(interaction(number, *names, hours=hours, conversation_id=talk))
    return found


def in_batches(chance: random.Random, events: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """In another order, in batches, one in four twice."""
    rest = [*events, *chance.sample(list(events), len(events) // 4)]
    chance.shuffle(rest)
    while rest:
        size = chance.randint(1, 6)
        yield rest[:size]
        rest = rest[size:]


@pytest.fixture(params=["usual limits", "limits that are met"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "limits that are met":
        monkeypatch.setattr(resolve, "MAX_PERSONAL", 2)
        monkeypatch.setattr(resolve, "MAX_LINKED", 4)


@pytest.mark.usefixtures("limits")
async def test_any_order_into_an_empty_database_gives_equal_tables(journey: Journey) -> None:
    for seed in range(8):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        events = lives(chance, 24)
        await journey.forget()
        await journey.consume(*events)
        at_once = await journey.tables()
        counts = await journey.get("/v1/summary")
        for _ in range(2):
            await journey.forget()
            for batch in in_batches(chance, events):
                await journey.consume(*batch)
            assert await journey.tables() == at_once, seed
            assert await journey.get("/v1/summary") == counts, seed


@pytest.mark.usefixtures("limits")
async def test_the_database_agrees_with_the_rules(journey: Journey) -> None:
    """What SQL pieces together is what the pure functions say of all events at once."""
    for seed in range(100, 108):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        events = lives(chance, 24)
        await journey.forget()
        for batch in in_batches(chance, events):
            await journey.consume(*batch)
        expected = history(events)
        found = await journey.tables()
        owners = {row["id"]: row["customer_id"] for row in found["identifier"]}
        assert {key: owner for key, owner in owners.items() if owner} == expected.owners, seed
        shared = {row["id"] for row in found["identifier"] if row["shared"]}
        assert shared == expected.resolution.shared, seed
        identified = {
            (row["tenant"], row["kind"], row["source"], row["id"]): row["customer_id"]
            for row in found["event"]
            if row["identified"]
        }
        assert identified == {key: owner for key, owner in partition(expected).items() if owner}


async def test_stories_told_backwards_give_equal_tables(journey: Journey) -> None:
    for story, carried in STORIES.items():
        events = [feedback(number, *names) for number, names in enumerate(carried)]
        await journey.forget()
        for event in events:
            await journey.consume(event)
        forwards = await journey.tables()
        await journey.forget()
        for event in reversed(events):
            await journey.consume(event)
        assert await journey.tables() == forwards, story


async def test_redelivery_changes_nothing_at_all(journey: Journey) -> None:
    events = lives(random.Random(7), 40)  # noqa: S311  # not for secrets
    await journey.consume(*events)
    before = await journey.tables()
    moves = await journey.query("SELECT * FROM journey.move ORDER BY id")
    rows = "SELECT id, xmin FROM journey.event ORDER BY id"
    versions = await journey.query(rows)
    await journey.consume(*reversed(events))
    for event in events:
        await journey.consume(event, event)
    assert await journey.tables() == before
    assert await journey.query("SELECT * FROM journey.move ORDER BY id") == moves
    assert await journey.query(rows) == versions, "no row was written again"
