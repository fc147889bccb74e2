"""What happens around every request: trace id, limits, metrics. Plain ASGI, no per-request task."""

import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common import metrics
from heedful.common.http.body import BodyLimits, bounded
from heedful.common.http.problems import Problem, respond
from heedful.common.trace import going_on, trace_of


class RequestMiddleware:
    """Binds the trace id to logs, bounds the body, counts and times.

    Args:
        larger: limits of paths that take larger bodies than others.
    """

    def __init__(self, app: ASGIApp, body: BodyLimits, larger: Mapping[str, BodyLimits]) -> None:
        self._app = app
        self._body = body
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        # Who traces has given it one.
        traceparent = state.get("traceparent") or going_on(headers.get("traceparent"))
        state["traceparent"] = traceparent
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace_id=trace_of(traceparent))
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, bounded(scope, receive, self._limits(scope, headers)), watch)
        except Problem as problem:
            await respond(problem)(scope, receive, watch)
        finally:
            # The template, not the path: paths hold ids, and metrics must not grow without bound.
            route = getattr(scope.get("route"), "path", "unmatched")
            method = scope["method"]
            metrics.series(metrics.HTTP_REQUESTS, route, method, str(status)).inc()
            metrics.series(metrics.HTTP_SECONDS, route, method).observe(
                time.perf_counter() - started, state.get("exemplar")
            )

    def _limits(self, scope: Scope, headers: Headers) -> BodyLimits:
        # A request that is to be repeated is kept whole in memory, to compare it.
        if "idempotency-key" in headers:
            return self._body
        return self._larger.get(scope["path"], self._body)
