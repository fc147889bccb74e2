"""`/v1/channels/{channel}/{connection}`: what all channels share, whatever the vendor."""

from typing import Any

import httpx
import pytest

from heedful.common.topics import INTERACTION_RECORDED
from tests.integration.ingest.channels import Parrot, Well, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.world import Ingest, body_of, headers_of, problem

WORD = {"x-word": "lovely plumage"}
SAID = {
    "id": "m-1",
    "channel": "chat",
    "text": "等了一个小时没人接",
    "identifiers": [{"type": "wechat_openid", "value": "o-1"}],
}


@pytest.fixture
async def ingest(start: Start, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot(), Well()))
    return await start()


async def sent(
    ingest: Ingest, connection: dict[str, Any], body: object, **headers: str
) -> httpx.Response:
    """As the vendor sends it: without an API key."""
    ingest.client.headers.pop("x-api-key", None)
    try:
        return await ingest.post(
            f"/v1/channels/parrot/{connection['id']}", body, **{"x_word": WORD["x-word"], **headers}
        )
    finally:
        ingest.client.headers["x-api-key"] = "test-key"


async def quarantined(ingest: Ingest) -> list[dict[str, Any]]:
    found = (await ingest.client.get("/v1/quarantine")).json()["items"]
    assert isinstance(found, list)
    return found


async def test_items_are_in_the_log_with_how_they_came(ingest: Ingest) -> None:
    connection = await made(ingest)
    order = {"id": "o-1", "kind": "order", "amount": 12.5}
    response = await sent(ingest, connection, {"items": [SAID, order]})
    assert (response.status_code, response.json()) == (
        200,
        {"accepted": 2, "duplicate": 0, "quarantined": 0},
    )
    (feedback,) = await ingest.records()
    (interaction,) = await ingest.records(INTERACTION_RECORDED)
    body = body_of(feedback)
    assert headers_of(feedback)["ce_source"] == f"/acme/parrot:{connection['id']}"
    assert (body["touchpoint"], body["text"]) == ("store.visit", SAID["text"])
    assert body["provenance"] == {
        "adapter": "parrot",
        "version": "7",
        "connection_id": connection["id"],
        "mapping": {name: f"item.{name}" for name in SAID},
        "late": False,
    }
    assert body_of(interaction)["amount"] == 12.5


async def test_what_is_sent_again_is_one_item(ingest: Ingest) -> None:
    connection = await made(ingest)
    await sent(ingest, connection, {"items": [SAID]})
    again = await sent(ingest, connection, {"items": [SAID]})
    assert again.json() == {"accepted": 0, "duplicate": 1, "quarantined": 0}
    assert len(await ingest.records()) == 1


async def test_two_connections_of_one_channel_are_two_sources(ingest: Ingest) -> None:
    for connection in (await made(ingest), await made(ingest)):
        assert (await sent(ingest, connection, {"items": [SAID]})).json()["accepted"] == 1


async def test_who_does_not_prove_it_leaves_nothing(ingest: Ingest) -> None:
    connection = await made(ingest)
    response = await sent(ingest, connection, {"items": [SAID]}, x_word="norwegian blue")
    assert "x-word" in problem(response, 401, "unverified")["detail"]
    assert await ingest.records() == []
    assert await quarantined(ingest) == []


@pytest.mark.parametrize("path", ["well/{id}", "owl/{id}", "parrot/cn-1"])
async def test_a_wrong_address_is_404(ingest: Ingest, path: str) -> None:
    connection = await made(ingest)
    address = f"/v1/channels/{path.format(id=connection['id'])}"
    problem(await ingest.post(address, {"items": []}, x_word=WORD["x-word"]), 404, "not-found")


async def test_one_that_is_off_takes_nothing(ingest: Ingest) -> None:
    connection = await made(ingest, enabled=False)
    problem(await sent(ingest, connection, {"items": [SAID]}), 404, "not-found")


