"""OpenTelemetry traces, on request: HEEDFUL_TRACES and the extra `otel`.

The parts of a process are wrapped once, at its start; without, they are what they were, and no
module of OpenTelemetry's SDK is imported.
"""

from heedful.common.tracing.base import UNTRACED, Tracing
from heedful.common.tracing.choice import tracing_of

__all__ = ["UNTRACED", "Tracing", "tracing_of"]
