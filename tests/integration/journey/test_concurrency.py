"""Members that handle one customer at the same time lose nothing and do not stop each other."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handler
from heedful.journey.records import read
from heedful.journey.store import remember
from tests.integration.journey.test_replay import in_batches, lives
from tests.integration.journey.world import NOW, Journey, member
from tests.integration.locks import blocked
from tests.unit.journey.history import node_of
from tests.unit.journey.material import feedback, interaction

PHONE, MAIL = "phone:13900001234", "email:a@b.cn"
DEADLINE_S = 30


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[list[AsyncEngine]]:
    """Of four members, each with connections of its own; deadlocks are found at once."""
    url = make_url(database_url).set(drivername="postgresql+asyncpg")
    made = [
        create_async_engine(url, connect_args={"server_settings": {"deadlock_timeout": "20ms"}})
        for _ in range(4)
    ]
    yield made
    for engine in made:
        await engine.dispose()


@asynccontextmanager
async def unfinished(engine: AsyncEngine, *events: Delivery) -> AsyncIterator[None]:
    """Another member that has done all of its batch but the commit."""
    async with engine.begin() as connection:
        await remember(connection, [read(event, "CN") for event in events], NOW)
        yield


async def test_members_that_share_customers_end_with_what_one_alone_ends_with(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    """Four members, batches that touch the same few people, in different orders."""
    members = [member(engine, journey.platform.secrets) for engine in engines]
    for seed in range(200, 206):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        events = lives(chance, 40)
        await journey.forget()
        await journey.consume(*events)
        alone = await journey.tables()
        await journey.forget()
        shares = [list(in_batches(chance, events[start::4])) for start in range(4)]

        async def work(handler: Handler, batches: Sequence[list[Delivery]]) -> None:
            for batch in batches:
                await again_and_again(handler, batch)

        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(*map(work, members, shares))
        assert await journey.tables() == alone, seed


async def test_two_members_that_meet_a_new_identifier_agree(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    one, other = engines[:2]
    async with unfinished(one, feedback(1, PHONE, MAIL)):
        second = asyncio.create_task(
            _consume(journey, other, interaction(2, PHONE, "customer_id:c1"))
        )
        await blocked(journey.platform.engine, second)
    await second
    owners = {await journey.customer_of(name) for name in (PHONE, MAIL, "customer_id:c1")}
    assert owners == {str(node_of("customer_id:c1").id)}


async def test_the_earlier_event_dates_an_identifier_whoever_commits_first(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    one, other = engines[:2]
    async with unfinished(one, feedback(5, PHONE)):
        second = asyncio.create_task(_consume(journey, other, interaction(2, PHONE)))
        await blocked(journey.platform.engine, second)
    await second
    (row,) = await journey.query("SELECT first_seen, evidence_id FROM journey.identifier")
    assert row.evidence_id == "i2"


async def test_an_event_that_comes_during_a_merge_follows_it(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    await journey.consume(feedback(1, MAIL), feedback(2, "customer_id:c1"))
    async with unfinished(engines[0], feedback(3, MAIL, "customer_id:c1")):
        second = asyncio.create_task(_consume(journey, engines[1], interaction(4, MAIL)))
        await blocked(journey.platform.engine, second)
    await second
    (event,) = await journey.query("SELECT customer_id FROM journey.event WHERE id = 'i4'")
    assert event.customer_id == node_of("customer_id:c1").id


async def test_a_merge_waits_for_the_events_that_are_being_stored(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    """Else it would not see them, and they would stay with a customer who is no more."""
    await journey.consume(feedback(1, MAIL), feedback(2, "customer_id:c1"))
    async with unfinished(engines[0], interaction(4, MAIL)):
        merge = asyncio.create_task(
            _consume(journey, engines[1], feedback(3, MAIL, "customer_id:c1"))
        )
        await blocked(journey.platform.engine, merge)
    await merge
    owners = await journey.query("SELECT DISTINCT customer_id FROM journey.event")
    assert [row.customer_id for row in owners] == [node_of("customer_id:c1").id]


async def test_batches_of_one_customer_without_news_do_not_wait(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    await journey.consume(feedback(1, MAIL))
    async with unfinished(engines[0], interaction(4, MAIL)), asyncio.timeout(DEADLINE_S):
        await _consume(journey, engines[1], interaction(5, MAIL))
    events = await journey.query("SELECT id FROM journey.event ORDER BY id")
    assert [row.id for row in events] == ["f1", "i4", "i5"]


async def test_links_of_two_members_make_one_chain(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    """Each joins the middle to another end: the second to commit sees what the first did."""
    await journey.consume(
        feedback(1, "wechat_openid:o1"), feedback(2, MAIL), feedback(3, "customer_id:c1")
    )
    async with unfinished(engines[0], feedback(4, "wechat_openid:o1", MAIL)):
        second = asyncio.create_task(
            _consume(journey, engines[1], feedback(5, MAIL, "customer_id:c1"))
        )
        await blocked(journey.platform.engine, second)
    await second
    names = ("wechat_openid:o1", MAIL, "customer_id:c1")
    assert len({await journey.customer_of(name) for name in names}) == 1


async def test_a_name_that_comes_during_an_anonymous_event_reaches_it(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    await journey.consume(feedback(1, conversation_id="k1"))
    async with unfinished(engines[0], feedback(2, conversation_id="k1")):
        named = interaction(3, "customer_id:c1", conversation_id="k1")
        second = asyncio.create_task(_consume(journey, engines[1], named))
        await blocked(journey.platform.engine, second)
    await second
    assert await journey.timeline("customer_id:c1") == ["f1", "f2", "i3"]


async def test_an_anonymous_event_and_the_one_that_names_its_customer_may_come_at_once(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    for number in range(20):
        talk = f"k{number}"
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(
                _consume(journey, engines[0], feedback(2 * number, conversation_id=talk)),
                _consume(
                    journey,
                    engines[1],
                    interaction(2 * number, f"customer_id:c{number}", conversation_id=talk),
                ),
            )
    lost = await journey.query("SELECT id FROM journey.event WHERE customer_id IS NULL")
    assert lost == []


async def test_a_deadlock_costs_a_try_and_nothing_else(
    journey: Journey, engines: list[AsyncEngine]
) -> None:
    """Who waits looks for a deadlock once: the member's wait must be the one that closes the ring,
    so it is held up at its second lock until the rival waits for its first."""
    cards = [f"member_card:m{number}" for number in (1, 2, 3)]
    await journey.consume(*(feedback(number, card) for number, card in enumerate(cards, 1)))
    low, middle, high = sorted(node_of(card).id for card in cards)
    lock = text("SELECT id FROM journey.identifier WHERE id = :id FOR UPDATE")
    async with asyncio.timeout(DEADLINE_S), engines[2].begin() as rival:
        # Only the member may be the one who gives way.
        await rival.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        await rival.execute(lock, {"id": high})
        async with engines[3].begin() as guard:
            await guard.execute(lock, {"id": middle})
            consuming = asyncio.create_task(_consume(journey, engines[0], feedback(4, *cards)))
            await blocked(journey.platform.engine, consuming)
            closing = asyncio.create_task(rival.execute(lock, {"id": low}))
            await blocked(journey.platform.engine, consuming, closing)
        await closing
    await consuming
    assert await journey.timeline(cards[0]) == ["f1", "f2", "f3", "f4"]


async def again_and_again(handler: Handler, batch: Sequence[Delivery]) -> None:
    """As the runtime does with a batch that came at a bad time."""
    while True:
        try:
            await handler(batch)
        except Retryable:
            continue
        return


async def _consume(journey: Journey, engine: AsyncEngine, *batch: Delivery) -> None:
    assert list(await member(engine, journey.platform.secrets)(batch)) == [()] * len(batch)
