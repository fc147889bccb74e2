"""Steps on a case are taken by the person whose token comes with them; a machine cannot be one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from heedful.alerting.api import case_steps
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import HOUR, World, case_id, enriched, feedback
from tests.integration.common.world import problem
from tests.people import Console

NOW = datetime.now(UTC)
CONSOLE = Console()
RED = feedback()
STEPS = f"/v1/cases/{case_id(RED)}"
CALL = {"kind": "call"}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    platform = CONSOLE.believed(world.platform, NOW)
    router = case_steps.router(world.database, world.actions, platform.auth)
    async with calling(platform, [router]) as made:
        yield made


@pytest.fixture
async def case(world: World) -> None:
    """A red light an hour ago."""
    await world.consume(enriched(RED))
    world.now += HOUR


@pytest.mark.usefixtures("case")
async def test_a_person_claims_and_answers(client: httpx.AsyncClient) -> None:
    person = CONSOLE.headers(NOW)
    claimed = (await client.post(f"{STEPS}/claim", headers=person)).json()
    assert (claimed["owner"], claimed["state"]) == ("wang.fang", "acknowledged")
    answered = (await client.post(f"{STEPS}/contacts", json=CALL, headers=person)).json()
    respond = next(one for one in answered["clocks"] if one["metric"] == "respond")
    assert respond["result"] == "met"
    assert answered["events"][-1]["actor"] == {"type": "human", "id": "wang.fang"}


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(("step", "body"), [("claim", None), ("contacts", CALL)])
async def test_a_machine_does_neither(
    client: httpx.AsyncClient, step: str, body: dict[str, str] | None
) -> None:
    problem(await client.post(f"{STEPS}/{step}", json=body), 403, "not-allowed")


@pytest.mark.usefixtures("case")
async def test_nor_does_who_cannot_prove_to_be_a_person(
    client: httpx.AsyncClient, world: World
) -> None:
    late = CONSOLE.headers(NOW - HOUR)
    answer = await client.post(f"{STEPS}/contacts", json=CALL, headers=late)
    problem(answer, 401, "bad-actor-token")
    assert await world.kinds(case_id(RED)) == [("opened", None)]
