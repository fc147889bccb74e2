"""Correcting labels over HTTP: remembered, published, and never lost to a newer model."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from heedful.common.contracts import (
    Aspect,
    Colour,
    Intent,
    IntentLabel,
    Polarity,
    Sentiment,
)
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.journey.world import problem
from tests.integration.nlp.corrections import body, correct, enriched, keep, published
from tests.integration.nlp.world import NOW, Nlp
from tests.keys import make_key


async def listed(nlp: Nlp, **params: Any) -> list[dict[str, Any]]:
    answer = await nlp.client.get("/v1/corrections", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_light_is_corrected_and_published_with_who_and_when(nlp: Nlp) -> None:
    machine = enriched(1)
    await keep(nlp, machine, key="customer-7")
    answer = await correct(nlp, note="电池鼓包会起火")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["was"], made["value"], made["basis"]) == ("amber", "red", "correction")
    assert made["actor"]["type"] == "system"
    assert made["versions"]["model"] == "m1"
    assert await listed(nlp) == [made]
    (found,) = await published(nlp)
    assert found.light.colour is Colour.RED
    assert found.light.reasons[0].label_zh == "人工改判"
    assert found.feedback == machine.feedback
    assert found.id != machine.id
    assert found.enriched_at > machine.enriched_at
    (correction,) = found.corrections
    assert (correction.id, correction.label, correction.was, correction.value) == (
        made["id"],
        "light",
        "amber",
        "red",
    )
    (record,) = await nlp.records("heedful.feedback.enriched.v1")
    assert record.key == b"customer-7"


SAYS_MUCH = enriched(
    1,
    sentiment=Sentiment(polarity=Polarity.NEGATIVE, score=-0.5, confidence=0.9),
    intent=Intent(label=IntentLabel.INQUIRY, confidence=0.9),
    aspects=(Aspect(topic="service.attitude", polarity=Polarity.NEGATIVE, confidence=0.9),),
)


@pytest.mark.parametrize(
    ("label", "was", "value"),
    [
        ("sentiment", "negative", "neutral"),
        ("sentiment", "negative", None),
        ("intent", "inquiry", "complaint"),
        ("urgency", None, "critical"),
        ("needs_response", None, "yes"),
        ("churn", None, "yes"),
        ("solicited", None, "yes"),
    ],
)
async def test_every_label_can_be_corrected(
    nlp: Nlp, label: str, was: str | None, value: str | None
) -> None:
    await keep(nlp, SAYS_MUCH)
    answer = await correct(nlp, label=label, was=was, value=value)
    assert answer.status_code == 201, answer.text
    (found,) = await published(nlp)
    assert found.light == SAYS_MUCH.light
    again = await correct(nlp, label=label, was=value, value=was, enrichment_id=found.id)
    assert again.status_code == 201, again.text


async def test_a_topic_is_taken_out_and_another_set(nlp: Nlp) -> None:
    topics = (await nlp.client.get("/v1/labels")).json()["items"]
    there, other = [one["code"] for one in topics if one["kind"] == "topic"][:2]
    aspect = Aspect(topic=there, polarity=Polarity.NEGATIVE, confidence=0.9)
    await keep(nlp, enriched(1, aspects=(aspect,)))
    for label, was, value in ((there, "negative", None), (other, None, "positive")):
        answer = await correct(nlp, label=f"topic:{label}", was=was, value=value)
        assert answer.status_code == 201, answer.text
    last = (await published(nlp))[-1]
    assert [(one.topic, one.polarity) for one in last.aspects] == [(other, "positive")]
    assert len(last.corrections) == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"label": "colour"}, "label is one of light, sentiment"),
        ({"label": "topic:no.such"}, "no such topic: no.such"),
        ({"value": "purple"}, "light is red or amber or green or grey"),
        ({"value": None}, "light is red or amber"),
        ({"label": "intent", "was": None, "value": "other"}, "or null where the text does not"),
        ({"value": "amber"}, "is to be amber, as it was"),
    ],
)
async def test_what_cannot_be_is_told(nlp: Nlp, changes: dict[str, Any], says: str) -> None:
    await keep(nlp, enriched(1))
    found = problem(await correct(nlp, **changes), 422, "invalid")
    assert says in found["detail"]
    assert await listed(nlp) == []


async def test_a_feedback_that_nlp_does_not_have(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    found = problem(await correct(nlp, 2), 404, "not-found")
    assert "no feedback 'f2' of source 'calls'" in found["detail"]


async def test_another_tenant_sees_and_corrects_nothing(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    await correct(nlp)
    headers = {"X-API-Key": OTHER_API_KEY}
    other = await nlp.client.post("/v1/corrections", json=body(), headers=headers)
    problem(other, 404, "not-found")
    seen = await nlp.client.get("/v1/corrections", headers=headers)
    assert seen.json()["items"] == []


async def test_a_key_without_the_scope_may_not(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    key = await stored_key(nlp, "corrections:read")
    headers = {"X-API-Key": key}
    refused = await nlp.client.post("/v1/corrections", json=body(), headers=headers)
    assert "corrections:write" in problem(refused, 403, "forbidden")["detail"]
    assert (await nlp.client.get("/v1/corrections", headers=headers)).status_code == 200
    unknown = await nlp.client.post("/v1/corrections", json=body(), headers={"X-API-Key": "no"})
    problem(unknown, 401, "unauthorized")


async def stored_key(nlp: Nlp, *scopes: str) -> str:
    _, key = await make_key(nlp.platform.engine, TENANT, scopes, NOW)
    return key


async def test_one_idempotency_key_corrects_once(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    headers = {"Idempotency-Key": "click-1"}
    first = await nlp.client.post("/v1/corrections", json=body(), headers=headers)
    second = await nlp.client.post("/v1/corrections", json=body(), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(await listed(nlp)) == 1
    assert len(await published(nlp)) == 1


async def test_of_two_at_once_one_learns_of_the_other(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    answers = await asyncio.gather(correct(nlp, value="red"), correct(nlp, value="green"))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 201
    told = problem(lost, 409, "stale")
    assert told["value"] == won.json()["value"]
    assert len(await listed(nlp)) == 1
    (found,) = await published(nlp)
    assert told["current"] == found.id


async def test_an_enrichment_that_was_replaced_is_not_corrected(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    newer = enriched(1, id="en-1b", enriched_at=enriched(1).enriched_at + timedelta(hours=1))
    await keep(nlp, newer)
    assert problem(await correct(nlp), 409, "stale")["current"] == "en-1b"


async def test_a_correction_outlives_a_newer_model(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    await correct(nlp)
    far = (await published(nlp))[-1].enriched_at + timedelta(days=1)
    newer = enriched(1, Colour.GREEN, id="en-1b", enriched_at=far)
    for _ in range(2):
        await keep(nlp, newer)
    found = await published(nlp)
    assert len(found) == 2
    assert found[-1].light.colour is Colour.RED
    assert found[-1].enriched_at > newer.enriched_at
    assert found[-1].corrections == found[0].corrections
    await keep(nlp, *found)
    assert len(await published(nlp)) == 2


async def test_the_list_has_pages_and_filters(nlp: Nlp) -> None:
    await keep(nlp, *(enriched(number) for number in range(5)))
    for number in range(5):
        await correct(nlp, number)
    await correct(nlp, 3, label="intent", was=None, value="complaint")
    assert len(await listed(nlp, label="intent")) == 1
    assert len(await listed(nlp, source="calls", feedback_id="f3")) == 2
    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await nlp.client.get("/v1/corrections", params={"limit": 2, **cursor})).json()
        walked += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert walked == [item["id"] for item in await listed(nlp)]
    assert len(walked) == 6


@pytest.mark.parametrize(
    "change", ["UPDATE nlp.correction SET value = 'grey'", "DELETE FROM nlp.correction"]
)
async def test_what_was_corrected_stays(nlp: Nlp, change: str) -> None:
    await keep(nlp, enriched(1))
    await correct(nlp)
    with pytest.raises(DBAPIError, match="append-only"):
        async with nlp.platform.engine.begin() as connection:
            await connection.execute(text(change))
