"""CloudEvents over HTTP, as the HTTP protocol binding has them."""

import base64
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from heedful.common.topics import INTERACTION_RECORDED
from tests.integration.conftest import TENANT
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.world import EVENT, Ingest, body_of, headers_of, problem

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
ORDER = {
    **EVENT,
    "id": "order-1",
    "type": "voc.interaction.recorded.v1",
    "data": {"kind": "order", "amount": 99},
}


async def post(ingest: Ingest, body: object, media: str = STRUCTURED) -> Any:
    return await ingest.post("/v1/events", body, content_type=media)


async def test_structured_mode(ingest: Ingest) -> None:
    response = await post(ingest, EVENT, f"{STRUCTURED}; charset=UTF-8")
    assert response.status_code == 202
    assert response.json()["items"] == [
        {"index": 0, "status": "accepted", "source": "/crm/calls", "id": "event-1"}
    ]
    (record,) = await ingest.records()
    assert headers_of(record)["ce_source"] == f"/{TENANT}//crm/calls"
    body = body_of(record)
    assert (body["id"], body["source"]) == ("event-1", "/crm/calls")
    assert body["occurred_at"] == "2026-11-24T08:15:00Z"
    assert body["text"] == "排了两个小时队"


async def test_binary_mode(ingest: Ingest) -> None:
    response = await ingest.post(
        "/v1/events",
        EVENT["data"],
        ce_specversion="1.0",
        ce_id=quote("电话-1"),
        ce_source="/crm/calls",
        ce_type=str(EVENT["type"]),
        ce_time="2026-11-24T16:15:00+08:00",
    )
    assert response.status_code == 202
    (record,) = await ingest.records()
    assert body_of(record)["id"] == "电话-1"
    assert body_of(record)["occurred_at"] == "2026-11-24T08:15:00Z"


async def test_batch_mode_with_every_kind_of_result(ingest: Ingest) -> None:
    events: list[object] = [
        EVENT,
        ORDER,
        EVENT,
        {**EVENT, "data": {"channel": "call", "text": "别的"}},
        {**EVENT, "type": "voc.case.event.v1"},
        {**EVENT, "data": {"channel": "call"}},
        {**EVENT, "data": "text"},
        {key: value for key, value in EVENT.items() if key != "id"},
        {**EVENT, "specversion": "0.3"},
        "not an object",
        {**EVENT, "id": "event-2"},
    ]
    response = await post(ingest, events, BATCH)
    assert response.status_code == 207
    body = response.json()
    assert [one["status"] for one in body["items"]] == [
        "accepted", "accepted", "duplicate", "conflict",
        "invalid", "invalid", "invalid", "invalid", "invalid", "invalid", "accepted",
    ]  # fmt: skip
    assert (body["accepted"], body["duplicate"], body["rejected"]) == (3, 1, 7)
    assert len(await ingest.records()) == 2
    assert len(await ingest.records(INTERACTION_RECORDED)) == 1


async def test_the_modes_and_the_plain_route_share_their_ids(ingest: Ingest) -> None:
    await post(ingest, EVENT)
    again = await post(ingest, [EVENT], BATCH)
    assert again.json()["items"][0]["status"] == "duplicate"
    plain = {
        "id": EVENT["id"],
        "source": EVENT["source"],
        "occurred_at": EVENT["time"],
        **EVENT["data"],
    }
    assert (await ingest.post("/v1/feedback", plain)).json()["status"] == "duplicate"


async def test_id_source_and_time_are_those_of_the_event(ingest: Ingest) -> None:
    data = {**EVENT["data"], "id": "x", "source": "y", "occurred_at": "2020-01-01T00:00:00Z"}
    await post(ingest, {**EVENT, "data": data})
    (record,) = await ingest.records()
    body = body_of(record)
    assert (body["id"], body["source"]) == ("event-1", "/crm/calls")
    assert body["occurred_at"] == EVENT["time"]


async def test_without_a_time_the_data_may_have_one(ingest: Ingest) -> None:
    event = {key: value for key, value in EVENT.items() if key != "time"}
    data = {**EVENT["data"], "occurred_at": "2020-01-01T00:00:00Z"}
    await post(ingest, {**event, "data": data})
    (record,) = await ingest.records()
    assert body_of(record)["occurred_at"] == "2020-01-01T00:00:00Z"


async def test_data_may_come_as_base64(ingest: Ingest) -> None:
    event = {key: value for key, value in EVENT.items() if key != "data"}
    event["data_base64"] = base64.b64encode(orjson.dumps(EVENT["data"])).decode()
    assert (await post(ingest, event)).status_code == 202
    (record,) = await ingest.records()
    assert body_of(record)["text"] == "排了两个小时队"


async def test_an_event_alone_that_is_not_taken_is_no_success(ingest: Ingest) -> None:
    await post(ingest, EVENT)
    other = {**EVENT, "data": {"channel": "call", "text": "别的"}}
    problem(await post(ingest, other), 409, "conflict")
    problem(await post(ingest, {**EVENT, "type": "other.v1"}), 422, "invalid")
    problem(await post(ingest, {**EVENT, "data": {"channel": "call"}}), 422, "invalid")
    grows = {"channel": "call", "text": "a@b.cc " * 14_285}
    problem(await post(ingest, {**EVENT, "id": "event-2", "data": grows}), 413, "too-large")
    assert len(await ingest.records()) == 1


@pytest.mark.parametrize(
    ("body", "media", "code"),
    [
        (b"{", STRUCTURED, "not-a-cloudevent"),
        (b"[]", STRUCTURED, "not-a-cloudevent"),
        (b"{}", STRUCTURED, "not-a-cloudevent"),
        (b"{}", "application/json", "not-a-cloudevent"),
        (b"{", BATCH, "not-json"),
        (b"{}", BATCH, "not-an-array"),
        (orjson.dumps({**EVENT, "time": "yesterday"}), STRUCTURED, "not-a-cloudevent"),
        (orjson.dumps({**EVENT, "time": "0001-01-01T00:00:00+14:00"}), STRUCTURED,
         "not-a-cloudevent"),
    ],
)  # fmt: skip
async def test_what_is_no_event(ingest: Ingest, body: bytes, media: str, code: str) -> None:
    problem(await post(ingest, body, media), 400, code)


async def test_too_many_events(start: Start) -> None:
    ingest = await start(MAX_BATCH_ITEMS=1)
    problem(await post(ingest, [EVENT, ORDER], BATCH), 413, "too-many")
