"""The weekly random sample: drawn the same however items come, judged once, measured apart."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from heedful.common.contracts import Aspect, Colour, Polarity
from heedful.common.service import Platform
from heedful.nlp.upkeep import Upkeep
from tests.clock import Clock
from tests.integration.conftest import OTHER_API_KEY
from tests.integration.erasures import erasure, feedback_key, obey
from tests.integration.journey.world import problem
from tests.integration.nlp.corrections import correct, enriched, keep, published
from tests.integration.nlp.world import NOW, Nlp, feedback, running

LATER = NOW + timedelta(weeks=1)
SIZE = 20
ITEMS = 300


@pytest.fixture
def clock() -> Clock:
    return Clock(LATER)


@pytest.fixture
async def nlp(
    platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Nlp]:
    monkeypatch.setenv("HEEDFUL_NLP__AUDIT_ITEMS", str(SIZE))
    async with running(platform, clock) as started:
        yield started


async def sample(nlp: Nlp, **params: str) -> dict[str, Any]:
    answer = await nlp.client.get("/v1/audit-sample", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def judge(nlp: Nlp, item: dict[str, Any], **body: Any) -> httpx.Response:
    corrected = [{"label": label, "value": value} for label, value in body.items()]
    verdict = {"right": not corrected, "corrected": corrected}
    return await nlp.client.post(f"/v1/audit-sample/{item['id']}", json=verdict)


async def measure(nlp: Nlp, clock: Clock) -> None:
    await Upkeep(nlp.platform.engine, timedelta(days=14), clock).step()


def rate(metric: str, basis: str, label: str, value: str, bound: str = "point") -> float | None:
    labels = {"basis": basis, "label": label, "value": value, "bound": bound}
    return REGISTRY.get_sample_value(f"heedful_nlp_{metric}", labels)


async def test_the_sample_is_the_same_however_items_come(nlp: Nlp) -> None:
    items = [enriched(number) for number in range(ITEMS)]
    chance = random.Random(1)  # noqa: S311
    drawn = []
    for size in (7, 50):
        chance.shuffle(items)
        for start in range(0, ITEMS, size):
            await keep(nlp, *items[start : start + size])
        drawn.append([item["feedback"]["id"] for item in (await sample(nlp))["items"]])
        async with nlp.platform.engine.begin() as connection:
            await connection.execute(text("TRUNCATE nlp.enrichment, nlp.sample"))
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == SIZE


async def test_two_members_at_once_draw_no_more_and_no_other(nlp: Nlp) -> None:
    items = [enriched(number) for number in range(ITEMS)]
    await asyncio.gather(*(keep(nlp, *items[start::4]) for start in range(4)))
    drawn = [item["feedback"]["id"] for item in (await sample(nlp))["items"]]
    async with nlp.platform.engine.begin() as connection:
        await connection.execute(text("TRUNCATE nlp.enrichment, nlp.sample"))
    await keep(nlp, *items)
    assert [item["feedback"]["id"] for item in (await sample(nlp))["items"]] == drawn
    async with nlp.platform.engine.connect() as connection:
        rows = await connection.execute(text("SELECT count(*) FROM nlp.sample"))
        assert rows.scalar_one() == SIZE


async def test_history_and_other_weeks_are_left_out(nlp: Nlp) -> None:
    old = feedback(2, "好", backfill=True)
    before = feedback(3, "好", received_at=NOW - timedelta(weeks=1))
    forgotten = feedback(4, "好", received_at=NOW - timedelta(weeks=20))
    await keep(nlp, enriched(1), *(enriched(5, feedback=one) for one in (old, before, forgotten)))
    assert [item["feedback"]["id"] for item in (await sample(nlp))["items"]] == ["f1"]
    week = (await sample(nlp, week="2026-W47"))["items"]
    assert [item["feedback"]["id"] for item in week] == ["f3"]
    async with nlp.platform.engine.connect() as connection:
        rows = await connection.execute(text("SELECT count(*) FROM nlp.sample"))
        assert rows.scalar_one() == 2


async def test_a_week_that_is_not_over_has_no_sample_yet(nlp: Nlp, clock: Clock) -> None:
    clock.now = NOW
    await keep(nlp, enriched(1))
    answer = await nlp.client.get("/v1/audit-sample", params={"week": "2026-W48"})
    assert "2026-11-30" in problem(answer, 409, "week-not-over")["detail"]
    for wrong in ("2026-W54", "lately"):
        refused = await nlp.client.get("/v1/audit-sample", params={"week": wrong})
        problem(refused, 422, "invalid")


async def test_an_item_shows_what_there_is_to_judge(nlp: Nlp) -> None:
    aspect = Aspect(topic="service.attitude", polarity=Polarity.NEGATIVE, confidence=0.9)
    await keep(nlp, enriched(1, aspects=(aspect,)))
    found = await sample(nlp)
    assert (found["week"], found["judged"]) == ("2026-W48", 0)
    (item,) = found["items"]
    assert item["text"] == enriched(1).feedback.text
    assert item["labels"]["light"] == "amber"
    assert item["labels"]["topic:service.attitude"] == "negative"
    assert item["verdict"] is None


async def test_right_is_one_verdict_for_ever(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await sample(nlp))["items"]
    answer = await judge(nlp, item)
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"]["right"] is True
    assert answer.json()["verdict"]["actor"]["type"] == "system"
    problem(await judge(nlp, item), 409, "already-judged")
    assert (await sample(nlp))["judged"] == 1
    assert await published(nlp) == []


async def test_a_missed_red_is_corrected_and_published(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await sample(nlp))["items"]
    answers = await asyncio.gather(*(judge(nlp, item, light="red") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (found,) = await published(nlp)
    assert found.light.colour is Colour.RED
    (listed,) = (await nlp.client.get("/v1/corrections")).json()["items"]
    assert (listed["basis"], listed["was"], listed["value"]) == ("audit", "amber", "red")


async def test_what_was_corrected_before_is_not_corrected_again(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    await correct(nlp)
    (item,) = (await sample(nlp))["items"]
    assert item["labels"]["light"] == "amber"
    assert (await judge(nlp, item, light="red")).status_code == 200
    assert len(await published(nlp)) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"right": True, "corrected": [{"label": "light", "value": "red"}]}, "right: true, or"),
        ({"right": False}, "right: true, or"),
        ({"right": False, "corrected": [{"label": "light", "value": "amber"}]}, "is so already"),
        ({"right": False, "corrected": [{"label": "no", "value": "amber"}]}, "label is one of"),
        ({"right": False, "corrected": [{"label": "light", "value": "red"}] * 2}, "twice"),
    ],
)
async def test_a_verdict_that_cannot_be(nlp: Nlp, body: dict[str, Any], says: str) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await sample(nlp))["items"]
    answer = await nlp.client.post(f"/v1/audit-sample/{item['id']}", json=body)
    problem(answer, 422, "invalid")
    assert says in answer.text
    assert (await sample(nlp))["judged"] == 0


async def test_other_tenants_neither_see_nor_judge(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await sample(nlp))["items"]
    headers = {"X-API-Key": OTHER_API_KEY}
    assert (await nlp.client.get("/v1/audit-sample", headers=headers)).json()["items"] == []
    path = f"/v1/audit-sample/{item['id']}"
    refused = await nlp.client.post(path, json={"right": True}, headers=headers)
    problem(refused, 404, "not-found")


async def test_an_erased_item_is_gone_and_its_verdict_counts(nlp: Nlp, clock: Clock) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await sample(nlp))["items"]
    await judge(nlp, item)
    await obey(nlp.service, erasure(nlp.platform, NOW, feedback_key("calls", "f1")))
    assert (await sample(nlp))["items"] == []
    await measure(nlp, clock)
    assert REGISTRY.get_sample_value("heedful_nlp_audited") == 1


async def test_the_sample_and_the_corrections_are_measured_apart(nlp: Nlp, clock: Clock) -> None:
    lights = [Colour.RED] * 4 + [Colour.AMBER] * 6
    await keep(nlp, *(enriched(number, light) for number, light in enumerate(lights)))
    items = (await sample(nlp))["items"]
    reds = [item for item in items if item["labels"]["light"] == "red"]
    for item in items:
        wrong = item == reds[0]
        await (judge(nlp, item, light="grey") if wrong else judge(nlp, item))
    # Of the reds that nobody had to look at, one more is wrong, and two were missed.
    numbers = [int(item["feedback"]["id"][1:]) for item in reds[1:]]
    await correct(nlp, numbers[0], was="red", value="green")
    for number in (4, 5):
        assert (await correct(nlp, number)).status_code == 201
    await measure(nlp, clock)
    assert rate("precision", "sample", "light", "red") == 3 / 4
    assert rate("recall", "sample", "light", "red") == 1
    assert rate("precision", "corrections", "light", "red") == 3 / 4
    assert rate("recall", "corrections", "light", "red") == 3 / 5
    low, high = (rate("precision", "sample", "light", "red", end) for end in ("low", "high"))
    assert low == pytest.approx(0.3006, abs=1e-4)
    assert high == pytest.approx(0.9544, abs=1e-4)


async def test_what_is_too_old_is_forgotten_but_not_what_was_said(nlp: Nlp, clock: Clock) -> None:
    await keep(nlp, enriched(1))
    (item,) = (await sample(nlp))["items"]
    await judge(nlp, item, light="red")
    clock.now = NOW + timedelta(weeks=30)
    await measure(nlp, clock)
    async with nlp.platform.engine.connect() as connection:
        for table, rows in (("enrichment", 0), ("sample", 0), ("verdict", 1), ("correction", 1)):
            found = await connection.execute(text(f"SELECT count(*) FROM nlp.{table}"))  # noqa: S608
            assert found.scalar_one() == rows
    assert rate("precision", "sample", "light", "amber") is None
