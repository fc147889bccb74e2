"""One item: a 202 means that the log has it, once."""

import asyncio
import re
from datetime import UTC, datetime

from heedful.common.contracts import Feedback, Interaction
from heedful.common.events import from_record
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.ingest.world import (
    FEEDBACK,
    INTERACTION,
    Ingest,
    body_of,
    headers_of,
    problem,
)

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_CALLER = "00f067aa0ba902b7"


async def test_202_and_the_record_is_in_the_log(ingest: Ingest) -> None:
    before = datetime.now(UTC)
    response = await ingest.post("/v1/feedback", FEEDBACK)
    assert response.status_code == 202
    assert response.json() == {"status": "accepted", "source": "callcentre", "id": "call-1"}
    (record,) = await ingest.records()
    payload = from_record(record, FEEDBACK_RECEIVED).payload
    assert isinstance(payload, Feedback)
    assert (payload.tenant, payload.source, payload.id) == (TENANT, "callcentre", "call-1")
    assert payload.occurred_at == datetime(2026, 11, 24, 0, 15, tzinfo=UTC)
    assert before <= payload.received_at <= datetime.now(UTC)
    assert payload.identifiers[0].value == "13900001234"
    assert await ingest.remembered() == 1


async def test_the_record_is_a_cloudevent_in_binary_mode(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback", FEEDBACK, traceparent=f"00-{_TRACE}-{_CALLER}-01")
    (record,) = await ingest.records()
    headers = headers_of(record)
    assert record.key is not None
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": "call-1",
        "ce_source": f"/{TENANT}/callcentre",
        "ce_type": "voc.feedback.received.v1",
        "ce_time": "2026-11-24T00:15:00Z",
        "ce_dataschema": FEEDBACK_RECEIVED.schema_uri,
        "ce_partitionkey": record.key.decode(),
        "ce_traceparent": headers["traceparent"],
        "traceparent": headers["traceparent"],
        "content-type": "application/json",
    }


