"""What a service gives to the runtime."""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol

from typing_extensions import TypeVar

from heedful.common.bus.base import Outgoing, Record
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery, from_record
from heedful.common.topics import Topic

Handled = Sequence[Outgoing] | InvalidMessage
"""What became of one event: the records to publish, or why it goes to the DLQ."""

T = TypeVar("T", default=Delivery)
T_contra = TypeVar("T_contra", contravariant=True, default=Delivery)


class Handler(Protocol[T_contra]):
    async def __call__(self, batch: Sequence[T_contra]) -> Sequence[Handled]:
        """Handle events; one result per event, in the same order.

        The batch comes again after a crash, so effects are idempotent, and they are durable
        when this returns. Events that must keep an order stand in it.

        Raises:
            Retryable: the world is in the way; the same batch comes again after a pause.
            Fatal: stop the process.
            Exception: anything else is tried again event by event, then sent to the DLQ.
        """


class Ordering(StrEnum):
    """What must be handled in the order of the log."""

    KEY = "key"
    PARTITION = "partition"
    NONE = "none"


def as_is(record: Record, _topic: Topic) -> Record:
    """The decoding of a handler that wants the records themselves."""
    return record


@dataclass(frozen=True)
class Subscription(Generic[T]):
    """A group's interest in topics, and what it does with their events.

    Attributes:
        concurrency: batches that may be under way at once. With one, the whole partition keeps
            its order whatever `ordering` asks for.
        cost: what a record costs, e.g. its tokens; `batch_cost` bounds the sum of a batch.
        decode: makes of a record what the handler takes, or raises `InvalidMessage`.
    """

    group: str
    topics: tuple[Topic, ...]
    handler: Handler[T]
    ordering: Ordering = Ordering.KEY
    concurrency: int = 1
    cost: Callable[[Record], float] | None = None
    batch_cost: float = math.inf
    decode: Callable[[Record, Topic], T] = from_record  # type: ignore[assignment]  # T's default


def each(handle: Callable[[T], Awaitable[Handled]]) -> Handler[T]:
    """A handler of batches that hands its events over one by one, in order."""

    async def one_by_one(batch: Sequence[T]) -> Sequence[Handled]:
        results: list[Handled] = []
        for event in batch:
            try:
                results.append(await handle(event))
            except InvalidMessage as error:
                results.append(error)
        return results

    return one_by_one
