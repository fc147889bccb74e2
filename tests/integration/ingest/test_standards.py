"""`/v1/standards`: what an item must have, told to its sender."""

from typing import Any

import pytest

from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.ingest.world import FEEDBACK, INTERACTION, Ingest, body_of, problem
from tests.integration.waiting_changes import noted

OTHER = {"X-API-Key": OTHER_API_KEY}
BY_QUEUE = {"field": "attributes.queue", "equals": "billing", "touchpoint": "callcentre.billing"}


async def stated(ingest: Ingest, channel: str, **rules: Any) -> dict[str, Any]:
    response = await ingest.client.put(f"/v1/standards/{channel}", json=rules)
    assert response.status_code == 200, response.text
    found = response.json()
    assert isinstance(found, dict)
    return found


async def test_what_is_missing_is_named_field_by_field(ingest: Ingest) -> None:
    await stated(ingest, "call", feedback={"required": ["touchpoint", "attributes.queue"]})
    found = problem(await ingest.post("/v1/feedback", FEEDBACK), 422, "data-standard")
    assert [error["at"] for error in found["errors"]] == ["touchpoint", "attributes.queue"]
    assert all("data standard demands it" in error["message"] for error in found["errors"])
    assert await ingest.records() == []
    assert await ingest.remembered() == 0


async def test_in_a_batch_only_the_unfit_is_refused(ingest: Ingest) -> None:
    await stated(ingest, "call", feedback={"required": ["touchpoint"]})
    placed = {**FEEDBACK, "id": "2", "touchpoint": "callcentre.inbound"}
    answer = await ingest.post("/v1/feedback/batch", [FEEDBACK, placed])
    assert answer.status_code == 207
    assert [item["status"] for item in answer.json()["items"]] == ["unfit", "accepted"]


async def test_an_item_gets_its_touchpoint_from_what_it_carries(ingest: Ingest) -> None:
    await stated(ingest, "*", feedback={"touchpoints": [BY_QUEUE], "required": ["touchpoint"]})
    said = {**FEEDBACK, "attributes": {"queue": "billing"}}
    assert (await ingest.post("/v1/feedback", said)).status_code == 202
    (record,) = await ingest.records()
    body = body_of(record)
    assert body["touchpoint"] == "callcentre.billing"
    assert body["provenance"]["mapping"]["touchpoint"] == "standard: by attributes.queue"


async def test_a_standard_that_changes_makes_no_conflict_of_what_is_sent_again(
    ingest: Ingest,
) -> None:
    said = {**FEEDBACK, "attributes": {"queue": "billing"}}
    await ingest.post("/v1/feedback", said)
    await stated(ingest, "call", feedback={"touchpoints": [BY_QUEUE], "required": ["department"]})
    again = await ingest.post("/v1/feedback", said)
    assert (again.status_code, again.json()["status"]) == (202, "duplicate")


async def test_a_channel_of_its_own_goes_before_the_one_for_all(ingest: Ingest) -> None:
    await stated(ingest, "*", feedback={"required": ["department"]})
    await stated(ingest, "call", feedback={})
    assert (await ingest.post("/v1/feedback", FEEDBACK)).status_code == 202
    chat = {**FEEDBACK, "id": "2", "channel": "chat"}
    problem(await ingest.post("/v1/feedback", chat), 422, "data-standard")
    assert (await ingest.post("/v1/interactions", INTERACTION)).status_code == 202


async def test_a_score_is_held_to_its_scale(ingest: Ingest) -> None:
    await stated(ingest, "call", feedback={"scales": {"csat": {"minimum": 1, "maximum": 5}}})
    score = {"kind": "csat", "value": 8, "minimum": 1, "maximum": 10}
    found = problem(
        await ingest.post("/v1/feedback", {**FEEDBACK, "score": score}), 422, "data-standard"
    )
    assert "from 1 to 5" in found["errors"][0]["message"]


@pytest.mark.parametrize(
    "score",
    [
        {"kind": "nps", "value": 11, "minimum": 0, "maximum": 10},
        {"kind": "nps", "value": 5, "minimum": 10, "maximum": 0},
        {"kind": "nps", "value": 5, "minimum": 5, "maximum": 5},
    ],
)
async def test_a_score_off_its_own_scale_is_refused_without_any_standard(
    ingest: Ingest, score: dict[str, Any]
) -> None:
    problem(await ingest.post("/v1/feedback", {**FEEDBACK, "score": score}), 422, "invalid")


async def test_what_happens_tomorrow_is_a_wrong_clock(ingest: Ingest) -> None:
    ahead = {**FEEDBACK, "occurred_at": "2126-11-24T08:15:00+08:00"}
    found = problem(await ingest.post("/v1/feedback", ahead), 422, "data-standard")
    assert found["errors"][0]["at"] == "occurred_at"
    assert "offset" in found["errors"][0]["message"]


async def test_an_item_can_be_tried_and_nothing_is_stored(ingest: Ingest) -> None:
    await stated(ingest, "call", feedback={"touchpoints": [BY_QUEUE], "required": ["score"]})
    item = {**FEEDBACK, "attributes": {"queue": "billing"}}
    judged = (await ingest.post("/v1/standards/try", {"kind": "feedback", "item": item})).json()
    assert judged["fits"] is False
    assert judged["touchpoint"] == "callcentre.billing"
    assert [one["field"] for one in judged["violations"]] == ["score"]
    assert await ingest.records() == []
    broken = await ingest.post("/v1/standards/try", {"kind": "feedback", "item": {}})
    assert "channel: is missing" in problem(broken, 422, "invalid")["detail"]


async def test_versions_count_up_and_one_can_be_taken_back(ingest: Ingest) -> None:
    assert (await stated(ingest, "call", feedback={}))["version"] == 1
    assert (await stated(ingest, "call", feedback={"required": ["score"]}))["version"] == 2
    assert len((await ingest.client.get("/v1/standards")).json()) == 1
    assert (await ingest.client.delete("/v1/standards/call")).status_code == 204
    problem(await ingest.client.get("/v1/standards/call"), 404, "not-found")
    problem(await ingest.client.delete("/v1/standards/call"), 404, "not-found")
    assert (await stated(ingest, "call", feedback={}))["version"] == 4


@pytest.mark.parametrize("channel", ["telepathy", "**", "call "])
async def test_a_channel_that_is_none_is_refused(ingest: Ingest, channel: str) -> None:
    response = await ingest.client.put(f"/v1/standards/{channel}", json={})
    problem(response, 422, "invalid")


async def test_a_tenant_has_its_own(ingest: Ingest) -> None:
    await stated(ingest, "call", feedback={"required": ["department"]})
    assert (await ingest.client.get("/v1/standards", headers=OTHER)).json() == []
    problem(await ingest.client.get("/v1/standards/call", headers=OTHER), 404, "not-found")
    problem(await ingest.client.delete("/v1/standards/call", headers=OTHER), 404, "not-found")
    posted = await ingest.client.post("/v1/feedback", json=FEEDBACK, headers=OTHER)
    assert posted.status_code == 202


async def test_the_audit_hears_who_made_a_standard_and_took_it_back(ingest: Ingest) -> None:
    await stated(ingest, "call", feedback={"required": ["touchpoint"]})
    await ingest.client.delete("/v1/standards/call")
    await ingest.client.delete("/v1/standards/call")
    entries = await noted(ingest.platform.engine)
    assert [(one.tenant, one.action, one.subject.id, one.after) for one in entries] == [
        (TENANT, "standard.made", "call", {"version": 1}),
        (TENANT, "standard.taken_back", "call", {"version": 2}),
    ]