async def test_the_trace_of_the_caller_goes_on_in_a_span_of_ours(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback", FEEDBACK, traceparent=f"00-{_TRACE}-{_CALLER}-01")
    await ingest.post("/v1/feedback", {**FEEDBACK, "id": "call-2"})
    first, second = [headers_of(record)["traceparent"] for record in await ingest.records()]
    assert re.fullmatch(rf"00-{_TRACE}-[0-9a-f]{{16}}-01", first)
    assert _CALLER not in first
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", second)
    assert _TRACE not in second


async def test_the_key_is_the_customers_and_never_an_identifier(ingest: Ingest) -> None:
    for number in (1, 2):
        await ingest.post("/v1/feedback", {**FEEDBACK, "id": str(number)})
    await ingest.post("/v1/interactions", INTERACTION)
    other = {"identifiers": [{"type": "phone", "value": "13800005678"}], "id": "3"}
    await ingest.post("/v1/feedback", {**FEEDBACK, **other})
    records = [*await ingest.records(), *await ingest.records(INTERACTION_RECORDED)]
    keys = [record.key for record in records]
    assert keys[0] == keys[1] == keys[3]
    assert keys[2] != keys[0]
    for record in records:
        assert record.key is not None
        assert re.fullmatch(rb"[0-9a-f]{32}", record.key)
        for value in headers_of(record).values():
            assert "1390000" not in value
            assert "1380000" not in value


async def test_personal_data_in_the_text_does_not_reach_the_topic(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback", {**FEEDBACK, "text": "电话139 0000 1234或a@b.com"})
    await ingest.post("/v1/interactions", INTERACTION)
    (feedback,) = await ingest.records()
    (interaction,) = await ingest.records(INTERACTION_RECORDED)
    assert body_of(feedback)["text"] == "电话<phone>或<email>"
    assert body_of(interaction)["summary"] == "回电<phone>，已道歉"


async def test_the_same_post_again_is_a_duplicate(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback", FEEDBACK)
    again = await ingest.post("/v1/feedback", dict(reversed(FEEDBACK.items())))
    assert again.status_code == 202
    assert again.json() == {"status": "duplicate", "source": "callcentre", "id": "call-1"}
    assert len(await ingest.records()) == 1


async def test_the_same_id_with_another_body_is_a_conflict(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback", FEEDBACK)
    response = await ingest.post("/v1/feedback", {**FEEDBACK, "text": "又改口了"})
    body = problem(response, 409, "conflict")
    assert (body["source"], body["id"]) == ("callcentre", "call-1")
    assert len(await ingest.records()) == 1


async def test_another_source_or_kind_with_the_same_id_is_another_item(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback", FEEDBACK)
    other = await ingest.post("/v1/feedback", {**FEEDBACK, "source": "shop"})
    kind = await ingest.post("/v1/interactions", {**INTERACTION, "id": FEEDBACK["id"]})
    assert [other.json()["status"], kind.json()["status"]] == ["accepted", "accepted"]


async def test_two_tenants_with_one_source_and_id_do_not_collide(ingest: Ingest) -> None:
    first = await ingest.post("/v1/feedback", FEEDBACK)
    second = await ingest.post(
        "/v1/feedback", {**FEEDBACK, "text": "别的"}, x_api_key=OTHER_API_KEY
    )
    assert [first.json()["status"], second.json()["status"]] == ["accepted", "accepted"]
    one, two = await ingest.records()
    assert one.key != two.key
    assert {body_of(one)["tenant"], body_of(two)["tenant"]} == {TENANT, "other"}
    assert headers_of(one)["ce_source"] != headers_of(two)["ce_source"]


async def test_without_an_id_every_post_is_a_new_item(ingest: Ingest) -> None:
    bare = {"channel": "survey", "text": "挺好"}
    first = (await ingest.post("/v1/feedback", bare)).json()
    second = (await ingest.post("/v1/feedback", bare)).json()
    assert first["status"] == second["status"] == "accepted"
    assert first["source"] == "api"
    assert first["id"] != second["id"]
    assert {headers_of(record)["ce_id"] for record in await ingest.records()} == {
        first["id"],
        second["id"],
    }
    assert await ingest.remembered() == 0


async def test_an_interaction_keeps_what_was_said_about_it(ingest: Ingest) -> None:
    extra = {"amount": 12.5, "duration_s": 61, "attributes": {"currency": "CNY"}}
    response = await ingest.post("/v1/interactions", {**INTERACTION, **extra})
    assert response.status_code == 202
    (record,) = await ingest.records(INTERACTION_RECORDED)
    payload = from_record(record, INTERACTION_RECORDED).payload
    assert isinstance(payload, Interaction)
    assert (payload.amount, payload.duration_s) == (12.5, 61)
    assert payload.actor is not None
    assert payload.actor.id == "staff-17"
    assert payload.occurred_at == payload.received_at


async def test_many_posts_at_once_are_each_in_the_log(ingest: Ingest) -> None:
    responses = await asyncio.gather(
        *(ingest.post("/v1/feedback", {**FEEDBACK, "id": str(n)}) for n in range(100))
    )
    assert {response.status_code for response in responses} == {202}
    found = {headers_of(record)["ce_id"] for record in await ingest.records()}
    assert found == {str(number) for number in range(100)}
    assert await ingest.remembered() == 100


async def test_an_idempotency_key_gives_the_first_answer_again(ingest: Ingest) -> None:
    bare = {"channel": "survey", "text": "挺好"}
    first = await ingest.post("/v1/feedback", bare, idempotency_key="k-1")
    again = await ingest.post("/v1/feedback", bare, idempotency_key="k-1")
    assert again.status_code == first.status_code == 202
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await ingest.records()) == 1
    other = await ingest.post("/v1/feedback", {**bare, "text": "不好"}, idempotency_key="k-1")
    problem(other, 422, "idempotency-key-reused")


async def test_what_is_wrong_is_said_with_its_place(ingest: Ingest) -> None:
    response = await ingest.post("/v1/feedback", {"channel": "call", "txt": "好"})
    body = problem(response, 422, "invalid")
    assert {error["at"] for error in body["errors"]} == {"body.text", "body.txt"}
    assert await ingest.records() == []
