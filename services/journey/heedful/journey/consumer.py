"""What journey does with each event: remember it, once, in the history of its customer."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.common.runtime.handler import Handled
from heedful.journey import metrics
from heedful.journey.database import Contention
from heedful.journey.records import Event, read
from heedful.journey.store import Store, Stored

GROUP = "heedful.journey"
_TRIES = 5


def utc_now() -> datetime:
    return datetime.now(UTC)


class Handler:
    """Stores batches.

    Args:
        region: country of phone numbers without a country code.
        clock: the time of merges.
    """

    def __init__(self, store: Store, region: str, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._region = region
        self._clock = clock

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        """One result per delivery: nothing to publish, or why it cannot be stored."""
        events: list[Event] = []
        results: list[Handled] = []
        for delivery in batch:
            try:
                events.append(read(delivery, self._region))
            except InvalidMessage as error:
                results.append(error)
            else:
                results.append(())
        if events:
            _count(events, await self._add(events))
        return results

    async def _add(self, events: Sequence[Event]) -> Stored:
        for _ in range(_TRIES - 1):
            try:
                return await self._store.add(events, self._clock())
            except Contention:
                continue  # PostgreSQL has already waited; the other one is done
        return await self._store.add(events, self._clock())


def _count(events: Sequence[Event], stored: Stored) -> None:
    for kind, total in Counter(event.kind for event in events).items():
        new = stored.new.get(kind, 0)
        metrics.EVENTS.labels(kind, "new").inc(new)
        erased = stored.erased.get(kind, 0)
        metrics.EVENTS.labels(kind, "erased").inc(erased)
        metrics.EVENTS.labels(kind, "duplicate").inc(total - new - erased)
    metrics.CUSTOMERS.labels("created").inc(stored.customers.created)
    metrics.CUSTOMERS.labels("merged").inc(stored.customers.merged)
    metrics.CUSTOMERS.labels("split").inc(stored.customers.split)
