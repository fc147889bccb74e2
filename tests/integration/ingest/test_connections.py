"""`/v1/connections`: made, shown without secrets, changed, rotated, removed."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.ingest.channels import Parrot, Well, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.world import Ingest, problem
from tests.integration.waiting_changes import noted

PARROT: dict[str, Any] = {
    "channel": "parrot",
    "name": "the bird",
    "secrets": {"word": "lovely plumage"},
    "options": {"survey": "csat"},
    "touchpoint": "store.visit",
}
OTHER = {"X-API-Key": OTHER_API_KEY}


@pytest.fixture
async def ingest(start: Start, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot(), Well()))
    return await start()


async def made(ingest: Ingest, **changes: Any) -> dict[str, Any]:
    response = await ingest.post("/v1/connections", {**PARROT, **changes})
    assert response.status_code == 201, response.text
    found = response.json()
    assert isinstance(found, dict)
    return found


async def test_a_connection_says_where_the_vendor_calls_and_never_its_secret(
    ingest: Ingest,
) -> None:
    connection = await made(ingest)
    assert connection["url"] == f"http://ingest/v1/channels/parrot/{connection['id']}"
    assert connection["options"] == {"survey": "csat"}
    assert connection["line"] is None
    listed = (await ingest.client.get("/v1/connections")).json()
    assert listed["items"] == [connection]
    assert "plumage" not in (await ingest.client.get(f"/v1/connections/{connection['id']}")).text
    async with ingest.platform.engine.connect() as database:
        stored = await database.scalar(text("SELECT sealed FROM ingest.connection"))
    assert b"plumage" not in bytes(stored)


async def test_channels_tell_what_a_connection_needs(ingest: Ingest) -> None:
    channels = {one["channel"]: one for one in (await ingest.client.get("/v1/channels")).json()}
    assert set(channels) == {"parrot", "well"}
    assert channels["parrot"]["secrets"]["required"] == ["word"]
    assert (channels["parrot"]["mode"], channels["well"]["mode"]) == ("webhook", "fetch")


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"channel": "owl"}, "unknown-channel", "none of parrot, well"),
        ({"secrets": {}}, "invalid", "secrets: word"),
        ({"secrets": {"word": "w", "key": "k"}}, "invalid", "secrets: key"),
        ({"options": {"colour": "blue"}}, "invalid", "options: colour"),
    ],
)
async def test_a_wrong_connection_is_told_what_to_mend(
    ingest: Ingest, changes: dict[str, Any], code: str, said: str
) -> None:
    response = await ingest.post("/v1/connections", {**PARROT, **changes})
    assert said in problem(response, 422, code)["detail"]
    assert "plumage" not in response.text


async def test_what_is_changed_is_all_but_the_secrets(ingest: Ingest) -> None:
    connection = await made(ingest)
    path = f"/v1/connections/{connection['id']}"
    changed = await ingest.client.put(path, json={"name": "a dead bird", "enabled": False})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["enabled"]) == ("a dead bird", False)
    assert changed.json()["options"] == {"survey": "nps"}
    assert problem(
        await ingest.client.put(path, json={"name": "x", "channel": "well"}), 422, "invalid"
    )


async def test_one_that_is_removed_is_gone(ingest: Ingest) -> None:
    connection = await made(ingest)
    path = f"/v1/connections/{connection['id']}"
    assert (await ingest.client.delete(path)).status_code == 204
    problem(await ingest.client.get(path), 404, "not-found")
    problem(await ingest.client.delete(path), 404, "not-found")
    problem(await ingest.post(f"/v1/channels/parrot/{connection['id']}", {}), 404, "not-found")


async def test_a_tenant_sees_only_its_own(ingest: Ingest) -> None:
    path = f"/v1/connections/{(await made(ingest))['id']}"
    assert (await ingest.client.get("/v1/connections", headers=OTHER)).json()["items"] == []
    problem(await ingest.client.get(path, headers=OTHER), 404, "not-found")
    problem(await ingest.client.put(path, json={"name": "x"}, headers=OTHER), 404, "not-found")
    new = {"secrets": {"word": "mine"}}
    problem(await ingest.client.post(f"{path}/secrets", json=new, headers=OTHER), 404, "not-found")
    problem(await ingest.client.delete(path, headers=OTHER), 404, "not-found")


async def test_pages_hold_all_the_newest_first(ingest: Ingest) -> None:
    ids = [(await made(ingest, name=str(number)))["id"] for number in range(5)]
    seen, cursor = [], None
    while True:
        params = {"limit": "2", **({} if cursor is None else {"cursor": cursor})}
        page = (await ingest.client.get("/v1/connections", params=params)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


async def test_one_whose_adapter_is_gone_does_not_stop_the_others(
    ingest: Ingest, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(ingest, channel="well")
    kept = await made(ingest)
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot()))
    again = await start()
    listed = (await again.client.get("/v1/connections")).json()["items"]
    assert [one["id"] for one in listed] == [kept["id"]]


async def test_the_audit_hears_who_changed_what_and_no_value_of_an_option(ingest: Ingest) -> None:
    connection = await made(ingest)
    path = f"/v1/connections/{connection['id']}"
    await ingest.client.put(path, json={"name": "b", "options": {"survey": "nps"}})
    await ingest.post(f"{path}/secrets", {"secrets": {"word": "norwegian blue"}})
    await ingest.client.delete(path)
    await ingest.client.delete(path)
    entries = await noted(ingest.platform.engine)
    assert [one.action.removeprefix("connection.") for one in entries] == [
        "created",
        "changed",
        "rotated",
        "deleted",
    ]
    assert {(one.tenant, one.actor.type, one.subject.id) for one in entries} == {
        (TENANT, "system", connection["id"])
    }
    created, changed, rotated, deleted = entries
    assert created.before is None
    assert created.after is not None
    assert changed.after is not None
    assert created.after["name"] == "the bird"
    assert (changed.after["name"], changed.after["options_changed"]) == ("b", ["survey"])
    assert changed.after["options_sha256"] != created.after["options_sha256"]
    assert rotated.after == {**changed.after, "options_changed": []}
    assert (deleted.before, deleted.after) == (rotated.before, None)
    for value in ("plumage", "norwegian", "csat", "nps"):
        assert value not in str(entries)
