"""The log between the services; `open_bus` chooses the adapter from the settings."""

from heedful.common.bus.base import (
    Bus,
    Consumer,
    Header,
    Outgoing,
    Producer,
    RebalanceListener,
    Record,
    StaleAssignment,
    TopicPartition,
)

__all__ = [
    "Bus",
    "Consumer",
    "Header",
    "Outgoing",
    "Producer",
    "RebalanceListener",
    "Record",
    "StaleAssignment",
    "TopicPartition",
]
