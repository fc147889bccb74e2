"""Receipts: who has obeyed, what is overdue, what is told again, and the signed record of it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from heedful.common.outbox import Relay
from heedful.common.service import Periodic, Platform
from heedful.common.topics import JOURNEY_SIGNAL, PRIVACY_ERASURE, PRIVACY_RECEIPT
from heedful.journey import store_record
from heedful.journey.record import faults
from tests.clock import Clock
from tests.integration.conftest import OTHER_API_KEY
from tests.integration.journey.erasing import (
    OTHERS,
    answer_all,
    ask,
    erase,
    parts,
    published,
    receipt,
    record,
    seen,
)
from tests.integration.journey.world import NOW, Journey, problem, running
from tests.unit.journey.material import feedback

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
async def journey(platform: Platform, clock: Clock) -> AsyncIterator[Journey]:
    async with running(platform, clock) as started:
        yield started


async def step(journey: Journey, name: str) -> None:
    """One step of a background part."""
    part = next(part for part in journey.service.background if part.name == name)
    assert isinstance(part, Periodic)
    await part._step()


def gauge(state: str) -> float:
    found = REGISTRY.get_sample_value("heedful_journey_open_erasures", {"state": state})
    assert found is not None
    return found


async def erased(journey: Journey, number: int = 1) -> dict[str, Any]:
    name = f"customer_id:c{number}"
    await journey.consume(feedback(number, name))
    return await erase(journey, name)


async def test_it_is_complete_when_every_service_has_answered(journey: Journey) -> None:
    made = await erased(journey)
    assert made["state"] == "pending"
    await answer_all(journey, "ingest", "nlp")
    found = await seen(journey, made["id"])
    assert [(one["service"], one["complete"]) for one in found["services"]] == [
        ("alerting", False),
        ("ingest", True),
        ("journey", True),
        ("nlp", True),
    ]
    assert (found["state"], found["completed_at"]) == ("pending", None)
    await answer_all(journey, "alerting", "warehouse")
    found = await seen(journey, made["id"])
    assert found["state"] == "complete"
    assert datetime.fromisoformat(found["completed_at"]) == NOW
    by_name = {one["service"]: one for one in found["services"]}
    assert by_name["nlp"]["deleted"] == {"things": 2}
    assert by_name["journey"]["deleted"] == {"feedback_events": 1, "identifiers": 1}
    left = {one["name"] for one in by_name["journey"]["remaining"]}
    assert {JOURNEY_SIGNAL.name, PRIVACY_ERASURE.name} <= left
    assert by_name["warehouse"]["complete"]
    assert await journey.query("SELECT 1 FROM journey.erasure_part") == []


async def test_a_receipt_counts_once_and_only_for_its_own_erasure(journey: Journey) -> None:
    made = await erased(journey)
    (part,) = await parts(journey)
    stranger = part.model_copy(update={"id": "00000000-0000-0000-0000-000000000000"})
    other = part.model_copy(update={"tenant": "other"})
    await record(
        journey,
        [
            receipt(part, "nlp", things=1),
            receipt(part, "nlp", things=5),
            receipt(stranger, "nlp"),
            receipt(other, "ingest"),
        ],
    )
    found = {one["service"]: one for one in (await seen(journey, made["id"]))["services"]}
    assert found["nlp"]["deleted"] == {"things": 1}
    assert not found["ingest"]["complete"]


async def test_a_late_item_opens_it_again(journey: Journey) -> None:
    made = await erased(journey)
    await answer_all(journey, *OTHERS)
    assert (await seen(journey, made["id"]))["state"] == "complete"
    await journey.consume(feedback(7, "customer_id:c1"))
    found = await seen(journey, made["id"])
    assert (found["state"], found["parts"]) == ("pending", 2)
    await answer_all(journey, *OTHERS)
    found = await seen(journey, made["id"])
    assert found["state"] == "complete"
    by_name = {one["service"]: one for one in found["services"]}
    assert by_name["journey"]["deleted"]["late_items"] == 1
    assert by_name["alerting"]["deleted"] == {"things": 4}


async def test_after_an_hour_it_is_overdue(journey: Journey, clock: Clock) -> None:
    one, two = await erased(journey, 1), await erased(journey, 2)
    await answer_all(journey, *OTHERS)
    three = await erased(journey, 3)
    clock.now += HOUR
    await step(journey, "journey.erasures")
    assert (gauge("pending"), gauge("overdue")) == (1, 0)
    clock.now += timedelta(seconds=1)
    await step(journey, "journey.erasures")
    assert (gauge("pending"), gauge("overdue")) == (1, 1)
    assert (await seen(journey, three["id"]))["state"] == "overdue"
    for state, expected in (("overdue", {three["id"]}), ("complete", {one["id"], two["id"]})):
        found = await journey.pages("/v1/erasures", state=state, limit=1)
        assert {item["id"] for item in found} == expected


async def test_the_list_goes_page_by_page_and_is_the_tenants_own(
    journey: Journey, clock: Clock
) -> None:
    made = []
    for number in range(5):
        made.append((await erased(journey, number))["id"])
        clock.now += timedelta(seconds=number % 2)
    found = await journey.pages("/v1/erasures", limit=2)
    assert sorted(item["id"] for item in found) == sorted(made)
    times = [item["requested_at"] for item in found]
    assert times == sorted(times, reverse=True)
    journey.client.headers["X-API-Key"] = OTHER_API_KEY
    assert await journey.pages("/v1/erasures") == []
    problem(await journey.client.get(f"/v1/erasures/{made[0]}"), 404, "not-found")


async def test_what_is_not_obeyed_is_told_again_with_our_own_receipt(
    journey: Journey, clock: Clock
) -> None:
    await erased(journey, 1)
    await answer_all(journey, *OTHERS)
    open_ = await erased(journey, 2)
    first = await published(journey, PRIVACY_ERASURE)
    clock.now += timedelta(days=1)
    await step(journey, "journey.erasures")
    assert len(await published(journey, PRIVACY_ERASURE)) == len(first), "not before a day is over"
    clock.now += timedelta(seconds=1)
    for _ in range(2):
        await step(journey, "journey.erasures")
    told = await published(journey, PRIVACY_ERASURE)
    ids = [one.event.id for one in told]
    assert sorted(ids) == sorted([*(one.event.id for one in first), f"{open_['id']}/1"])
    values = {one.record.value for one in told if one.event.id == f"{open_['id']}/1"}
    assert len(values) == 1, "byte for byte"
    answers = [one.event.id for one in await published(journey, PRIVACY_RECEIPT)]
    assert len(answers) == 3
    assert len(set(answers)) == 2


async def test_the_record_is_signed_and_what_is_taken_out_is_missed(journey: Journey) -> None:
    for number in range(2):
        await erased(journey, number)
    await answer_all(journey, *OTHERS)
    async with journey.platform.engine.connect() as connection:
        kept = await store_record.page(connection, "acme", 0, 100)
    entries = [entry for _, entry in kept]
    assert [position for position, _ in kept] == list(range(1, 11))
    shown = await seen(journey, (await journey.get("/v1/erasures"))["items"][0]["id"])
    key = bytes.fromhex(shown["public_key"])
    assert faults(entries, key) == []
    assert faults(entries[:4] + entries[5:], key) == ["between entry 4 and 6 something is missing"]
    bodies = {one["body"] for one in shown["record"]}
    assert bodies <= {entry.body for entry in entries}
    assert len(bodies) == 5


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM journey.erasure_record", "UPDATE journey.erasure_record SET part = 9"],
)
async def test_nobody_changes_the_record(journey: Journey, statement: str) -> None:
    await erased(journey)
    with pytest.raises(DBAPIError, match="append-only"):
        async with journey.platform.engine.begin() as connection:
            await connection.execute(text(statement))


async def test_an_outbox_that_waits_keeps_the_answer_from_nobody(journey: Journey) -> None:
    """The request is done when it is committed; the log may be away."""
    await journey.consume(feedback(1, "customer_id:c1"))
    answer = await ask(journey, await journey.customer_of("customer_id:c1"))
    assert answer.status_code == 202
    relay = next(part for part in journey.service.background if isinstance(part, Relay))
    assert await relay.step() == 2
