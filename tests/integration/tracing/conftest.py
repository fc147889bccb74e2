"""The platform whose spans are kept in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from heedful.alerting.main import MIGRATIONS as ALERTING
from heedful.common.db import Migrations
from heedful.common.runtime import ConsumerRunner
from heedful.common.serve import build_app
from heedful.common.service import Platform, Service
from heedful.common.settings import ConsumerSettings
from heedful.common.tracing.exporting import traced
from heedful.ingest.main import MIGRATIONS as INGEST
from heedful.journey.main import MIGRATIONS as JOURNEY
from heedful.nlp.main import MIGRATIONS as NLP
from tests.integration.conftest import API_KEY
from tests.integration.tenancy.world import started

SECRET = "whsec_aGVlZGZ1bC1lMmUtc2VjcmV0LTMyLWJ5dGVzLWxvbmc="
SETTINGS = ConsumerSettings(poll_seconds=0.05, commit_seconds=0.05)


@pytest.fixture(scope="session")
def histories() -> Sequence[Migrations]:
    return (INGEST, NLP, JOURNEY, ALERTING)


@dataclass(frozen=True)
class Seen:
    """What a receiver of webhooks was sent, and the spans of the platform."""

    client: httpx.AsyncClient
    spans: InMemorySpanExporter
    received: list[str | None]

    def named(self, name: str) -> list[ReadableSpan]:
        return [one for one in self.spans.get_finished_spans() if one.name == name]


@pytest.fixture
async def seen(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Seen]:
    received: list[str | None] = []

    async def take(request: web.Request) -> web.Response:
        received.append(request.headers.get("traceparent"))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", take)
    spans = InMemorySpanExporter()
    tracing = traced("heedful", SimpleSpanProcessor(spans))
    tracing.engine(platform.engine)
    async with TestServer(app) as receiver:
        monkeypatch.setenv("HEEDFUL_ALERTING__WEBHOOK_URL", str(receiver.make_url("/hook")))
        monkeypatch.setenv("HEEDFUL_ALERTING__WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS", "true")
        given = replace(platform, bus=tracing.bus(platform.bus), tracing=tracing)
        async with started(given) as services, running(given, services):
            made = tracing.app(build_app(given, services, [], "heedful"))
            transport = httpx.ASGITransport(made)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://heedful", headers={"X-API-Key": API_KEY}
            ) as client:
                yield Seen(client, spans, received)
    tracing.close()


@asynccontextmanager
async def running(platform: Platform, services: Sequence[Service]) -> AsyncIterator[None]:
    """Consumers and loops."""
    runners = [
        ConsumerRunner(platform.tracing.subscription(one), platform.bus, SETTINGS)
        for service in services
        for one in service.subscriptions
    ]
    parts = [*runners, *(part for service in services for part in service.background)]
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
    finally:
        for part in parts:
            part.stop()
        await asyncio.gather(*tasks)
