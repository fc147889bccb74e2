"""Between OpenTelemetry's contexts and W3C trace contexts as records and rows carry them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from heedful.common import traceparent

_W3C: Final = TraceContextTextMapPropagator()
_NOWHERE: Final = Context()


def parent_of(written: str | None) -> Context:
    """The context that a `traceparent` names; one without a span, if it names none."""
    return _W3C.extract({traceparent.HEADER: written or ""}, _NOWHERE)


def links_of(written: Iterable[str | None]) -> list[Link]:
    """Links to those that name a span."""
    found = (trace.get_current_span(parent_of(one)).get_span_context() for one in written)
    return [Link(one) for one in found if one.is_valid]


def written_of(span: Span) -> str:
    """The `traceparent` that names a span (Trace Context §3.2.2)."""
    one = span.get_span_context()
    return f"00-{one.trace_id:032x}-{one.span_id:016x}-{one.trace_flags:02x}"


@contextmanager
def inside(span: Span) -> Iterator[None]:
    """What is done belongs to the span; it ends with it. An error is told by its type alone: its
    text may quote what a customer said."""
    with (
        trace.use_span(
            span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        ),
        traceparent.continuing(written_of(span)),
    ):
        try:
            yield
        except Exception as error:
            failed(span, error)
            raise


def failed(span: Span, error: BaseException) -> None:
    """The span ended with this."""
    span.set_attribute("error.type", type(error).__qualname__)
    span.set_status(trace.StatusCode.ERROR)
