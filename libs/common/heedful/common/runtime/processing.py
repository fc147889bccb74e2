"""From a batch of records to durable effects: decode, handle, publish, dead-letter.

Returns only when every record of the batch is finished, or raises.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
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

_MAX_DOUBLINGS = 30


class Stopping(Exception):  # not an error: the work is given back
    """The runner stops while a batch waits for a retry."""


@dataclass(slots=True)
class _Outcome:
    """What became of a record: outputs to publish, or the reason for its dead letter."""

    record: Record
    outputs: Sequence[Outgoing] = ()
    reason: InvalidMessage | None = None
    attempts: int = 1


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
        outcomes = await self._decide(records)
        await self._publish(outcomes)
        in_a_row = self._dead_letters_in_a_row(outcomes)
        await self._bury([outcome for outcome in outcomes if outcome.reason is not None])
        self._dead_in_a_row = in_a_row
        self._count(outcomes)

    async def _decide(self, records: Sequence[Record]) -> list[_Outcome]:
        outcomes = [_Outcome(record) for record in records]
        deliveries: list[Delivery] = []
        delivered: list[_Outcome] = []
        for outcome in outcomes:
            try:
                deliveries.append(from_record(outcome.record, self._topics[outcome.record.topic]))
            except InvalidMessage as error:
                outcome.reason = error
            except Exception as error:  # noqa: BLE001  # bytes from anywhere must not stop the rest
                self._note(error)
                outcome.reason = _unexpected(error)
            else:
                delivered.append(outcome)
        if deliveries:
            handled = await self._handle(deliveries)
            for outcome, (result, attempts) in zip(delivered, handled, strict=True):
                outcome.attempts = attempts
                if isinstance(result, InvalidMessage):
                    outcome.reason = result
                else:
                    outcome.outputs = result
        return outcomes

    async def _handle(self, batch: Sequence[Delivery]) -> list[tuple[Handled, int]]:
        try:
            results = await self._until_possible(lambda: self._call(batch))
        except (Stopping, Fatal):
            raise
        except Exception as error:  # noqa: BLE001  # a handler may fail in any way; see below
            self._note(error)
            if len(batch) == 1:
                return [await self._handle_alone(batch[0], error)]
        else:
            return [(result, 1) for result in results]
        # One of them fails the batch: find it by handling each alone, in order.
        return [await self._handle_alone(delivery) for delivery in batch]

    async def _handle_alone(
        self, delivery: Delivery, failure: Exception | None = None
    ) -> tuple[Handled, int]:
        tries = 0 if failure is None else 1
        while True:
            if isinstance(failure, InvalidMessage):
                return failure, tries
            if failure is not None:
                if tries >= self._settings.max_tries:
                    return _unexpected(failure), tries
                await self._pause(tries)
            tries += 1
            try:
                results = await self._until_possible(lambda: self._call([delivery]))
            except (Stopping, Fatal):
                raise
            except Exception as error:  # noqa: BLE001  # ends in the DLQ with its name
                self._note(error)
                failure = error
            else:
                return results[0], tries

    async def _call(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        results = await self._subscription.handler(batch)
        if len(results) != len(batch):
            raise Fatal(
                f"the handler of {self._group} gave {len(results)} results for {len(batch)}"
            )
        return results

    async def _publish(self, outcomes: Sequence[_Outcome]) -> None:
        outputs = [output for outcome in outcomes for output in outcome.outputs]
        if not outputs:
            return
        try:
            await self._send(outputs)
        except RecordTooLarge:
            # One of them fails the batch: find it, or it would stop every restart as well.
            for outcome in outcomes:
                await self._publish_alone(outcome)

    async def _publish_alone(self, outcome: _Outcome) -> None:
        if not outcome.outputs:
            return
        try:
            await self._send(outcome.outputs)
        except RecordTooLarge as error:
            outcome.reason = InvalidMessage("record_too_large", f"its result: {error}")

    async def _send(self, outputs: Sequence[Outgoing]) -> None:
        try:
            await self._until_possible(lambda: self._producer.send(outputs))
        except UnknownTopic as error:
            raise Fatal(f"{self._group} cannot publish its results: {error}") from error
        for topic, count in Counter(output.topic for output in outputs).items():
            metrics.BUS_PUBLISH.labels(topic, "ok").inc(count)

    def _dead_letters_in_a_row(self, outcomes: Sequence[_Outcome]) -> int:
        """Raises `Fatal` before more is written than may be: a restart would write it again."""
        in_a_row = self._dead_in_a_row
        for outcome in outcomes:
            in_a_row = 0 if outcome.reason is None else in_a_row + 1
            if in_a_row > self._settings.max_consecutive_dlq:
                raise Fatal(
                    f"{in_a_row} records in a row would go to the DLQ of {self._group}: "
                    "stopping before the whole topic does; see docs/operations.md"
                )
        return in_a_row

    async def _bury(self, dead: Sequence[_Outcome]) -> None:
        if not dead:
            return
        now = datetime.now(UTC)
        letters = []
        for outcome in dead:
            record, reason = outcome.record, outcome.reason
            assert reason is not None  # noqa: S101  # the caller chose them by it
            letters.append(
                dead_letter(
                    record, reason, group=self._group, attempts=outcome.attempts, failed_at=now
                )
            )
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
        try:
            await self._until_possible(lambda: self._producer.send(letters))
        except (UnknownTopic, RecordTooLarge) as error:
            raise Fatal(f"{self._group} cannot write its dead letters: {error}") from error

    def _count(self, outcomes: Sequence[_Outcome]) -> None:
        kinds = Counter(
            (outcome.record.topic, "ok" if outcome.reason is None else "dlq")
            for outcome in outcomes
        )
        for (topic, kind), count in kinds.items():
            metrics.CONSUMER_RECORDS.labels(topic, self._group, kind).inc(count)
        for outcome in outcomes:
            if outcome.reason is not None:
                metrics.CONSUMER_DLQ.labels(
                    outcome.record.topic, self._group, outcome.reason.code
                ).inc()

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
        doublings = min(attempt - 1, _MAX_DOUBLINGS)
        ceiling = min(self._settings.retry_max_seconds, self._settings.retry_seconds * 2**doublings)
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
