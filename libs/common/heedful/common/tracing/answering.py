"""Spans of requests that are answered.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server, but for `url.path` and
`url.query`: a path may hold the token of a link and a query what somebody searches for, so the
route stands for both.
"""

from typing import Any

from opentelemetry.trace import SpanKind, StatusCode, Tracer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common import traceparent
from heedful.common.http.shedding import ALWAYS
from heedful.common.tracing.contexts import inside, parent_of, written_of


class TracedApp:
    """Around everything else that a request goes through."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        method: str = scope["method"]
        span = self._tracer.start_span(
            method,
            parent_of(Headers(scope=scope).get(traceparent.HEADER)),
            SpanKind.SERVER,
            {"http.request.method": method, "url.scheme": scope["scheme"]},
        )
        state: dict[str, Any] = scope.setdefault("state", {})
        state["traceparent"] = written_of(span)
        if span.is_recording():
            state["exemplar"] = {"trace_id": f"{span.get_span_context().trace_id:032x}"}

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_attribute("error.type", str(status))
                    span.set_status(StatusCode.ERROR)
            await send(message)

        with inside(span):
            try:
                await self._app(scope, receive, watch)
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    span.set_attribute("http.route", route)
                    span.update_name(f"{method} {route}")
