"""Spans of batches that are handled.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/: one span for a batch, which
links to the context of each record. A batch whose records are all of one trace goes on with it, so
that what becomes of a single feedback is one trace; one of several traces can be in none of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog
from opentelemetry.trace import Span, SpanKind, Tracer

from heedful.common import traceparent
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.common.runtime.handler import Handled, Handler
from heedful.common.trace import trace_of
from heedful.common.tracing.contexts import inside, links_of, parent_of, written_of

PROCESS: Final = {"messaging.operation.name": "process", "messaging.operation.type": "process"}
_MOST_LINKS: Final = 128
"""As many as the SDK keeps of a span."""


class TracedHandler:
    """A handler of a group, with a span around each call."""

    def __init__(self, handler: Handler, group: str, tracer: Tracer) -> None:
        self._handler = handler
        self._group = group
        self._tracer = tracer

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        written = [traceparent.of_record(one.record.headers) for one in batch]
        parent = _shared(written)
        span = self._span(batch, written, parent)
        own = written_of(span)
        with inside(span), structlog.contextvars.bound_contextvars(trace_id=trace_of(own)):
            results = await self._handler(batch)
        if parent is None:
            # Each record's trace goes on as the handler has it go on.
            return results
        return [_under(result, own) for result in results]

    def _span(
        self, batch: Sequence[Delivery], written: Sequence[str | None], parent: str | None
    ) -> Span:
        topics = ", ".join(sorted({one.record.topic for one in batch}))
        attributes: dict[str, str | int] = {
            **PROCESS,
            "messaging.consumer.group.name": self._group,
            "messaging.destination.name": topics,
        }
        if len(batch) > 1:
            attributes["messaging.batch.message_count"] = len(batch)
        return self._tracer.start_span(
            f"process {topics}",
            parent_of(parent),
            SpanKind.CONSUMER,
            attributes,
            links_of(written[:_MOST_LINKS]),
        )


def _shared(written: Sequence[str | None]) -> str | None:
    """The last of them, if all are of one trace."""
    traces = {None if one is None else trace_of(one) for one in written}
    return written[-1] if len(traces) == 1 else None


def _under(result: Handled, written: str) -> Handled:
    if isinstance(result, InvalidMessage):
        return result
    return [replace(one, headers=traceparent.stamped(one.headers, written)) for one in result]
