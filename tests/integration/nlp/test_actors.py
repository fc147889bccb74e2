"""Corrections and verdicts are by the person who acts, not by the key that brings their request."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from heedful.common.service import Platform
from tests.clock import Clock
from tests.integration.journey.world import problem
from tests.integration.nlp.corrections import body, enriched, keep, published
from tests.integration.nlp.world import NOW, Nlp, running
from tests.people import Console

LATER = NOW + timedelta(weeks=1)
CONSOLE = Console()
WANG = {"type": "human", "id": "wang.fang"}


@pytest.fixture
async def nlp(platform: Platform) -> AsyncIterator[Nlp]:
    async with running(CONSOLE.believed(platform, NOW), Clock(LATER)) as started:
        yield started


async def test_a_correction_is_by_the_person(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    made = await nlp.client.post("/v1/corrections", json=body(), headers=CONSOLE.headers(NOW))
    assert made.json()["actor"] == WANG
    (listed,) = (await nlp.client.get("/v1/corrections")).json()["items"]
    assert listed["actor"] == WANG
    (found,) = await published(nlp)
    assert found.corrections[0].actor.model_dump(mode="json") == WANG


async def test_without_a_token_it_is_by_the_key(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    made = (await nlp.client.post("/v1/corrections", json=body())).json()
    assert made["actor"]["type"] == "system"


async def test_a_token_that_proves_nothing_corrects_nothing(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    headers = CONSOLE.headers(NOW - timedelta(hours=1))
    answer = await nlp.client.post("/v1/corrections", json=body(), headers=headers)
    problem(answer, 401, "bad-actor-token")
    assert (await nlp.client.get("/v1/corrections")).json()["items"] == []


async def test_a_verdict_is_by_the_person(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await nlp.client.get("/v1/audit-sample")).json()["items"]
    judged = await nlp.client.post(
        f"/v1/audit-sample/{item['id']}", json={"right": True}, headers=CONSOLE.headers(NOW)
    )
    assert judged.json()["verdict"]["actor"] == WANG
