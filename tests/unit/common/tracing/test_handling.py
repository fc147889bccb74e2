"""Batches of records of several traces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from heedful.common import traceparent
from heedful.common.bus.base import Outgoing
from heedful.common.cloudevents import CloudEvent
from heedful.common.contracts import Feedback
from heedful.common.events import Delivery
from heedful.common.runtime import Handled
from heedful.common.topics import FEEDBACK_RECEIVED
from heedful.common.tracing.handling import TracedHandler

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ONE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SISTER = "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01"
OTHER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
"""Of another trace."""


@dataclass(frozen=True)
class Read:
    """A record of the log."""

    headers: Sequence[tuple[str, bytes]]
    topic: str = FEEDBACK_RECEIVED.name
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = b"{}"


def delivery(written: str) -> Delivery:
    record = Read((("traceparent", written.encode()),))
    payload = Feedback(
        tenant="acme",
        id="1",
        source="shop",
        channel="review",
        text="好",
        occurred_at=NOW,
        received_at=NOW,
    )
    return Delivery(record, CloudEvent("1", "shop", "t", b"{}"), payload, FEEDBACK_RECEIVED)


async def handled(*written: str) -> tuple[InMemorySpanExporter, list[str | None]]:
    """The spans, and the contexts under which each event's output is published."""
    spans = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))

    async def handler(batch: Sequence[Delivery]) -> Sequence[Handled]:
        return [[Outgoing("out", None, b"", one.record.headers)] for one in batch]

    traced = TracedHandler(handler, "group", provider.get_tracer("test"))
    results = await traced([delivery(one) for one in written])
    outputs = [one for result in results if not isinstance(result, Exception) for one in result]
    return spans, [traceparent.of_record(one.headers) for one in outputs]


async def test_a_batch_of_one_trace_goes_on_with_it() -> None:
    spans, published = await handled(ONE, SISTER)
    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert f"00-{span.parent.trace_id:032x}-{span.parent.span_id:016x}-01" == SISTER
    assert len(span.links) == 2
    assert published == [f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"] * 2


async def test_a_batch_of_several_traces_is_in_none_of_them_and_links_to_all() -> None:
    spans, published = await handled(ONE, OTHER)
    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert span.attributes is not None
    assert span.attributes["messaging.batch.message_count"] == 2
    linked = {f"00-{x.context.trace_id:032x}-{x.context.span_id:016x}-01" for x in span.links}
    assert linked == {ONE, OTHER}
    # Each record's trace goes on.
    assert published == [ONE, OTHER]
