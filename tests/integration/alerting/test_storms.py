"""Many cases about one thing: one issue, few messages, and every clock as it was."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from heedful.alerting.actions import Seen
from heedful.alerting.consumer import AlertingHandler
from heedful.alerting.endpoint_kinds import StormNotices
from heedful.alerting.policies.document import Storm
from heedful.alerting.storms import store_looks
from heedful.alerting.storms.flushing import StormLoop
from heedful.common.contracts import Colour, Enrichment
from tests.integration.alerting.storms import (
    TOPIC,
    begin,
    children,
    id_of,
    ids,
    issues,
    like,
    live_until,
    robot,
    set_storm,
    told,
    types,
)
from tests.integration.alerting.world import HOUR, KEY, T0, World, contact, phone
from tests.integration.conftest import OTHER_TENANT
from tests.integration.locks import blocked

PACE = Storm()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


async def test_the_fifth_case_begins_an_issue_that_takes_the_others(world: World) -> None:
    endpoint = await robot(world)
    for number in range(4):
        await world.consume(like(number))
    assert await issues(world) == []
    await world.consume(like(4))
    (issue,) = await issues(world)
    assert (issue.topic, issue.touchpoint, issue.region) == (TOPIC, "workshop", "east")
    assert await children(world, issue.id) == ids(5)
    world.now = T0 + SECOND
    await world.consume(like(5))
    assert await children(world, issue.id) == ids(6)
    assert await types(world, endpoint) == ["case.opened"] * 4
    await live_until(world, T0 + PACE.group_wait)
    *_, first = await told(world, endpoint)
    assert (first.event_type, first.urgent) == ("issue.opened", True)
    assert first.written["data"]["cases"] == {"all": 6, "unsettled": 6, "red": 6}
    assert first.written["data"]["news"] == [{"type": "case.opened", "colour": "red", "n": 2}]
    named = [one["case_id"] for one in first.written["data"]["children"]]
    assert sorted(named) == sorted([id_of(4), id_of(5)])


@pytest.mark.parametrize(
    "other",
    [
        like(4, topic="vehicle.engine"),
        like(4, topic=None),
        like(4, touchpoint="app"),
        like(4, region="west"),
        like(4, region=None),
        like(4, tenant=OTHER_TENANT),
        like(4, colour=Colour.GREEN),
    ],
    ids=["topic", "no-topic", "touchpoint", "region", "no-region", "tenant", "no-case"],
)
async def test_what_is_about_another_thing_counts_for_nothing(
    world: World, other: Enrichment
) -> None:
    await world.consume(*map(like, range(4)), other)
    assert await issues(world) == []
    await world.consume(like(5))
    (issue,) = await issues(world)
    assert id_of(4) not in await children(world, issue.id)


async def test_many_without_a_topic_are_no_storm(world: World) -> None:
    await world.consume(*(like(number, topic=None) for number in range(9)))
    assert await issues(world) == []


async def test_neither_do_old_ones_nor_those_that_are_settled(world: World) -> None:
    await world.consume(*map(like, range(3)))
    world.now = T0 + PACE.within
    await world.consume(*(like(number, at=world.now) for number in range(3, 6)))
    for number in (3, 4):
        await world.acknowledge(id_of(number), KEY)
        await world.plan(id_of(number), KEY)
        await world.land(id_of(number), KEY)
    await world.consume(*(like(number, at=world.now) for number in range(6, 9)))
    assert await issues(world) == []
    await world.consume(like(9, at=world.now))
    (issue,) = await issues(world)
    unsettled = sorted(map(id_of, [5, 6, 7, 8, 9]))
    assert await children(world, issue.id) == unsettled


async def test_what_is_reopened_counts_as_if_it_were_opened(world: World) -> None:
    """Settled cases that come again are a storm, too, and the last one begins it."""
    await world.consume(*(like(number) for number in range(3)))
    for number in range(3):
        await world.acknowledge(id_of(number), KEY)
        await world.plan(id_of(number), KEY)
        await world.land(id_of(number), KEY)
    world.now = T0 + 24 * HOUR
    await world.consume(like(3, at=world.now), like(4, at=world.now))
    for number in range(3):
        assert await issues(world) == []
        await world.actions.reopen(Seen("acme", id_of(number)), KEY, None)
    (issue,) = await issues(world)
    assert await children(world, issue.id) == ids(5)


async def test_a_case_that_belongs_to_no_issue_tells_for_itself(world: World) -> None:
    endpoint = await robot(world)
    await world.consume(like(0))
    await live_until(world, T0 + 12 * HOUR)
    assert await types(world, endpoint) == ["case.opened", "case.warning"]


async def test_an_issue_that_is_closed_meanwhile_takes_no_case(world: World) -> None:
    """The case finds it open, and waits for whoever closes it: another issue begins."""
    first = await begin(world)
    async with world.database.begin() as (connection, now):
        (issue,) = await store_looks.due(connection, T0 + PACE.group_wait, 1)
        await store_looks.looked(connection, [(replace(issue, closed_at=now), None)])
        late = asyncio.create_task(world.consume(like(5)))
        await blocked(world.platform.engine, late)
    await late
    (second,) = [one.id for one in await issues(world) if one.closed_at is None]
    assert second != first
    assert await children(world, second) == ids(6)


@pytest.mark.parametrize(("storm", "found"), [(None, 0), (Storm(at_least=9), 0), (Storm(), 1)])
async def test_the_policy_says_when_and_whether(
    world: World, storm: Storm | None, found: int
) -> None:
    await set_storm(world, storm)
    await world.consume(*map(like, range(8)))
    assert len(await issues(world)) == found


async def test_a_batch_without_a_storm_takes_two_statements_more(world: World) -> None:
    counted: list[str] = []
    engine = world.platform.engine.sync_engine

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    def topics(first: int, topic: str | None) -> list[Enrichment]:
        return [
            like(number, topic=None if topic is None else f"{topic}-{number}")
            for number in range(first, first + 200)
        ]

    event.listen(engine, "before_cursor_execute", count)
    try:
        await world.consume(*topics(0, None))
        before = len(counted)
        await world.consume(*topics(200, "topic"))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(counted) - before <= before + 2, counted[before:]
    assert await issues(world) == []


async def test_of_any_number_of_replicas_one_begins_it_and_all_cases_are_its(
    world: World,
) -> None:
    """Forty cases of four things, in batches of random size, five replicas at a time."""
    handlers = [world.replica() for _ in range(5)]
    order = random.Random(11)  # noqa: S311
    cases = [like(number, region=f"r{number % 4}") for number in range(40)]
    order.shuffle(cases)
    batches: list[list[Enrichment]] = [[] for _ in handlers]
    for one in cases:
        order.choice(batches).append(one)

    async def bring(handler: AlertingHandler, batch: list[Enrichment]) -> None:
        for start in range(0, len(batch), 2):
            await world.consume(*batch[start : start + 2], by=handler)

    await asyncio.gather(*map(bring, handlers, batches))
    found = await issues(world)
    assert sorted(issue.region for issue in found) == ["r0", "r1", "r2", "r3"]
    for issue in found:
        own = [number for number in range(40) if f"r{number % 4}" == issue.region]
        assert await children(world, issue.id) == sorted(map(id_of, own))


async def test_of_any_number_of_replicas_one_tells(world: World) -> None:
    endpoint = await robot(world)
    await begin(world)
    await begin_another(world)
    world.now = T0 + PACE.group_wait
    loops = [StormLoop(world.database, None, lambda: None) for _ in range(6)]
    await asyncio.gather(*(loop.step() for loop in loops for _ in range(2)))
    opened = [row for row in await told(world, endpoint) if row.event_type == "issue.opened"]
    assert sorted(row.written["data"]["region"] for row in opened) == ["east", "west"]
    assert sum(row.written["data"]["news"][0]["n"] for row in opened) == 10


async def begin_another(world: World) -> None:
    await world.consume(*(like(number, region="west") for number in range(10, 15)))


async def test_each_endpoint_chooses_and_a_ticket_system_has_each_case(world: World) -> None:
    await world.add_endpoint("https://tickets.example.com/")
    each, grouped = await robot(world, storms=StormNotices.EACH), await robot(world)
    await begin(world, 7)
    world.now = T0 + PACE.group_wait
    await world.storms.step()
    for endpoint in ("ep", each):
        assert await types(world, endpoint) == ["case.opened"] * 7
    assert await types(world, grouped) == ["issue.opened"]


async def test_news_comes_once_in_an_interval_and_what_is_unsettled_again(world: World) -> None:
    endpoint = await robot(world)
    await begin(world)
    await live_until(world, T0 + MINUTE)
    for number in range(5, 9):
        await world.consume(like(number, at=world.now))
        await live_until(world, world.now + MINUTE)
    assert await types(world, endpoint) == ["issue.opened"]
    await live_until(world, T0 + PACE.group_wait + PACE.group_interval)
    _, news = await told(world, endpoint)
    assert news.written["data"]["news"][0]["n"] == 4
    await live_until(world, world.now + PACE.repeat)
    *_, again = await told(world, endpoint)
    assert (again.event_type, again.written["data"]["news"]) == ("issue.updated", [])
    assert again.created_at - news.created_at == PACE.repeat


async def test_it_ends_when_all_is_settled_and_quiet_and_the_next_storm_is_another(
    world: World,
) -> None:
    endpoint = await robot(world)
    first = await begin(world)
    await live_until(world, T0 + HOUR)
    for case in ids(5):
        await world.acknowledge(case, KEY)
        await world.plan(case, KEY)
        await world.land(case, KEY)
    await live_until(world, T0 + PACE.quiet_after + PACE.group_interval)
    ended = (await told(world, endpoint))[-1]
    assert ended.event_type == "issue.closed"
    assert ended.written["data"]["cases"] == {"all": 5, "unsettled": 0, "red": 0}
    assert T0 + PACE.quiet_after <= ended.created_at
    late = [like(number, at=world.now) for number in range(20, 25)]
    await world.consume(*late)
    _, second = await issues(world)
    assert second.id != first
    assert await children(world, second.id) == sorted(map(id_of, range(20, 25)))
    assert await children(world, first) == []


async def test_a_warning_that_has_become_pointless_is_not_told(world: World) -> None:
    endpoint = await robot(world)
    await begin(world)
    await live_until(world, T0 + 12 * HOUR)
    before = len(await told(world, endpoint))
    warned = await world.query("SELECT 1 FROM alerting.issue_notice WHERE flush IS NULL")
    assert len(warned) == 5
    calls = [
        contact(
            number,
            identifiers=(phone(f"139{number:08}"),),
            occurred_at=T0 + 11 * HOUR,
            received_at=world.now,
        )
        for number in range(5)
    ]
    await world.consume(*calls)
    await live_until(world, T0 + 12 * HOUR + PACE.group_interval)
    news = [row.written["data"]["news"] for row in (await told(world, endpoint))[before:]]
    assert [one for one in news if one] == []


async def test_sixty_red_cases_are_few_messages_and_no_clock_is_touched(world: World) -> None:
    """In two minutes; nobody answers, and whoever would hear of each breach hears in time."""
    endpoint = await robot(world)
    await world.add_endpoint("https://tickets.example.com/")
    opened: dict[str, datetime] = {}
    for number in range(60):
        await live_until(world, T0 + 2 * number * SECOND)
        await world.consume(like(number, at=world.now))
        opened[id_of(number)] = world.now
    await live_until(world, T0 + 10 * MINUTE)
    assert await types(world, endpoint) == [
        *["case.opened"] * 4,
        "issue.opened",
        "issue.updated",
    ]
    (issue,) = await issues(world)
    assert await children(world, issue.id) == ids(60)
    await live_until(world, T0 + 23 * HOUR + 30 * MINUTE)
    quiet = await told(world, endpoint)
    await live_until(world, T0 + 24 * HOUR + 10 * MINUTE)
    for case, at in opened.items():
        stored = await world.case(case)
        assert stored.deadlines.respond == at + 24 * HOUR
        assert stored.clocks[0].breached_at == at + 24 * HOUR
        assert ("breached", "respond") in await world.kinds(case)
    flushes = {
        row.written["data"]["flush"]: row.created_at
        for row in await told(world, endpoint)
        if row.event_type == "issue.updated"
    }
    breaches = await world.query(
        "SELECT * FROM alerting.issue_notice WHERE event_type = 'case.breached'"
    )
    assert {row.case_id for row in breaches} == set(opened)
    for row in breaches:
        late = flushes[row.flush] - (opened[row.case_id] + 24 * HOUR)
        assert timedelta(0) <= late <= PACE.group_wait
        assert row.audience == ["owner", "lead", "board", "manager"]
    soon = (await told(world, endpoint))[len(quiet) :]
    assert len(soon) <= 6
    breached = [row for row in soon if row.written["data"]["gravest"]["type"] == "case.breached"]
    assert all(row.urgent for row in breached)
    assert "manager" in breached[0].written["data"]["audience"]
    # A ticket system has each of them by itself.
    assert (await types(world, "ep")).count("case.breached") == 60
    assert await world.query("SELECT 1 FROM alerting.issue_notice WHERE flush IS NULL") == []
