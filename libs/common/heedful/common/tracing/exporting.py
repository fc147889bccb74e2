"""Traces that leave the process by OTLP over HTTP, as OTEL_* variables say.

https://opentelemetry.io/docs/languages/sdk-configuration/
"""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from heedful.common.tracing.wrapping import Traced
from heedful.common.version import service_version


def exported(name: str) -> Traced:
    """Traces of a process of this name, sent in the background."""
    return traced(name, BatchSpanProcessor(OTLPSpanExporter()))


def traced(name: str, processor: SpanProcessor) -> Traced:
    """Traces of a process of this name, given to the processor."""
    own = Resource.create(
        {
            "service.name": name,
            "service.namespace": "heedful",
            "service.version": service_version(),
        }
    )
    # What the operator says in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES goes before.
    resource = own.merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return Traced(provider)
