"""The log between the services: one interface, adapters `kafka` and `embedded`."""

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
