"""What a sender sees when a server behind ingest is away, and what that costs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from heedful.common.bus.base import Outgoing, Producer
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.service import Platform
from heedful.ingest.store import Accepted, AcceptedStore
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.world import FEEDBACK, Ingest, headers_of, problem


class Slow:
    """A producer that waits until it is opened."""

    def __init__(self, inner: Producer) -> None:
        self._inner = inner
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.entered.set()
        await self.opened.wait()
        await self._inner.send(records)


class SlowBus(EmbeddedBus):
    """The log, behind a slow producer."""

    def __init__(self, dsn: str, inner: Producer) -> None:
        super().__init__(dsn, "slow")
        self.slow = Slow(inner)

    @property
    def producer(self) -> Any:
        return self.slow


def unavailable(response: httpx.Response, what: str = "") -> None:
    assert what in problem(response, 503, "unavailable")["detail"]
    assert int(response.headers["retry-after"]) > 0


async def test_without_the_bus_it_is_503_and_nothing_is_claimed(ingest: Ingest) -> None:
    bus = ingest.platform.bus
    await bus.stop()
    unavailable(await ingest.post("/v1/feedback", FEEDBACK), "the log")
    unavailable(await ingest.post("/v1/feedback/batch", [FEEDBACK]), "the log")
    assert await ingest.remembered() == 0
    await bus.start()
    again = await ingest.post("/v1/feedback", FEEDBACK)
    assert (again.status_code, again.json()["status"]) == (202, "accepted")
    assert len(await ingest.records()) == 1


async def test_a_503_is_not_remembered_under_an_idempotency_key(ingest: Ingest) -> None:
    bus = ingest.platform.bus
    await bus.stop()
    unavailable(await ingest.post("/v1/feedback", FEEDBACK, idempotency_key="k"))
    await bus.start()
    again = await ingest.post("/v1/feedback", FEEDBACK, idempotency_key="k")
    assert (again.status_code, again.json()["status"]) == (202, "accepted")


async def test_without_the_database_that_holds_the_log_too_it_is_503(
    ingest: Ingest, postgres_url: str
) -> None:
    url = ingest.platform.settings.database_url
    assert url is not None
    name = make_url(url.get_secret_value()).database
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        unavailable(await ingest.post("/v1/feedback", FEEDBACK))
        unavailable(await ingest.post("/v1/feedback/batch", [FEEDBACK]))
        unavailable(await ingest.post("/v1/feedback", {"channel": "chat", "text": "没有编号"}))
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    finally:
        await admin.close()
    again = await ingest.post("/v1/feedback", FEEDBACK)
    assert (again.status_code, again.json()["status"]) == (202, "accepted")


async def test_a_missing_table_is_503_too(ingest: Ingest) -> None:
    async with ingest.platform.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE ingest.accepted RENAME TO away"))
    before = _counted("unavailable")
    unavailable(await ingest.post("/v1/feedback", FEEDBACK), "the database")
    assert _counted("unavailable") == before + 1
    assert await ingest.records() == []


async def test_items_that_wait_count_against_the_bound(
    platform: Platform, start: Start, database_url: str
) -> None:
    bus = SlowBus(database_url, platform.bus.producer)
    ingest = await start(
        replace(platform, bus=bus),
        MAX_PENDING_ITEMS=1,
        MAX_BATCH_ITEMS=1,
    )
    waiting = asyncio.create_task(ingest.post("/v1/feedback", FEEDBACK))
    await bus.slow.entered.wait()
    unavailable(await ingest.post("/v1/feedback", {**FEEDBACK, "id": "2"}))
    before = _counted("unavailable")
    # It does not even come to light that this is no feedback.
    unavailable(await ingest.post("/v1/feedback/batch", [{"id": "3"}]), "1 items wait")
    assert _counted("unavailable") == before + 1
    assert await ingest.remembered() == 0
    bus.slow.opened.set()
    assert (await waiting).status_code == 202
    assert (await ingest.post("/v1/feedback", {**FEEDBACK, "id": "2"})).status_code == 202


async def test_a_stop_between_publish_and_remember_gives_one_event_twice(
    platform: Platform, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = AcceptedStore._remember
    failures = [DBAPIError("INSERT", {}, Exception("of ours"))]

    async def once(self: AcceptedStore, items: Sequence[Accepted]) -> Sequence[None]:
        if failures:
            raise failures.pop()
        return await remember(self, items)

    monkeypatch.setattr(AcceptedStore, "_remember", once)
    ingest = await start()
    unavailable(await ingest.post("/v1/feedback", FEEDBACK))
    assert len(await ingest.records()) == 1
    assert await ingest.remembered() == 0
    again = await ingest.post("/v1/feedback", FEEDBACK)
    assert (again.status_code, again.json()["status"]) == (202, "accepted")
    first, second = await ingest.records()
    assert headers_of(first)["ce_id"] == headers_of(second)["ce_id"] == "call-1"
    assert headers_of(first)["ce_source"] == headers_of(second)["ce_source"]
    assert (first.key, first.partition) == (second.key, second.partition)
    third = await ingest.post("/v1/feedback", FEEDBACK)
    assert third.json()["status"] == "duplicate"


def _counted(outcome: str) -> float:
    found = REGISTRY.get_sample_value(
        "heedful_ingest_items_total", {"kind": "feedback", "outcome": outcome}
    )
    return found or 0.0