async def test_a_vendor_that_verifies_the_url_is_answered(ingest: Ingest) -> None:
    connection = await made(ingest)
    path = f"/v1/channels/parrot/{connection['id']}"
    response = await ingest.client.get(path, params={"echo": "51xyz"}, headers=WORD)
    assert (response.status_code, response.text) == (200, "51xyz")


async def test_both_words_count_while_they_are_rotated(ingest: Ingest) -> None:
    connection = await made(ingest)
    path = f"/v1/connections/{connection['id']}/secrets"
    rotated = await ingest.client.post(path, json={"secrets": {"word": "new"}})
    assert rotated.status_code == 200
    assert rotated.json()["previous_secrets_until"] is not None
    for word in ("new", WORD["x-word"]):
        assert (await sent(ingest, connection, {"items": [SAID]}, x_word=word)).status_code == 200
    at_once = {"secrets": {"word": "newest"}, "overlap_seconds": 0}
    assert (await ingest.client.post(path, json=at_once)).status_code == 200
    problem(await sent(ingest, connection, {"items": [SAID]}, x_word="new"), 401, "unverified")


async def test_what_cannot_be_read_is_kept_once(ingest: Ingest) -> None:
    connection = await made(ingest)
    for _ in range(3):
        problem(await sent(ingest, connection, b'{"items": [tru'), 400, "malformed")
    (entry,) = await quarantined(ingest)
    assert (entry["form"], entry["reason"], entry["channel"]) == ("request", "malformed", "parrot")
    shown = (await ingest.client.get(f"/v1/quarantine/{entry['id']}")).json()
    assert shown["request"]["body"] == '{"items": [tru'


async def test_an_adapter_that_breaks_loses_nothing_and_tells_nothing(ingest: Ingest) -> None:
    connection = await made(ingest)
    response = await sent(ingest, connection, "boom")
    problem(response, 500, "adapter-failed")
    assert "刹车" not in response.text
    (entry,) = await quarantined(ingest)
    assert (entry["reason"], entry["detail"]) == ("fault", "the adapter failed: RuntimeError")


async def test_one_bad_item_does_not_keep_the_others_back(ingest: Ingest) -> None:
    connection = await made(ingest)
    items = [SAID, {"id": "m-2", "channel": "chat"}, {"unreadable": True}, {**SAID, "id": "m-3"}]
    response = await sent(ingest, connection, {"items": items})
    assert response.json() == {"accepted": 2, "duplicate": 0, "quarantined": 2}
    entries = {entry["form"]: entry for entry in await quarantined(ingest)}
    assert entries["item"]["reason"] == "invalid"
    assert "text: is missing" in entries["item"]["detail"]
    assert entries["part"]["detail"] == "item: unreadable is set"


async def test_a_used_id_with_other_words_is_a_conflict_that_waits_for_somebody(
    ingest: Ingest,
) -> None:
    connection = await made(ingest)
    await sent(ingest, connection, {"items": [SAID]})
    response = await sent(ingest, connection, {"items": [{**SAID, "text": "改了"}]})
    assert response.json()["quarantined"] == 1
    assert [entry["reason"] for entry in await quarantined(ingest)] == ["conflict"]


async def test_history_stays_history(ingest: Ingest) -> None:
    connection = await made(ingest, backfill=True)
    old = {**SAID, "occurred_at": "2025-03-01T08:00:00+08:00"}
    await sent(ingest, connection, {"items": [old]})
    (record,) = await ingest.records()
    assert (body_of(record)["backfill"], body_of(record)["provenance"]["late"]) == (True, True)


async def test_without_the_log_the_vendor_is_told_to_send_it_again(ingest: Ingest) -> None:
    connection = await made(ingest)
    await ingest.platform.bus.stop()
    problem(await sent(ingest, connection, {"items": [SAID]}), 503, "unavailable")
    await ingest.platform.bus.start()
    assert (await sent(ingest, connection, {"items": [SAID]})).json()["accepted"] == 1
