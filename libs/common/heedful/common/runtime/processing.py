"""From a batch of records to durable effects: decode, handle, publish, dead-letter.

Returns only when every record of the batch is finished, or raises.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from heedful.common import metrics
from heedful.common.bus.base import Outgoing, Producer, Record
from heedful.common.errors import (
    Fatal,
    InvalidMessage,
    RecordTooLarge,
    Retryable,
    UnknownTopic,
)
from heedful.common.events import Delivery, from_record
from heedful.common.runtime.deadletter import dead_letter
from heedful.common.runtime.handler import Handled, Subscription
from heedful.common.settings import ConsumerSettings

log = logging.getLogger(__name__)
T = TypeVar("T")


class Stopping(Exception):  # not an error: the work is given back
    """The runner stops, or the partitions go, while a batch waits for a retry."""


class Processor:
    """Handles batches of one subscription, one batch at a time."""

    def __init__(
        self, subscription: Subscription, producer: Producer, settings: ConsumerSettings
    ) -> None:
        self._subscription = subscription
        self._group = subscription.group
        self._topics = {topic.name: topic for topic in subscription.topics}
        self._producer = producer
        self._settings = settings
        self._dead_in_a_row = 0
        self._stopping = asyncio.Event()

    def stop_retrying(self) -> None:
        self._stopping.set()

    async def process(self, records: Sequence[Record]) -> None:
        """Finish every record: effect durable and outputs published, or dead letter written.

        Raises:
            Stopping: given up between two tries; nothing of the batch may be committed.
            Fatal: the process must stop.
        """
        deliveries: list[Delivery] = []
        dead: list[tuple[Record, InvalidMessage, int]] = []
        for record in records:
            try:
                deliveries.append(from_record(record, self._topics[record.topic]))
            except InvalidMessage as error:
                dead.append((record, error, 1))
        outputs: list[Outgoing] = []
        if deliveries:
            results, attempts = await self._handle(deliveries)
            for delivery, result in zip(deliveries, results, strict=True):
                if isinstance(result, InvalidMessage):
                    dead.append((delivery.record, result, attempts))
                else:
                    outputs.extend(result)
        await self._publish(outputs)
        await self._bury(dead)
        self._count(records, dead)

    async def _handle(self, batch: Sequence[Delivery]) -> tuple[Sequence[Handled], int]:
        try:
            return await self._until_possible(lambda: self._call(batch)), 1
        except (Stopping, Fatal):
            raise
        except Exception as error:  # noqa: BLE001  # a handler may fail in any way; see below
            self._note(error)
            if len(batch) == 1 and self._settings.max_tries == 1:
                return [_unexpected(error)], 1
        # One of them fails the batch: find it by handling each alone, in order.
        return [await self._handle_alone(delivery) for delivery in batch], self._settings.max_tries

    async def _handle_alone(self, delivery: Delivery) -> Handled:
        for attempt in range(1, self._settings.max_tries + 1):
            try:
                results = await self._until_possible(lambda: self._call([delivery]))
            except (Stopping, Fatal):
                raise
            except Exception as error:  # noqa: BLE001  # ends in the DLQ with its name
                self._note(error)
                if attempt == self._settings.max_tries:
                    return _unexpected(error)
                await self._pause(attempt)
            else:
                return results[0]
        raise AssertionError("unreachable: the loop returns at its last try")

    async def _call(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        results = await self._subscription.handler(batch)
        if len(results) != len(batch):
            raise Fatal(
                f"the handler of {self._group} gave {len(results)} results for {len(batch)}"
            )
        return results

    async def _publish(self, outputs: Sequence[Outgoing]) -> None:
        if not outputs:
            return
        try:
            await self._until_possible(lambda: self._producer.send(outputs))
        except (UnknownTopic, RecordTooLarge) as error:
            raise Fatal(f"{self._group} cannot publish its results: {error}") from error
        for output in outputs:
            metrics.BUS_PUBLISH.labels(output.topic, "ok").inc()

    async def _bury(self, dead: Sequence[tuple[Record, InvalidMessage, int]]) -> None:
        if not dead:
            self._dead_in_a_row = 0
            return
        now = datetime.now(UTC)
        letters = [
            dead_letter(record, reason, group=self._group, attempts=attempts, failed_at=now)
            for record, reason, attempts in dead
        ]
        try:
            await self._until_possible(lambda: self._producer.send(letters))
        except (UnknownTopic, RecordTooLarge) as error:
            raise Fatal(f"{self._group} cannot write its dead letters: {error}") from error
        for record, reason, _ in dead:
            log.warning(
                "dead letter",
                extra={
                    "group": self._group,
                    "topic": record.topic,
                    "partition": record.partition,
                    "offset": record.offset,
                    "reason": reason.code,
                },
            )
            metrics.CONSUMER_DLQ.labels(record.topic, self._group, reason.code).inc()

    def _count(
        self, records: Sequence[Record], dead: Sequence[tuple[Record, InvalidMessage, int]]
    ) -> None:
        for topic in {record.topic for record in records}:
            total = sum(record.topic == topic for record in records)
            buried = sum(record.topic == topic for record, _, _ in dead)
            metrics.CONSUMER_RECORDS.labels(topic, self._group, "ok").inc(total - buried)
            metrics.CONSUMER_RECORDS.labels(topic, self._group, "dlq").inc(buried)
        self._dead_in_a_row = self._dead_in_a_row + len(dead) if len(dead) == len(records) else 0
        if self._dead_in_a_row > self._settings.max_consecutive_dlq:
            raise Fatal(
                f"{self._dead_in_a_row} records in a row went to the DLQ of {self._group}: "
                "stopping before the whole topic does; see docs/operations.md"
            )

    async def _until_possible(self, call: Callable[[], Awaitable[T]]) -> T:
        attempt = 0
        while True:
            try:
                return await call()
            except Retryable as error:
                attempt += 1
                self._note(error)
                log.warning(
                    "waiting to try again",
                    extra={"group": self._group, "attempt": attempt, "error": str(error)},
                )
                await self._pause(attempt)

    async def _pause(self, attempt: int) -> None:
        ceiling = min(
            self._settings.retry_max_seconds, self._settings.retry_seconds * 2 ** (attempt - 1)
        )
        # Full jitter between half and all of the ceiling: members do not retry in step.
        seconds = ceiling * random.uniform(0.5, 1)  # noqa: S311  # not for secrets
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopping

    def _note(self, error: Exception) -> None:
        metrics.CONSUMER_ERRORS.labels(self._group, type(error).__name__).inc()
        if not isinstance(error, Retryable):
            log.error("handler failed", extra={"group": self._group}, exc_info=error)


def _unexpected(error: Exception) -> InvalidMessage:
    # The text of an unknown error may quote the payload, so only its type travels.
    return InvalidMessage("unexpected_error", f"the handler failed with {type(error).__name__}")
