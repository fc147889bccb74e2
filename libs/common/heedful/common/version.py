"""Which heedful this is."""

import importlib.metadata


def service_version() -> str:
    """The installed distribution's version; a metric label and a header of dead letters."""
    return importlib.metadata.version("heedful")
