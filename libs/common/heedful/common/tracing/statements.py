"""Spans of statements.

https://opentelemetry.io/docs/specs/semconv/database/database-spans/. Only within another span:
loops ask the database all day whether there is something to do, and each of their statements would
be a trace of its own that says nothing. The text holds no value: values travel as parameters.
"""

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Tracer
from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.tracing.contexts import failed

_OPEN = "heedful.spans"


def trace_statements(engine: AsyncEngine, tracer: Tracer) -> None:
    """Each statement of the engine that something waits for is a span."""
    place = {
        "db.system.name": "postgresql",
        "db.namespace": engine.url.database or "",
        "server.address": engine.url.host or "",
    }

    def begun(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        spans: list[Span | None] = connection.info.setdefault(_OPEN, [])
        if not trace.get_current_span().get_span_context().is_valid:
            spans.append(None)
            return
        operation = statement.split(maxsplit=1)[0]
        attributes = {**place, "db.operation.name": operation, "db.query.text": statement}
        spans.append(tracer.start_span(operation, kind=SpanKind.CLIENT, attributes=attributes))

    def ended(connection: Connection, *_: Any) -> None:
        _end(connection)

    def broken(of: ExceptionContext) -> None:
        if of.connection is not None:
            _end(of.connection, of.original_exception)

    event.listen(engine.sync_engine, "before_cursor_execute", begun)
    event.listen(engine.sync_engine, "after_cursor_execute", ended)
    event.listen(engine.sync_engine, "handle_error", broken)


def _end(connection: Connection, error: BaseException | None = None) -> None:
    spans: list[Span | None] = connection.info.get(_OPEN, [])
    # An error may come without a statement, as at a commit.
    span = spans.pop() if spans else None
    if span is None:
        return
    if error is not None:
        failed(span, error)
    span.end()
