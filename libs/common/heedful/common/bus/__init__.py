"""The log between the services: one interface, adapters `kafka` and `embedded`."""

from heedful.common.bus.base import (
    Bus,
    Consumer,
    Header,
    LogRecord,
    Outgoing,
    Producer,
    RebalanceListener,
    Record,
    StaleAssignment,
    TopicPartition,
    records_of,
)

__all__ = [
    "Bus",
    "Consumer",
    "Header",
    "LogRecord",
    "Outgoing",
    "Producer",
    "RebalanceListener",
    "Record",
    "StaleAssignment",
    "TopicPartition",
    "records_of",
]
