"""The adapters that are installed: entry points of the group `heedful.channels`."""

import functools
from collections.abc import Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from heedful.common.errors import ConfigurationError
from heedful.ingest.channels import Adapter

GROUP = "heedful.channels"
AnyAdapter = Adapter[Any, Any]


@functools.cache
def adapters() -> Mapping[str, AnyAdapter]:
    """Every installed adapter by its name.

    Raises:
        ConfigurationError: one does not load, or two have the same name.
    """
    found: dict[str, AnyAdapter] = {}
    for point in sorted(entry_points(group=GROUP)):
        try:
            adapter: AnyAdapter = point.load()()
        except Exception as error:
            raise ConfigurationError(
                f"the channel {point.name!r} of {point.value} does not load: {error}"
            ) from error
        if point.name != adapter.name or point.name in found:
            raise ConfigurationError(
                f"the channel {point.name!r} of {point.value} must have that name, once"
            )
        found[point.name] = adapter
    return MappingProxyType(found)
