"""Batches: a result per item, in the order of the request; good items do not wait for bad ones."""

from typing import Any

import orjson
import pytest

from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.common.topics import INTERACTION_RECORDED
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.world import (
    FEEDBACK,
    INTERACTION,
    Ingest,
    body_of,
    headers_of,
    problem,
)

NDJSON = "application/x-ndjson"


def item(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": str(number), "source": "s", "channel": "chat", "text": f"第{number}条", **changes}


def statuses(body: dict[str, Any]) -> list[str]:
    assert [one["index"] for one in body["items"]] == list(range(len(body["items"])))
    return [one["status"] for one in body["items"]]


async def test_an_array_gives_a_result_per_item_in_order(ingest: Ingest) -> None:
    response = await ingest.post("/v1/feedback/batch", [item(number) for number in range(5)])
    assert response.status_code == 202
    body = response.json()
    assert (body["accepted"], body["duplicate"], body["rejected"]) == (5, 0, 0)
    assert [one["id"] for one in body["items"]] == ["0", "1", "2", "3", "4"]
    found = {headers_of(record)["ce_id"] for record in await ingest.records()}
    assert found == {"0", "1", "2", "3", "4"}


@pytest.mark.parametrize(
    "media", [NDJSON, "application/jsonl", "application/x-ndjson; charset=utf-8"]
)
async def test_lines_may_be_given_instead(ingest: Ingest, media: str) -> None:
    lines = b"\r\n".join(orjson.dumps(item(number)) for number in range(3)) + b"\n\n"
    response = await ingest.post("/v1/feedback/batch", lines, content_type=media)
    assert response.status_code == 202
    assert statuses(response.json()) == ["accepted"] * 3


async def test_invalid_lines_are_told_and_the_others_accepted(ingest: Ingest) -> None:
    lines = b"\n".join(
        [
            orjson.dumps(item(1)),
            b"{not json",
            orjson.dumps(item(2, channel="smoke")),
            b"null",
            b"[1]",
            b"\xff\xfe",
            orjson.dumps(item(3)),
        ]
    )
    response = await ingest.post("/v1/feedback/batch", lines, content_type=NDJSON)
    assert response.status_code == 207
    body = response.json()
    assert statuses(body) == [
        "accepted", "invalid", "invalid", "invalid", "invalid", "invalid", "accepted",
    ]  # fmt: skip
    assert body["items"][1]["detail"] == "this line is not JSON"
    assert body["items"][2]["detail"].startswith("channel: ")
    assert (body["accepted"], body["rejected"]) == (2, 5)
    # Two customers, two partitions: no order holds between them.
    assert {body_of(record)["id"] for record in await ingest.records()} == {"1", "3"}


async def test_what_is_wrong_is_told_without_the_customers_words(ingest: Ingest) -> None:
    wrong = item(1, text=["13900001234"], language="x" * 50)
    response = await ingest.post("/v1/feedback/batch", [wrong])
    assert response.status_code == 207
    assert "13900001234" not in response.text


async def test_a_text_of_the_longest_is_taken_and_one_more_is_not(ingest: Ingest) -> None:
    longest = "长" * MAX_TEXT_CHARS
    response = await ingest.post(
        "/v1/feedback/batch", [item(1, text=longest), item(2, text=longest + "长")]
    )
    assert statuses(response.json()) == ["accepted", "invalid"]
    assert response.json()["items"][1]["detail"].startswith("text: ")


async def test_two_of_one_id_in_one_batch(ingest: Ingest) -> None:
    response = await ingest.post(
        "/v1/feedback/batch", [item(1), item(1), item(1, text="又改口了"), item(2), item(1)]
    )
    assert response.status_code == 207
    body = response.json()
    assert statuses(body) == ["accepted", "duplicate", "conflict", "accepted", "duplicate"]
    assert (body["accepted"], body["duplicate"], body["rejected"]) == (2, 2, 1)
    assert len(await ingest.records()) == 2


async def test_a_batch_sent_again_is_all_duplicates_beside_what_is_new(ingest: Ingest) -> None:
    await ingest.post("/v1/feedback/batch", [item(1), item(2)])
    again = await ingest.post("/v1/feedback/batch", [item(2), item(3), item(1), item(1, text="x")])
    assert statuses(again.json()) == ["duplicate", "accepted", "duplicate", "conflict"]
    assert len(await ingest.records()) == 3


async def test_items_without_an_id_are_all_new(ingest: Ingest) -> None:
    bare = {"channel": "chat", "text": "同一句话"}
    body = (await ingest.post("/v1/feedback/batch", [bare, bare])).json()
    assert statuses(body) == ["accepted", "accepted"]
    assert body["items"][0]["id"] != body["items"][1]["id"]
    assert len(await ingest.records()) == 2


async def test_interactions_come_in_batches_too(ingest: Ingest) -> None:
    response = await ingest.post(
        "/v1/interactions/batch", [INTERACTION, {"kind": "order"}, FEEDBACK]
    )
    assert statuses(response.json()) == ["accepted", "accepted", "invalid"]
    assert len(await ingest.records(INTERACTION_RECORDED)) == 2


async def test_an_empty_batch_is_fine(ingest: Ingest) -> None:
    response = await ingest.post("/v1/feedback/batch", [])
    assert response.status_code == 202
    assert response.json()["items"] == []


@pytest.mark.parametrize(
    ("content", "media", "code"),
    [
        (b"", "application/json", "not-json"),
        (b"{", "application/json", "not-json"),
        (b'[{"text": NaN}]', "application/json", "not-json"),
        (b'["\\ud800"]', "application/json", "not-json"),
        (b"[" * 100_000, "application/json", "not-json"),
        (b"{}", "application/json", "not-an-array"),
        (b'{"a": 1}\n{"a": 2}', "text/plain", "not-json"),
    ],
)
async def test_a_body_that_is_no_batch(
    ingest: Ingest, content: bytes, media: str, code: str
) -> None:
    problem(await ingest.post("/v1/feedback/batch", content, content_type=media), 400, code)


async def test_too_many_items(start: Start) -> None:
    ingest = await start(MAX_BATCH_ITEMS=3)
    fits = await ingest.post("/v1/feedback/batch", [item(number) for number in range(3)])
    assert fits.status_code == 202
    for path in ("/v1/feedback/batch", "/v1/interactions/batch"):
        problem(await ingest.post(path, [item(number) for number in range(4)]), 413, "too-many")
    assert len(await ingest.records()) == 3
