"""Channels that are asked: cursors, leases, rings, failures."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from heedful.common.service import Background, Platform
from heedful.ingest.channels import Answer, ChannelRequest, Deliver, Line, Page, VendorFailure
from heedful.ingest.store_lines import LineStore
from tests.contract.channels.harness import request
from tests.integration.ingest.channels import Options, Parrot, Secrets, Well, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_channels import SAID
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.world import Ingest, body_of, headers_of, running
from tests.patience import until

HOUR = timedelta(hours=1)


class Ear(Parrot):
    """A vendor that is listened to. Each line is a queue of what it says."""

    name = "ear"

    def __init__(self) -> None:
        self.lines: list[asyncio.Queue[ChannelRequest]] = []
        self.answers: list[Answer | Exception] = []
        self.failing = False

    async def listen(
        self, line: Line, secrets: Secrets, options: Options, deliver: Deliver
    ) -> None:
        if self.failing:
            raise VendorFailure("hung up")
        said: asyncio.Queue[ChannelRequest] = asyncio.Queue()
        self.lines.append(said)
        while True:
            try:
                self.answers.append(await deliver(await said.get()))
            except Exception as error:
                self.answers.append(error)
                raise


@pytest.fixture
def well() -> Well:
    return Well()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def ingest(start: Start, well: Well, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot(), well, ear))
    return await start()


@asynccontextmanager
async def asking(platform: Platform) -> AsyncIterator[Background]:
    """A process that has lines."""
    async with running(platform) as ingest, ingest.beside("ingest.lines") as lines:
        yield lines


async def state(ingest: Ingest, connection: dict[str, Any]) -> dict[str, Any]:
    found = (await ingest.client.get(f"/v1/connections/{connection['id']}")).json()["line"]
    assert isinstance(found, dict)
    return found


async def failing(ingest: Ingest, connection: dict[str, Any]) -> bool:
    return bool((await state(ingest, connection))["failures"])


async def settled(ingest: Ingest, connection: dict[str, Any]) -> bool:
    return (await state(ingest, connection))["last_ok_at"] is not None


async def mended(ingest: Ingest, connection: dict[str, Any]) -> bool:
    return not await failing(ingest, connection)


async def taken(ingest: Ingest, number: int) -> bool:
    return len(await ingest.records()) == number


async def due(ingest: Ingest) -> None:
    async with ingest.platform.engine.begin() as database:
        await database.execute(text("UPDATE ingest.line SET due_at = now()"))


async def idle(ingest: Ingest) -> bool:
    async with ingest.platform.engine.connect() as database:
        return await database.scalar(text("SELECT owner FROM ingest.line")) is None


async def cursors(ingest: Ingest) -> Sequence[str | None]:
    async with ingest.platform.engine.connect() as database:
        return list((await database.scalars(text("SELECT cursor FROM ingest.line"))).all())


async def test_all_pages_are_taken_and_the_cursor_is_kept(ingest: Ingest, well: Well) -> None:
    well.pages = [[SAID, {**SAID, "id": "m-2"}], [{**SAID, "id": "m-3"}]]
    connection = await made(ingest, channel="well")
    async with asking(ingest.platform):
        await until(lambda: settled(ingest, connection))
    assert [headers_of(one)["ce_id"] for one in await ingest.records()] == ["m-1", "m-2", "m-3"]
    assert await cursors(ingest) == ["2"]
    # Another process goes on from there, and not before it is due.
    well.pages.append([{**SAID, "id": "m-4"}])
    await due(ingest)
    async with asking(ingest.platform):
        await until(lambda: len(well.asked) == 3)
    assert well.asked == [None, "1", "2"]


async def test_a_page_whose_cursor_was_not_kept_is_one_item_all_the_same(
    ingest: Ingest, well: Well, monkeypatch: pytest.MonkeyPatch
) -> None:
    well.pages = [[SAID]]
    await made(ingest, channel="well")
    advance = LineStore.advance
    lost = [False]

    async def once(self: LineStore, *given: Any) -> bool:
        if not lost[0]:
            lost[0] = True
            return False
        return await advance(self, *given)

    monkeypatch.setattr(LineStore, "advance", once)
    async with asking(ingest.platform):
        await until(lambda: lost[0])
        await due(ingest)
        await until(lambda: len(well.asked) == 2)
    assert well.asked == [None, None]
    assert len(await ingest.records()) == 1


async def test_a_vendor_that_fails_is_asked_again_later_and_it_shows(
    ingest: Ingest, well: Well
) -> None:
    well.failures = [VendorFailure("errcode 45009", HOUR)]
    well.pages = [[SAID]]
    connection = await made(ingest, channel="well")
    async with asking(ingest.platform):
        await until(lambda: bool(well.asked))
        await until(lambda: failing(ingest, connection))
        shown = await state(ingest, connection)
        assert (shown["failures"], shown["last_error"]) == (1, "errcode 45009")
        await due(ingest)
        await until(lambda: mended(ingest, connection))
    assert len(await ingest.records()) == 1


async def test_an_adapter_that_breaks_is_asked_again_and_tells_nothing(
    ingest: Ingest, well: Well, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> Page:
        raise KeyError("刹车失灵")

    monkeypatch.setattr(well, "fetch", broken)
    connection = await made(ingest, channel="well")
    async with asking(ingest.platform):
        await until(lambda: failing(ingest, connection))
    shown = await state(ingest, connection)
    assert shown["last_error"] == "the adapter failed: KeyError"


async def test_only_one_of_many_processes_asks(ingest: Ingest, well: Well) -> None:
    well.pages = [[SAID]]
    await made(ingest, channel="well")
    async with asking(ingest.platform), asking(ingest.platform), asking(ingest.platform):
        await until(lambda: bool(well.asked))
    assert well.asked == [None]


async def test_a_ring_is_answered_at_once(ingest: Ingest, well: Well) -> None:
    connection = await made(ingest, channel="well")
    path = f"/v1/channels/well/{connection['id']}"
    async with ingest.beside("ingest.lines"):
        await until(lambda: len(well.asked) == 1)
        well.pages = [[SAID]]
        rung = await ingest.post(path, {"items": [], "ring": True}, x_word="lovely plumage")
        assert rung.status_code == 200
        await until(lambda: taken(ingest, 1))


async def test_a_ring_that_died_with_its_process_is_made_up_for(ingest: Ingest, well: Well) -> None:
    connection = await made(ingest, channel="well")
    async with asking(ingest.platform):
        await until(lambda: settled(ingest, connection))
    well.pages = [[SAID]]
    path = f"/v1/channels/well/{connection['id']}"
    rung = await ingest.post(path, {"items": [], "ring": True}, x_word="lovely plumage")
    assert rung.status_code == 200
    # The process that heard it is gone; another one asks when the line is due, as it is every so
    # often.
    async with ingest.platform.engine.connect() as database:
        due_in = text("SELECT due_at - last_ok_at FROM ingest.line")
        assert await database.scalar(due_in) == Well.every
    await due(ingest)
    async with asking(ingest.platform):
        await until(lambda: taken(ingest, 1))


async def test_what_was_said_before_the_connection_was_made_is_history(
    ingest: Ingest, well: Well
) -> None:
    connection = await made(ingest, channel="well")
    made_at = datetime.fromisoformat(connection["created_at"])
    times = [(made_at + HOUR * sign).isoformat() for sign in (-1, 0)]
    well.pages = [[{**SAID, "id": at, "occurred_at": at} for at in times]]
    async with asking(ingest.platform):
        await until(lambda: taken(ingest, 2))
    found = {body["id"]: body["backfill"] for body in map(body_of, await ingest.records())}
    assert found == {times[0]: True, times[1]: False}


async def test_what_a_vendor_sends_by_itself_is_live_whenever_it_was_said(ingest: Ingest) -> None:
    connection = await made(ingest)
    item = {**SAID, "occurred_at": "2026-01-01T00:00:00Z"}
    path = f"/v1/channels/parrot/{connection['id']}"
    await ingest.post(path, {"items": [item]}, x_word="lovely plumage")
    (record,) = await ingest.records()
    assert body_of(record)["backfill"] is False


async def test_secrets_that_a_vendor_replaces_are_kept_unless_the_tenant_has_put_others(
    ingest: Ingest, well: Well, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.ingest.lines._LOOK_EVERY_S", 0.05)
    connection = await made(ingest, channel="well")
    shown: list[str] = []

    async def fetch(line: Line, secrets: Secrets, *_: object) -> Page:
        word = secrets.word.get_secret_value()
        shown.append(word)
        if len(shown) == 3:
            path = f"/v1/connections/{connection['id']}/secrets"
            await ingest.post(path, {"secrets": {"word": "of the tenant"}})
        await line.keep(Secrets(word=SecretStr(f"{word}+")))
        return Page((), None)

    monkeypatch.setattr(well, "fetch", fetch)
    async with asking(ingest.platform):
        for number in range(1, 5):
            await until(partial(_so_many, shown, number))
            await until(lambda: idle(ingest))
            await due(ingest)
    assert shown[:4] == ["lovely plumage", "lovely plumage+", "lovely plumage++", "of the tenant"]
    async with ingest.platform.engine.connect() as database:
        stored = await database.scalar(text("SELECT sealed FROM ingest.connection"))
    assert b"tenant" not in bytes(stored)


async def test_one_that_is_off_is_not_asked(ingest: Ingest, well: Well) -> None:
    await made(ingest, channel="well", enabled=False)
    await made(ingest, channel="well")
    async with asking(ingest.platform):
        await until(lambda: bool(well.asked))
    assert len(well.asked) == 1


async def test_what_is_heard_is_in_the_log_before_it_is_answered(ingest: Ingest, ear: Ear) -> None:
    connection = await made(ingest, channel="ear")
    async with asking(ingest.platform):
        await until(lambda: bool(ear.lines))
        ear.lines[0].put_nowait(_heard(SAID))
        await until(lambda: bool(ear.answers))
    (answer,) = ear.answers
    assert isinstance(answer, Answer)
    assert answer.status == 200
    (record,) = await ingest.records()
    assert headers_of(record)["ce_source"] == f"/acme/ear:{connection['id']}"


async def test_a_line_is_given_back_when_its_process_stops(ingest: Ingest, ear: Ear) -> None:
    await made(ingest, channel="ear")
    async with asking(ingest.platform):
        await until(lambda: len(ear.lines) == 1)
    async with asking(ingest.platform):
        await until(lambda: len(ear.lines) == 2)


async def test_a_line_that_breaks_is_opened_again(ingest: Ingest, ear: Ear) -> None:
    ear.failing = True
    connection = await made(ingest, channel="ear")
    async with asking(ingest.platform):
        await until(lambda: failing(ingest, connection))
        assert (await state(ingest, connection))["last_error"] == "hung up"
        ear.failing = False
        await due(ingest)
        await until(lambda: bool(ear.lines))


def _so_many(shown: Sequence[str], number: int) -> bool:
    return len(shown) >= number


def _heard(item: dict[str, Any]) -> ChannelRequest:
    return request(orjson.dumps({"items": [item]}), headers={"x-word": "lovely plumage"})
