"""Spans of requests that are sent to others.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client, but for `url.full`: the
address of a robot is its secret.
"""

from types import SimpleNamespace
from typing import Any

import aiohttp
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from heedful.common import traceparent
from heedful.common.tracing.contexts import failed, parent_of, written_of


def client_trace(tracer: Tracer) -> aiohttp.TraceConfig:
    """For a session: each of its requests is a span, and carries its context."""

    async def started(
        _session: aiohttp.ClientSession,
        of: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        attributes: dict[str, Any] = {
            "http.request.method": params.method,
            "server.address": params.url.host or "",
            "server.port": params.url.port or 0,
        }
        of.span = tracer.start_span(
            params.method, parent_of(traceparent.current()), SpanKind.CLIENT, attributes
        )
        params.headers[traceparent.HEADER] = written_of(of.span)

    async def ended(
        _session: aiohttp.ClientSession,
        of: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        status = params.response.status
        of.span.set_attribute("http.response.status_code", status)
        if status >= 400:
            of.span.set_attribute("error.type", str(status))
            of.span.set_status(StatusCode.ERROR)
        of.span.end()

    async def broken(
        _session: aiohttp.ClientSession,
        of: SimpleNamespace,
        params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        failed(of.span, params.exception)
        of.span.end()

    config = aiohttp.TraceConfig()
    config.on_request_start.append(started)
    config.on_request_end.append(ended)
    config.on_request_exception.append(broken)
    return config
