"""From the database to the topic: every event of a case, in sequence, at least once.

A transactional outbox: the event is in the same transaction as its effect, and this loop
publishes what has no `published_at`. One replica at a time holds the lease; should two overlap,
each begins with the first unmarked event, so first occurrences stay in order.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from heedful.alerting import store_relay
from heedful.alerting.database import Database
from heedful.alerting.store_relay import Unpublished
from heedful.alerting.timers import TICK_S
from heedful.common import metrics
from heedful.common.bus.base import Outgoing, Producer
from heedful.common.errors import Fatal, RecordTooLarge, Retryable, UnknownTopic
from heedful.common.events import partition_key, to_record
from heedful.common.topics import CASE_EVENT

LEASE_NAME = "relay"
LEASE = timedelta(seconds=20)
BATCH = 500


class Relay:
    """Publishes events.

    Args:
        producer: asked for at each step, because the bus starts after the wiring.
    """

    def __init__(self, database: Database, producer: Callable[[], Producer], worker: str) -> None:
        self._database = database
        self._producer = producer
        self._worker = worker
        self._secret: bytes | None = None

    def use_key_secret(self, secret: bytes) -> None:
        """The secret of record keys; must be set before the first step."""
        self._secret = secret

    async def step(self) -> float:
        """Publish up to a batch.

        Raises:
            Fatal: the topic does not exist or refuses our records: somebody must look.
        """
        events = await self._next()
        if not events:
            return TICK_S
        try:
            await self._producer().send([self._record(one) for one in events])
        except (UnknownTopic, RecordTooLarge) as error:
            raise Fatal(f"case events cannot be published: {error}") from error
        metrics.BUS_PUBLISH.labels(CASE_EVENT.name, "ok").inc(len(events))
        async with self._database.begin() as (connection, now):
            await store_relay.mark_published(connection, now, [one.event.id for one in events])
        return 0.0 if len(events) == BATCH else TICK_S

    async def release(self) -> float:
        """Let another replica go on at once."""
        async with self._database.begin() as (connection, _):
            await store_relay.release_lease(connection, LEASE_NAME, self._worker)
        return 0.0

    async def _next(self) -> Sequence[Unpublished]:
        async with self._database.begin() as (connection, now):
            if not await store_relay.any_unpublished(connection):
                return []
            if not await store_relay.take_lease(
                connection, now, LEASE_NAME, self._worker, now + LEASE
            ):
                return []
            return await store_relay.unpublished(connection, BATCH)

    def _record(self, one: Unpublished) -> Outgoing:
        if self._secret is None:
            raise Retryable("alerting has not started yet")
        event = one.event
        return to_record(
            CASE_EVENT,
            event,
            id=event.id,
            source=f"/{event.tenant}/alerting",
            key=partition_key(self._secret, event.tenant, None, (), event.case_id),
            time=one.recorded_at,
        )
