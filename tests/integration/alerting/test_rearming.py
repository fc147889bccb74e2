"""Notices that wait for working hours go by those of today, also when these change meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest

from heedful.alerting import rearming
from heedful.alerting.api import calendar_versions, calendars, policies
from heedful.alerting.rearming import EVERY_S, Rearming
from heedful.common.contracts import Feedback
from tests.integration.alerting.calling import calling
from tests.integration.alerting.test_applying import (
    OFFICE,
    OPEN,
    WANG,
    WEEK,
    activate,
    policy,
    put_office,
)
from tests.integration.alerting.world import HOUR, T0, World, case_id, enriched, feedback

# T0 is a Sunday, 16:00 in Shanghai. Half of 24 hours is Monday 4:00, told at 9:00.
NINE, SIX = T0 + 17 * HOUR, T0 + 14 * HOUR
EARLY = {**OFFICE, "week": {**WEEK, "monday": ["06:00-18:00"]}}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth, rulebook = world.platform.auth, world.rulebook
    routers = [
        policies.router(world.database, rulebook, auth),
        calendars.router(world.database, auth),
        calendar_versions.router(world.database, rulebook, auth),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def waiting(client: httpx.AsyncClient, world: World, *reds: Feedback) -> None:
    """Cases whose first notice waits for the office to open."""
    await put_office(client, OFFICE)
    await activate(client, {**policy(respond=24), "notify_calendar": "office"})
    await rearmed(world)
    await world.consume(*map(enriched, reds))
    assert await dues(world) == [NINE] * len(reds)


async def rearmed(world: World) -> None:
    while await Rearming(world.database, world.ledger).step() != EVERY_S:
        pass


async def dues(world: World) -> list[datetime]:
    return [row.due_at for row in await world.query("SELECT due_at FROM alerting.timer")]


def people(count: int) -> Sequence[Feedback]:
    return [feedback(number, identifiers=(), conversation_id=None) for number in range(count)]


@pytest.mark.parametrize(
    ("hours", "due"),
    [
        (EARLY, SIX),
        ({**OFFICE, "week": OPEN}, T0 + 12 * HOUR),
        # Monday is off, and the clock runs out on it: the last working minute was before its start.
        ({**OFFICE, "holidays": ["2026-03-02"]}, T0),
    ],
)
async def test_what_waits_goes_by_the_new_hours(
    world: World, client: httpx.AsyncClient, hours: dict[str, Any], due: datetime
) -> None:
    (red,) = people(1)
    await waiting(client, world, red)
    world.now = T0 + HOUR
    await put_office(client, hours)
    assert await dues(world) == [NINE]
    await rearmed(world)
    assert await dues(world) == [due]
    await world.fire_until(T0 + 20 * HOUR)
    (told,) = await world.query("SELECT at FROM alerting.case_event WHERE rung = 'half'")
    assert told.at == max(due, T0 + HOUR)


async def test_later_hours_are_found_when_the_timer_fires_before_it_was_set_anew(
    world: World, client: httpx.AsyncClient
) -> None:
    (red,) = people(1)
    await waiting(client, world, red)
    await put_office(client, {**OFFICE, "week": {**WEEK, "monday": ["13:00-18:00"]}})
    await world.fire_until(NINE)
    assert await world.kinds(case_id(red)) == [("opened", None)]
    assert await dues(world) == [T0 + 21 * HOUR]


async def test_many_go_on_where_another_replica_stopped(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearming, "BATCH", 2)
    reds = people(5)
    await waiting(client, world, *reds)
    await put_office(client, EARLY)
    one, other = (Rearming(world.database, world.ledger) for _ in range(2))
    assert await one.step() == 0.0
    assert sorted(await dues(world)) == [SIX] * 2 + [NINE] * 3
    await put_office(client, {**OFFICE, "week": {**WEEK, "monday": ["07:00-18:00"]}})
    await asyncio.gather(one.step(), other.step())
    await rearmed(world)
    assert await dues(world) == [SIX + HOUR] * 5
    assert await world.query("SELECT tenant FROM alerting.rearming") == []


async def test_what_was_answered_stays_silent(world: World, client: httpx.AsyncClient) -> None:
    (red,) = people(1)
    await waiting(client, world, red)
    world.now += HOUR
    await world.respond(case_id(red), WANG)
    assert await dues(world) == []
    await put_office(client, EARLY)
    await rearmed(world)
    assert await dues(world) == []
