"""If-Match on the steps of a case: who has not seen its last event does nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from heedful.alerting import store_cases
from heedful.alerting.api import case_steps, cases
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import HOUR, KEY, T0, World, case_id, enriched, feedback
from tests.integration.common.world import problem
from tests.integration.locks import blocked
from tests.people import Console

NOW = datetime.now(UTC)
CONSOLE = Console()
RED = feedback()
ID = case_id(RED)
CASE = f"/v1/cases/{ID}"
NOTE = {"note": "rang, no answer"}
BODIES: dict[str, Any] = {
    "acknowledge": None,
    "assign": {"owner": "li"},
    "claim": None,
    "notes": NOTE,
    "contacts": {"kind": "call"},
    "plan": {"owner": "li", "action": "replace", "due": "2026-03-03T08:00:00Z"},
    "start": None,
    "wait": {"state": "waiting_customer", "reason": "away"},
    "resume": None,
    "land": {"root_cause": "part", "action_taken": "replaced"},
    "verify": {"method": "measured"},
    "close": None,
    "dismiss": {"reason": "test"},
    "approve-dismissal": None,
    "reopen": None,
    "merge": {"into": "another"},
    "unmerge": None,
    "split": {"source": "calls", "id": "f1"},
}
"""Of every step."""


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    platform = CONSOLE.believed(world.platform, NOW)
    routers = [
        cases.router(world.database, platform.auth),
        case_steps.router(world.database, world.actions, platform.auth),
    ]
    assert {
        route.path.rsplit("/", 1)[1] for route in routers[1].routes if isinstance(route, APIRoute)
    } == set(BODIES)
    await world.consume(enriched(RED))
    world.now += HOUR
    async with calling(platform, routers) as made:
        yield made


async def step(client: httpx.AsyncClient, name: str, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"{CASE}/{name}", json=BODIES[name], headers=given)


async def test_a_case_and_every_step_tell_its_version(client: httpx.AsyncClient) -> None:
    seen = await client.get(CASE)
    assert seen.headers["ETag"] == f'"{seen.json()["sequence"]}"' == '"1"'
    for name in ("acknowledge", "notes", "plan"):
        answer = await step(client, name, If_Match=seen.headers["ETag"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["ETag"] == f'"{answer.json()["sequence"]}"' != seen.headers["ETag"]
        seen = answer
    assert (await step(client, "notes")).status_code == 200


async def test_who_has_missed_a_step_learns_of_it_and_does_nothing(
    client: httpx.AsyncClient, world: World
) -> None:
    person = CONSOLE.headers(NOW)
    await client.post(f"{CASE}/claim", headers=person)
    before = await world.kinds(ID)
    refused = problem(await step(client, "plan", If_Match='"1"'), 412, "changed")
    assert {name: refused[name] for name in ("sequence", "state", "by", "at")} == {
        "sequence": len(before),
        "state": "acknowledged",
        "by": {"type": "human", "id": "wang.fang"},
        "at": "2026-03-01T09:00:00Z",
    }
    assert await world.kinds(ID) == before


async def test_a_clock_that_ran_out_is_a_step_as_well(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.fire_until(T0 + 25 * HOUR)
    refused = problem(await step(client, "claim", If_Match='"1"'), 412, "changed")
    assert refused["by"]["type"] == "system"


async def test_every_step_looks_first(client: httpx.AsyncClient, world: World) -> None:
    """Whether the state allows it, and what the body names, is not even asked."""
    for name in BODIES:
        problem(await step(client, name, If_Match='"7"'), 412, "changed")
    assert await world.kinds(ID) == [("opened", None)]


async def test_of_two_at_once_the_second_sees_the_first(
    client: httpx.AsyncClient, world: World
) -> None:
    """Both have found the case as it was, and wait for it."""
    async with world.database.begin() as (connection, _):
        await store_cases.lock_cases(connection, [ID])
        both = [asyncio.create_task(step(client, "acknowledge", If_Match='"1"')) for _ in range(2)]
        await blocked(world.platform.engine, *both)
    answers = sorted(await asyncio.gather(*both), key=lambda one: one.status_code)
    assert answers[0].status_code == 200, answers[0].text
    refused = problem(answers[1], 412, "changed")
    assert (refused["sequence"], refused["by"]) == (
        answers[0].json()["sequence"],
        answers[0].json()["events"][-1]["actor"],
    )


async def test_any_version_of_a_list_will_do_and_a_star_is_all(client: httpx.AsyncClient) -> None:
    for written in ('"9", "1"', '"9" ,\t"2"', "*"):
        assert (await step(client, "notes", If_Match=written)).status_code == 200


async def test_what_is_no_version_is_refused_with_how_to_write_it(
    client: httpx.AsyncClient, world: World
) -> None:
    """Never taken for none, which would do what it was to prevent."""
    wrong = ["1", "", '"', '"1', 'W/"1"', '"one"', '"1" "2"', '"1",', "*,*", f'"{10**9}"']
    for written in wrong:
        refused = problem(await step(client, "notes", If_Match=written), 422, "invalid")
        (fault,) = refused["errors"]
        assert fault["at"] == "header.If-Match"
        assert '"7"' in fault["message"]
    assert await world.kinds(ID) == [("opened", None)]


async def test_a_case_that_is_not_there_has_no_version(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/cases/none/claim", headers={"If-Match": '"1"'})
    problem(answer, 404, "not-found")


async def test_a_merge_asks_for_the_case_that_goes(client: httpx.AsyncClient, world: World) -> None:
    other = feedback(2, identifiers=())
    await world.consume(enriched(other))
    await world.note(case_id(other), KEY, "seen")
    answer = await client.post(
        f"{CASE}/merge", json={"into": case_id(other)}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
