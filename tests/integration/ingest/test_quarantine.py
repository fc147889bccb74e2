"""`/v1/quarantine`: looked at, mended, sent again, discarded."""

import dataclasses
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.conftest import OTHER_API_KEY
from tests.integration.ingest.channels import Parrot, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_channels import SAID, quarantined, sent
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.world import Ingest, body_of, problem

OTHER = {"X-API-Key": OTHER_API_KEY}
WORDS = str(SAID["text"])
UNFINISHED = {**SAID, "id": "m-9", "channel": "telepathy"}


@pytest.fixture
async def ingest(start: Start, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot()))
    return await start()


async def kept(ingest: Ingest, item: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A connection, and the entry that this item of it makes."""
    connection = await made(ingest)
    await sent(ingest, connection, {"items": [item]})
    (entry,) = await quarantined(ingest)
    return connection, entry


async def replayed(ingest: Ingest, entry: dict[str, Any]) -> dict[str, Any]:
    response = await ingest.post(f"/v1/quarantine/{entry['id']}/replay", {})
    assert response.status_code == 200, response.text
    found = response.json()
    assert isinstance(found, dict)
    return found


async def test_the_list_shows_no_words_and_the_entry_does(ingest: Ingest) -> None:
    _, entry = await kept(ingest, UNFINISHED)
    assert WORDS not in str(entry)
    shown = (await ingest.client.get(f"/v1/quarantine/{entry['id']}")).json()
    assert shown["item"] == UNFINISHED
    assert shown["mapping"]["text"] == "item.text"
    async with ingest.platform.engine.connect() as database:
        row = str((await database.execute(text("SELECT * FROM ingest.quarantine"))).one())
    assert WORDS not in row
    assert "o-1" not in row


async def test_a_mended_item_goes_on_with_the_time_it_first_came(ingest: Ingest) -> None:
    _, entry = await kept(ingest, UNFINISHED)
    mended = await ingest.client.put(
        f"/v1/quarantine/{entry['id']}", json={"item": {**UNFINISHED, "channel": "chat"}}
    )
    assert mended.status_code == 200
    assert mended.json()["mapping"]["channel"].startswith("mended by ")
    assert await replayed(ingest, entry) == {
        "id": entry["id"],
        "state": "replayed",
        "detail": None,
    }
    (record,) = await ingest.records()
    assert body_of(record)["received_at"] == entry["received_at"]
    assert await quarantined(ingest) == []
    done = (await ingest.client.get(f"/v1/quarantine/{entry['id']}")).json()
    assert (done["state"], done["item"], done["tries"]) == ("replayed", None, 1)


async def test_one_that_is_still_wrong_stays_and_says_why(ingest: Ingest) -> None:
    _, entry = await kept(ingest, UNFINISHED)
    again = await replayed(ingest, entry)
    assert again["state"] == "open"
    assert "channel" in again["detail"]
    assert [one["tries"] for one in await quarantined(ingest)] == [1]


async def test_a_request_is_read_anew_by_the_adapter_of_today(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await made(ingest)
    problem(await sent(ingest, connection, b'{"items":[}'), 400, "malformed")
    (entry,) = await quarantined(ingest)
    assert (await replayed(ingest, entry))["state"] == "open"
    read = Parrot.parse
    monkeypatch.setattr(
        Parrot,
        "parse",
        lambda self, request, options: read(
            self, _with(request, b'{"items":[{"id":"m-1","channel":"chat","text":"x"}]}'), options
        ),
    )
    assert (await replayed(ingest, entry))["state"] == "replayed"
    assert len(await ingest.records()) == 1


async def test_many_are_sent_again_at_once(ingest: Ingest) -> None:
    connection = await made(ingest)
    standard = {"feedback": {"required": ["conversation_id"]}}
    assert (await ingest.client.put("/v1/standards/chat", json=standard)).status_code == 200
    items = [{**SAID, "id": f"m-{number}"} for number in range(3)]
    response = await sent(ingest, connection, {"items": items})
    assert response.json()["quarantined"] == 3
    assert {one["reason"] for one in await quarantined(ingest)} == {"unfit"}
    assert (await ingest.client.delete("/v1/standards/chat")).status_code == 204
    done = (await ingest.post("/v1/quarantine/replay", {"reason": "unfit"})).json()
    assert [one["state"] for one in done] == ["replayed"] * 3
    assert len(await ingest.records()) == 3


async def test_what_stays_wrong_keeps_no_other_from_its_turn(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.ingest.api.quarantine_replay.MAX_AT_ONCE", 1)
    connection, _ = await kept(ingest, UNFINISHED)
    await sent(ingest, connection, {"items": [{**UNFINISHED, "id": "m-10"}]})
    for _ in range(2):
        await ingest.post("/v1/quarantine/replay", {})
    assert [one["tries"] for one in await quarantined(ingest)] == [1, 1]


async def test_what_is_discarded_is_gone_and_who_did_it_stays(ingest: Ingest) -> None:
    _, entry = await kept(ingest, UNFINISHED)
    path = f"/v1/quarantine/{entry['id']}"
    assert (await ingest.post(f"{path}/discard", {})).json()["state"] == "discarded"
    shown = (await ingest.client.get(path)).json()
    assert (shown["item"], shown["resolved_by"] is None) == (None, False)
    for action in ("replay", "discard"):
        problem(await ingest.post(f"{path}/{action}", {}), 409, "not-open")
    listed = await ingest.client.get("/v1/quarantine", params={"state": "discarded"})
    assert [one["id"] for one in listed.json()["items"]] == [entry["id"]]


async def test_a_request_cannot_be_mended_field_by_field(ingest: Ingest) -> None:
    connection = await made(ingest)
    await sent(ingest, connection, b"not json")
    (entry,) = await quarantined(ingest)
    response = await ingest.client.put(f"/v1/quarantine/{entry['id']}", json={"item": {}})
    problem(response, 409, "not-an-item")


async def test_without_its_connection_it_waits(ingest: Ingest) -> None:
    connection, entry = await kept(ingest, UNFINISHED)
    await ingest.client.delete(f"/v1/connections/{connection['id']}")
    response = await ingest.post(f"/v1/quarantine/{entry['id']}/replay", {})
    problem(response, 409, "no-connection")
    assert len(await quarantined(ingest)) == 1


async def test_one_without_its_connection_does_not_keep_the_others(ingest: Ingest) -> None:
    gone, _ = await kept(ingest, UNFINISHED)
    await ingest.client.delete(f"/v1/connections/{gone['id']}")
    connection = await made(ingest)
    await sent(ingest, connection, {"items": [UNFINISHED]})
    newest, oldest = await quarantined(ingest)
    mended = {"item": {**UNFINISHED, "channel": "chat"}}
    await ingest.client.put(f"/v1/quarantine/{newest['id']}", json=mended)
    done = (await ingest.post("/v1/quarantine/replay", {})).json()
    assert [(one["id"], one["state"]) for one in done] == [
        (oldest["id"], "open"),
        (newest["id"], "replayed"),
    ]
    assert "connection" in done[0]["detail"]


async def test_two_that_would_be_the_same_by_mending_are_told_apart(ingest: Ingest) -> None:
    connection, first = await kept(ingest, UNFINISHED)
    await sent(ingest, connection, {"items": [{**UNFINISHED, "id": "m-10"}]})
    (second,) = [one for one in await quarantined(ingest) if one["id"] != first["id"]]
    mended = {"item": {"text": "没人接", "channel": "chat"}}
    paths = [f"/v1/quarantine/{one['id']}" for one in (first, second)]
    assert (await ingest.client.put(paths[0], json=mended)).status_code == 200
    problem(await ingest.client.put(paths[1], json=mended), 409, "same-content")


async def test_a_tenant_sees_and_moves_only_its_own(ingest: Ingest) -> None:
    _, entry = await kept(ingest, UNFINISHED)
    path = f"/v1/quarantine/{entry['id']}"
    client = ingest.client
    assert (await client.get("/v1/quarantine", headers=OTHER)).json()["items"] == []
    problem(await client.get(path, headers=OTHER), 404, "not-found")
    problem(await client.put(path, json={"item": {}}, headers=OTHER), 404, "not-found")
    problem(await client.post(f"{path}/replay", headers=OTHER), 404, "not-found")
    problem(await client.post(f"{path}/discard", headers=OTHER), 404, "not-found")
    assert (await client.post("/v1/quarantine/replay", json={}, headers=OTHER)).json() == []


async def test_the_list_is_chosen_by_what_is_wrong(ingest: Ingest) -> None:
    connection = await made(ingest)
    await sent(ingest, connection, {"items": [UNFINISHED, {"unreadable": True}]})
    for params, number in (
        ({"reason": "invalid"}, 1),
        ({"reason": "conflict"}, 0),
        ({"channel": "parrot"}, 2),
        ({"channel": "well"}, 0),
        ({"connection_id": connection["id"]}, 2),
        ({"limit": "1"}, 1),
    ):
        found = (await ingest.client.get("/v1/quarantine", params=params)).json()["items"]
        assert len(found) == number, params


def _with(request: Any, body: bytes) -> Any:
    return dataclasses.replace(request, body=body)
