"""Erasure of a customer: what every service has in common of it."""

from heedful.common.erasure.names import KnownName, Names
from heedful.common.erasure.obeying import Eraser, Erasing, ErasureSubscriber
from heedful.common.erasure.receipts import left_in_log
from heedful.common.erasure.remembering import memory
from heedful.common.erasure.tombstones import Met, Tombstones, Traces, met

__all__ = [
    "Eraser",
    "Erasing",
    "ErasureSubscriber",
    "KnownName",
    "Met",
    "Names",
    "Tombstones",
    "Traces",
    "left_in_log",
    "memory",
    "met",
]
