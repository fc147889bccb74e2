"""The transactional outbox: records that are published if, and only if, their effect is kept."""

from heedful.common.outbox.relay import Relay
from heedful.common.outbox.store import put

__all__ = ["Relay", "put"]
