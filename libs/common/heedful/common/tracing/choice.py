"""Whether a process is traced."""

import importlib.util

from heedful.common.errors import ConfigurationError
from heedful.common.settings import Settings
from heedful.common.tracing.base import UNTRACED, Tracing


def tracing_of(settings: Settings, name: str) -> Tracing:
    """As the settings ask for it.

    Args:
        name: of the process, its `service.name` unless OTEL_SERVICE_NAME says otherwise.

    Raises:
        ConfigurationError: traces are asked for, and OpenTelemetry's SDK is not installed.
    """
    if not settings.traces:
        return UNTRACED
    if importlib.util.find_spec("opentelemetry") is None or (
        importlib.util.find_spec("opentelemetry.sdk") is None
    ):
        raise ConfigurationError(
            "HEEDFUL_TRACES needs OpenTelemetry's SDK: pip install 'heedful[otel]'"
        )
    from heedful.common.tracing.exporting import exported

    return exported(name)
