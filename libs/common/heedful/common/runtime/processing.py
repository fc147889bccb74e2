"""From a batch of records to durable effects: decode, handle, publish, dead-letter.

Returns only when every record of the batch is finished, or raises.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

from heedful.common import metrics
from heedful.common.bus.base import Outgoing, Producer, Record
from heedful.common.errors import Fatal, InvalidMessage, RecordTooLarge, UnknownTopic
from heedful.common.runtime.burial import Burial, Dead
from heedful.common.runtime.handler import Subscription, T, as_is
from heedful.common.runtime.handling import Handling, unexpected
from heedful.common.runtime.lanes import Batch
from heedful.common.runtime.retries import Retries
from heedful.common.settings import ConsumerSettings


@dataclass(frozen=True, slots=True)
class _Output:
    record: Record
    outgoing: Sequence[Outgoing]


class Processor(Generic[T]):
    """Handles batches of one subscription; several may be under way."""

    def __init__(
        self, subscription: Subscription[T], producer: Producer, settings: ConsumerSettings
    ) -> None:
        self._group = subscription.group
        self._topics = {topic.name: topic for topic in subscription.topics}
        self._decode: Any = subscription.decode
        self._producer = producer
        self._settings = settings
        self._handling = Handling(subscription, settings)
        self._burial = Burial(subscription.group, producer, settings)

    async def process(self, batch: Batch, abandoned: asyncio.Event) -> None:
        """Finish every record: effect durable and outputs published, or dead letter written.

        Raises:
            Abandoned: given up between two tries; nothing of the batch may be committed.
            Fatal: the process must stop.
        """
        retries = Retries(self._group, self._settings, abandoned)
        records = batch.records()
        readable, events, dead = self._decoded(records)
        results = await self._handling.results(events, retries)
        outputs: list[_Output] = []
        # Many handlers publish nothing: then there is nothing to look at one by one.
        for record, result in zip(readable, results, strict=True) if any(results) else ():
            if isinstance(result, InvalidMessage):
                dead.append(Dead(record, result))
            elif result:
                outputs.append(_Output(record, result))
        dead += await self._publish(outputs, retries)
        await self._burial.bury(dead, records, retries)
        self._count(batch, dead)

    def _decoded(
        self, records: Sequence[Record]
    ) -> tuple[Sequence[Record], Sequence[T], list[Dead]]:
        """The readable records, what the handler takes of each, and the unreadable ones."""
        if self._decode is as_is:
            return records, records, []  # type: ignore[return-value]  # T is Record here
        readable: list[Record] = []
        events: list[T] = []
        dead: list[Dead] = []
        for record in records:
            try:
                events.append(self._decode(record, self._topics[record.topic]))
            except InvalidMessage as error:
                dead.append(Dead(record, error))
            except Exception as error:  # noqa: BLE001  # bytes from anywhere must not stop the rest
                self._handling.note(error)
                dead.append(Dead(record, unexpected(error)))
            else:
                readable.append(record)
        return readable, events, dead

    async def _publish(self, outputs: Sequence[_Output], retries: Retries) -> list[Dead]:
        """Returns those whose results the log can never take."""
        outgoing = [one for output in outputs for one in output.outgoing]
        if not outgoing:
            return []
        try:
            await self._send(outgoing, retries)
        except RecordTooLarge:
            # One of them fails the batch: find it, or it would stop every restart as well.
            return [dead for one in outputs for dead in await self._publish_alone(one, retries)]
        return []

    async def _publish_alone(self, output: _Output, retries: Retries) -> list[Dead]:
        try:
            await self._send(output.outgoing, retries)
        except RecordTooLarge as error:
            reason = InvalidMessage("record_too_large", f"its result: {error}")
            return [Dead(output.record, reason)]
        return []

    async def _send(self, outgoing: Sequence[Outgoing], retries: Retries) -> None:
        try:
            await retries.until_possible(lambda: self._producer.send(outgoing))
        except UnknownTopic as error:
            raise Fatal(f"{self._group} cannot publish its results: {error}") from error
        for topic, count in Counter(one.topic for one in outgoing).items():
            metrics.BUS_PUBLISH.labels(topic, "ok").inc(count)

    def _count(self, batch: Batch, dead: Sequence[Dead]) -> None:
        lost = Counter(one.record.topic for one in dead)
        done = Counter[str]()
        for part in batch.parts:
            done[part.partition.topic] += len(part.records)
        for topic, count in done.items():
            metrics.CONSUMER_RECORDS.labels(topic, self._group, "ok").inc(count - lost[topic])
        for topic, count in lost.items():
            metrics.CONSUMER_RECORDS.labels(topic, self._group, "dlq").inc(count)
