"""Ingest on a test's platform, and what the tests look at."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from sqlalchemy import text

from heedful.common.bus.base import LogRecord
from heedful.common.bus.headers import unpack
from heedful.common.serve import build_app
from heedful.common.service import Background, Platform, Service
from heedful.common.topics import FEEDBACK_RECEIVED, Topic
from heedful.ingest.main import build
from tests.integration.conftest import API_KEY

FEEDBACK: dict[str, Any] = {
    "id": "call-1",
    "source": "callcentre",
    "channel": "call",
    "text": "刹车突然失灵，请打13900001234",
    "occurred_at": "2026-11-24T08:15:00+08:00",
    "identifiers": [{"type": "phone", "value": "13900001234"}],
    "conversation_id": "conversation-1",
}
INTERACTION: dict[str, Any] = {
    "id": "out-1",
    "source": "callcentre",
    "kind": "contact",
    "direction": "outbound",
    "actor": {"type": "human", "id": "staff-17"},
    "identifiers": [{"type": "phone", "value": "13900001234"}],
    "summary": "回电13900001234，已道歉",
}
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "event-1",
    "source": "/crm/calls",
    "type": "voc.feedback.received.v1",
    "time": "2026-11-24T08:15:00Z",
    "data": {"channel": "call", "text": "排了两个小时队"},
}


@dataclass(frozen=True)
class Ingest:
    """A running ingest."""

    platform: Platform
    client: httpx.AsyncClient
    service: Service

    @asynccontextmanager
    async def beside(self, name: str) -> AsyncIterator[Background]:
        """One of its loops, running."""
        (part,) = [one for one in self.service.background if one.name == name]
        running = asyncio.create_task(part.run())
        yield part
        part.stop()
        await running

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Post JSON; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.client.post(
            path, content=content, headers={"content-type": "application/json", **named}
        )

    async def records(self, topic: Topic = FEEDBACK_RECEIVED) -> list[LogRecord]:
        """All records of a topic, in the order of their writing."""
        async with self.platform.engine.connect() as connection:
            rows = await connection.execute(
                text(
                    'SELECT partition, "offset", written_at, key, value, headers FROM bus.record'
                    ' WHERE topic = :topic ORDER BY written_at, partition, "offset"'
                ),
                {"topic": topic.name},
            )
            return [
                LogRecord(
                    topic=topic.name,
                    partition=row.partition,
                    offset=row.offset,
                    timestamp=int(row.written_at.timestamp() * 1000),
                    key=row.key,
                    value=row.value,
                    headers=unpack(row.headers),
                )
                for row in rows
            ]

    async def remembered(self) -> int:
        """How many keys are claimed."""
        async with self.platform.engine.connect() as connection:
            found = await connection.scalar(text("SELECT count(*) FROM ingest.accepted"))
            return int(found or 0)


@asynccontextmanager
async def running(platform: Platform) -> AsyncIterator[Ingest]:
    """Started, and behind a client that carries the first tenant's key."""
    service = build(platform)
    assert service.start is not None
    await service.start()
    app = build_app(platform, [service], [], "ingest")
    # As in production, an error that nobody handles is a 500 and not an exception of the caller.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://ingest", headers={"X-API-Key": API_KEY}
    ) as client:
        yield Ingest(platform, client, service)


def headers_of(record: LogRecord) -> Mapping[str, str]:
    return {name: value.decode() for name, value in record.headers}


def body_of(record: LogRecord) -> dict[str, Any]:
    found = orjson.loads(record.value or b"null")
    assert isinstance(found, dict)
    return found


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem object of an answer that must be this one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["type"].rsplit("/", 1)[1] == code
    assert isinstance(body, dict)
    return body
