"""A process whose parts are traced."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from heedful.common.bus.base import Bus
from heedful.common.runtime import Subscription
from heedful.common.tracing.answering import TracedApp
from heedful.common.tracing.handling import TracedHandler
from heedful.common.tracing.publishing import TracedBus
from heedful.common.tracing.statements import trace_statements
from heedful.common.version import service_version

if TYPE_CHECKING:
    import aiohttp


class Traced:
    """Spans of one provider, which is nobody else's: no global of OpenTelemetry is set."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("heedful", service_version())

    def app(self, app: ASGIApp) -> ASGIApp:
        return TracedApp(app, self._tracer)

    def bus(self, bus: Bus) -> Bus:
        return TracedBus(bus, self._tracer)

    def subscription(self, one: Subscription) -> Subscription:
        return replace(one, handler=TracedHandler(one.handler, one.group, self._tracer))

    def engine(self, engine: AsyncEngine) -> None:
        trace_statements(engine, self._tracer)

    def client(self) -> "Sequence[aiohttp.TraceConfig]":
        # Services that send nothing to others have no aiohttp.
        from heedful.common.tracing.asking import client_trace

        return (client_trace(self._tracer),)

    def close(self) -> None:
        self._provider.shutdown()
