"""What a service gives to the runtime."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from heedful.common.bus.base import Outgoing
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.common.topics import Topic

Handled = Sequence[Outgoing] | InvalidMessage
"""What became of one event: the records to publish, or why it goes to the DLQ."""


class Handler(Protocol):
    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        """Handle events in their order; one result per event, in the same order.

        The batch comes again after a crash, so effects are idempotent, and they are durable
        when this returns.

        Raises:
            Retryable: the world is in the way; the same batch comes again after a pause.
            Fatal: stop the process.
            Exception: anything else is tried again event by event, then sent to the DLQ.
        """


@dataclass(frozen=True, slots=True)
class Subscription:
    """A group's interest in topics, and what it does with their events."""

    group: str
    topics: tuple[Topic, ...]
    handler: Handler
