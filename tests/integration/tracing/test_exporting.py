"""A process with HEEDFUL_TRACES: its spans arrive where OTEL_EXPORTER_OTLP_ENDPOINT says."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.integration.common.process import SmallProcess


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    return empty_database_url


@pytest.fixture
async def collector() -> AsyncIterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """What a collector is sent."""
    taken: list[ExportTraceServiceRequest] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        taken.append(ExportTraceServiceRequest.FromString(body))
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), taken


async def test_spans_are_sent_at_the_latest_when_it_stops(
    database_url: str,
    tmp_path: Path,
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    url, taken = collector
    environment = {
        "HEEDFUL_DATABASE_URL": database_url,
        "HEEDFUL_HTTP__PORT": "0",
        "HEEDFUL_TRACES": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
    }
    process = SmallProcess(tmp_path, environment)
    process.file("release").touch()
    process.start()
    try:
        async with httpx.AsyncClient(base_url=await process.url()) as client:
            assert (await client.post("/v1/work")).status_code == 200
        process.terminate()
        assert await process.end() == 0
    finally:
        await process.kill()
    (resource,) = {
        tuple(sorted((one.key, one.value.string_value) for one in sent.resource.attributes))
        for request in taken
        for sent in request.resource_spans
    }
    told = dict(resource)
    assert told["service.name"] == "small"
    assert told["service.namespace"] == "heedful"
    assert told["deployment.environment.name"] == "test"
    names = [
        span.name
        for request in taken
        for sent in request.resource_spans
        for scope in sent.scope_spans
        for span in scope.spans
    ]
    assert "POST /v1/work" in names
