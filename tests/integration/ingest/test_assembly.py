"""Calls that come in parts: held sealed, put together once, never lost."""

import asyncio
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook

from heedful.common.topics import INTERACTION_RECORDED
from heedful.ingest.channels.callcentre import CallCentre
from tests.integration.ingest.channels import installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_channels import quarantined
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.world import Ingest, body_of, running
from tests.patience import until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALL: dict[str, Any] = {"channel": "callcentre", "secrets": {"secret": SECRET}, "options": {}}


@pytest.fixture
async def ingest(start: Start, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(CallCentre()))
    return await start()


async def part(
    ingest: Ingest, connection: dict[str, Any], number: int, words: str, *, last: bool = False
) -> None:
    """One part of the call `c-1`, as its recogniser sends it."""
    call = {
        "id": "c-1",
        "part": number,
        "started_at": "2026-11-24T08:15:00+08:00",
        "segments": [{"speaker": "customer", "text": words}],
    }
    body = orjson.dumps({"type": "call.completed" if last else "call.part", "call": call})
    now = await _now(ingest)
    response = await ingest.post(
        f"/v1/channels/callcentre/{connection['id']}",
        body,
        webhook_id="m",
        webhook_timestamp=str(int(now.timestamp())),
        webhook_signature=Webhook(SECRET).sign("m", now, body.decode()),
    )
    assert (response.status_code, response.json()["held"]) == (200, 1), response.text


async def _now(ingest: Ingest) -> Any:
    async with ingest.platform.engine.connect() as database:
        return await database.scalar(text("SELECT now()"))


async def assembled(ingest: Ingest) -> None:
    """One step of the loop that puts parts together."""
    async with running(ingest.platform) as other, other.beside("ingest.assembly"):
        await until(lambda: none_ready(ingest))


async def none_ready(ingest: Ingest) -> bool:
    async with ingest.platform.engine.connect() as database:
        waiting = await database.scalar(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM ingest.part GROUP BY connection_id, group_id"
                " HAVING count(*) >= max(of) OR max(due_at) <= now()) ready"
            )
        )
    return not waiting


async def overdue(ingest: Ingest) -> None:
    async with ingest.platform.engine.begin() as database:
        await database.execute(text("UPDATE ingest.part SET due_at = now()"))


async def test_parts_in_any_order_are_one_call(ingest: Ingest) -> None:
    connection = await made(ingest, **CALL)
    await part(ingest, connection, 3, "第三句", last=True)
    await part(ingest, connection, 1, "第一句")
    await assembled(ingest)
    assert await ingest.records() == []
    await part(ingest, connection, 2, "第二句")
    await assembled(ingest)
    (feedback,) = await ingest.records()
    body = body_of(feedback)
    assert body["text"] == "第一句\n第二句\n第三句"
    assert [turn["text"] for turn in body["dialogue"]] == ["第一句", "第二句", "第三句"]
    assert len(await ingest.records(INTERACTION_RECORDED)) == 1


async def test_a_part_that_is_sent_again_is_one_part(ingest: Ingest) -> None:
    connection = await made(ingest, **CALL)
    for _ in range(2):
        await part(ingest, connection, 1, "第一句")
    await part(ingest, connection, 2, "第二句", last=True)
    await assembled(ingest)
    (feedback,) = await ingest.records()
    assert body_of(feedback)["text"] == "第一句\n第二句"


async def test_what_nobody_completes_is_taken_as_it_is(ingest: Ingest) -> None:
    connection = await made(ingest, **CALL)
    await part(ingest, connection, 1, "刹车坏了")
    await overdue(ingest)
    await assembled(ingest)
    (feedback,) = await ingest.records()
    assert body_of(feedback)["attributes"]["incomplete"] == "true"
    # What comes too late after that is not lost: somebody has to look at it.
    await part(ingest, connection, 2, "后来说的", last=True)
    await overdue(ingest)
    await assembled(ingest)
    assert [entry["reason"] for entry in await quarantined(ingest)] == ["conflict"]


async def test_parts_are_sealed_and_of_one_that_is_off_they_wait(ingest: Ingest) -> None:
    connection = await made(ingest, **CALL)
    await part(ingest, connection, 1, "我的名字不该在这里")
    async with ingest.platform.engine.connect() as database:
        row = str((await database.execute(text("SELECT * FROM ingest.part"))).one())
    assert "名字" not in row
    path = f"/v1/connections/{connection['id']}"
    await ingest.client.put(path, json={"name": "off", "enabled": False})
    await overdue(ingest)
    await assembled(ingest)
    assert len(await ingest.records()) == 1


async def test_without_the_log_the_parts_stay(ingest: Ingest) -> None:
    connection = await made(ingest, **CALL)
    await part(ingest, connection, 1, "第一句", last=True)
    await ingest.platform.bus.stop()
    async with running(ingest.platform) as other, other.beside("ingest.assembly") as assembly:
        await until(lambda: assembly.healthy(asyncio.get_running_loop().time()))
    assert not await none_ready(ingest)
    await ingest.platform.bus.start()
    await assembled(ingest)
    assert len(await ingest.records()) == 1
