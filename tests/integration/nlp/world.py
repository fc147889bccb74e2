"""nlp on a test's platform, and what the tests send and look at."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from heedful.common.bus.base import LogRecord, Outgoing
from heedful.common.bus.headers import unpack
from heedful.common.contracts import Channel, Enrichment, Feedback
from heedful.common.events import Delivery, from_record, to_record
from heedful.common.runtime import ConsumerRunner
from heedful.common.serve import build_app
from heedful.common.service import Platform, Service
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED, Topic
from heedful.nlp.main import build, utc_now
from tests.integration.conftest import API_KEY, TENANT

NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
DEADLINE_S = 120.0


@dataclass(frozen=True)
class Nlp:
    """A running nlp, with a client that carries the first tenant's key."""

    platform: Platform
    service: Service
    client: httpx.AsyncClient

    async def send(self, *records: Outgoing) -> None:
        await self.platform.bus.producer.send(records)

    async def records(self, topic: str) -> list[LogRecord]:
        """All records of a topic, partition by partition, each in its order."""
        async with self.platform.engine.connect() as connection:
            rows = await connection.execute(
                text(
                    'SELECT partition, "offset", key, value, headers FROM bus.record'
                    ' WHERE topic = :topic ORDER BY partition, "offset"'
                ),
                {"topic": topic},
            )
            return [
                LogRecord(
                    topic,
                    row.partition,
                    row.offset,
                    0,
                    row.key,
                    row.value,
                    unpack(row.headers),
                )
                for row in rows
            ]

    async def enriched(self) -> list[Delivery]:
        """What nlp has published, read by the contract."""
        topic = FEEDBACK_ENRICHED
        return [from_record(record, topic) for record in await self.records(topic.name)]

    async def run_until(self, count: int, topic: str = FEEDBACK_ENRICHED.name) -> None:
        """Consume until a topic holds so many records."""
        subscription = self.service.subscriptions[0]
        settings = ConsumerSettings(poll_seconds=0.05, commit_seconds=0.05, retry_seconds=0.01)
        runner = ConsumerRunner(subscription, self.platform.bus, settings)
        task = asyncio.create_task(runner.run())
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    if len(await self.records(topic)) >= count:
                        return
                    await asyncio.sleep(0.02)
        finally:
            runner.stop()
            await task

    async def post(self, *items: dict[str, Any]) -> httpx.Response:
        return await self.client.post("/v1/enrich", json={"items": items})

    async def post_raw(self, body: bytes | AsyncIterator[bytes]) -> httpx.Response:
        headers = {"content-type": "application/json"}
        return await self.client.post("/v1/enrich", content=body, headers=headers)


@asynccontextmanager
async def running(
    platform: Platform, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Nlp]:
    service = build(platform, clock)
    assert service.start is not None
    await service.start()
    app = build_app(platform, [service], [], "nlp")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://nlp", headers={"X-API-Key": API_KEY}, timeout=60
    ) as client:
        yield Nlp(platform, service, client)
    assert service.stop is not None
    await service.stop()


def feedback(number: int, words: str, **fields: Any) -> Feedback:
    values = {
        "tenant": TENANT,
        "source": "calls",
        "id": f"f{number}",
        "channel": Channel.CALL,
        "text": words,
        "occurred_at": NOW + timedelta(minutes=number),
        "received_at": NOW + timedelta(minutes=number),
        **fields,
    }
    return Feedback.model_validate(values)


def received(of: Feedback, key: str = "k", traceparent: str | None = None) -> Outgoing:
    """The record that ingest writes."""
    return to_record(
        FEEDBACK_RECEIVED,
        of,
        id=f"{of.source}/{of.id}",
        source=f"/{of.tenant}/ingest",
        key=key,
        time=of.received_at,
        traceparent=traceparent,
    )


def delivered(record: Outgoing, topic: Topic = FEEDBACK_RECEIVED, offset: int = 0) -> Delivery:
    """As a consumer's handler gets it."""
    return from_record(
        LogRecord(record.topic, 0, offset, 0, record.key, record.value, record.headers), topic
    )


def payload(delivery: Delivery) -> Enrichment:
    assert isinstance(delivery.payload, Enrichment)
    return delivery.payload


def quotes(enrichment: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """Every piece of evidence in an enrichment as JSON."""
    labelled = [
        *(enrichment.get(name) for name in ("sentiment", "urgency", "intent")),
        *enrichment.get("aspects", []),
        *enrichment["light"].get("reasons", []),
    ]
    return [span for one in labelled if one for span in one.get("evidence", [])]
