"""The bus on PostgreSQL: durable, for one machine, no other server needed."""

from heedful.common.bus.embedded.bus import EmbeddedBus

__all__ = ["EmbeddedBus"]
