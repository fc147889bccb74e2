"""What has changed: nothing is missed, whoever commits first, and nothing is told twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from heedful.alerting import store_cases, work
from heedful.alerting.api import case_changes, cases
from heedful.alerting.records import Tally
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import KEY, World, case_id, enriched, feedback
from tests.integration.common.world import problem
from tests.integration.conftest import OTHER_API_KEY, OTHER_TENANT

PATH = "/v1/cases/changes"


class Reader:
    """Asks after what it has read, as a page that is open does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.position: str | None = None

    async def ask(self, **params: Any) -> dict[str, Any]:
        after = {} if self.position is None else {"after": self.position}
        answer = await self.client.get(PATH, params={**after, **params})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        self.position = found["position"]
        return found

    async def changed(self) -> list[str]:
        found = await self.ask()
        assert not found["more"]
        return [one["id"] for one in found["items"]]


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth = world.platform.auth
    routers = [case_changes.router(world.database, auth), cases.router(world.database, auth)]
    async with calling(world.platform, routers) as made:
        yield made


@pytest.fixture
async def reader(client: httpx.AsyncClient) -> Reader:
    made = Reader(client)
    assert await made.changed() == []
    return made


async def opened(world: World, *numbers: int) -> list[str]:
    """Cases of so many feedback items."""
    made = [feedback(number, identifiers=()) for number in numbers]
    await world.consume(*(enriched(one) for one in made))
    return [case_id(one) for one in made]


@asynccontextmanager
async def noting(world: World, case: str) -> AsyncIterator[None]:
    """A note on a case is written, and committed at the end."""
    async with world.database.begin() as (connection, now):
        stored = (await store_cases.lock_cases(connection, [case]))[case]
        steps = [(stored, step) for step in work.noted(now, KEY, "rang")]
        await world.ledger.append(connection, now, steps, Tally())
        yield


async def test_what_happened_is_told_once_with_the_case_of_today(
    world: World, reader: Reader, client: httpx.AsyncClient
) -> None:
    first, second = await opened(world, 1, 2)
    await world.acknowledge(first, KEY)
    await world.note(first, KEY, "rang")
    found = await reader.ask()
    assert [one["id"] for one in found["items"]] == [second, first]
    listed = (await client.get("/v1/cases")).json()["items"]
    assert sorted(found["items"], key=lambda one: str(one["id"])) == sorted(
        listed, key=lambda one: str(one["id"])
    )
    assert found["items"][1]["state"] == "acknowledged"
    assert await reader.changed() == []
    await world.note(second, KEY, "rang")
    assert await reader.changed() == [second]


async def test_who_has_just_come_learns_only_where_we_are(
    world: World, client: httpx.AsyncClient
) -> None:
    (case,) = await opened(world, 1)
    late = Reader(client)
    assert await late.changed() == []
    await world.acknowledge(case, KEY)
    assert await late.changed() == [case]


async def test_who_commits_late_is_not_missed(world: World, reader: Reader) -> None:
    """The first transaction writes first, and is committed after the second was read."""
    first, second = await opened(world, 1, 2)
    await reader.changed()
    async with noting(world, first):
        async with noting(world, second):
            assert await reader.changed() == []
        assert await reader.changed() == [second]
        assert await reader.changed() == []
    assert await reader.changed() == [first]
    assert await reader.changed() == []


async def test_what_is_taken_back_has_not_happened(world: World, reader: Reader) -> None:
    (case,) = await opened(world, 1)
    await reader.changed()
    with pytest.raises(ZeroDivisionError):
        async with noting(world, case):
            raise ZeroDivisionError
    assert await reader.changed() == []


async def test_a_long_list_comes_in_pages_and_misses_none_between_them(
    world: World, reader: Reader
) -> None:
    """A transaction that is older than all of the first page commits before the second."""
    (old,) = await opened(world, 0)
    await reader.changed()
    made = await opened(world, 1, 2, 3)
    async with noting(world, old):
        made += await opened(world, 4, 5)
        pages = [await reader.ask(limit=2)]
    (later,) = await opened(world, 6)
    while pages[-1]["more"]:
        pages.append(await reader.ask(limit=2))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert sorted(one["id"] for page in pages for one in page["items"]) == sorted(made)
    assert sorted(await reader.changed()) == sorted([old, later])
    assert await reader.changed() == []


async def test_many_who_write_and_one_who_reads(world: World, reader: Reader) -> None:
    ids = await opened(world, *range(8))
    await reader.changed()
    seen: dict[str, int] = dict.fromkeys(ids, 1)

    async def write(case: str) -> None:
        for _ in range(5):
            await world.note(case, KEY, "rang")

    async def read() -> None:
        for one in (await reader.ask())["items"]:
            assert one["sequence"] >= seen[one["id"]]
            seen[one["id"]] = one["sequence"]

    writing = asyncio.gather(*(write(case) for case in ids))
    while not writing.done():
        await read()
    await writing
    await read()
    assert set(seen.values()) == {6}


async def test_it_is_of_the_tenant_alone(world: World, client: httpx.AsyncClient) -> None:
    start = (await client.get(PATH)).json()["position"]
    other = {"X-API-Key": OTHER_API_KEY}
    await opened(world, 1)
    await world.consume(enriched(feedback(2, tenant=OTHER_TENANT)))
    answer = await client.get(PATH, params={"after": start}, headers=other)
    assert [one["id"] for one in answer.json()["items"]] == [
        case_id(feedback(2, tenant=OTHER_TENANT))
    ]


async def test_what_is_no_position_is_refused(client: httpx.AsyncClient) -> None:
    for after in ("", "x", "WyJhIl0"):
        problem(await client.get(PATH, params={"after": after}), 400, "bad-position")
