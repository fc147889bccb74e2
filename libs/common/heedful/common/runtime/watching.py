"""What the runner tells about itself: lag, age, depth."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress

from heedful.common import metrics
from heedful.common.bus.base import Consumer, TopicPartition
from heedful.common.errors import Retryable
from heedful.common.runtime.flights import Flights
from heedful.common.runtime.lanes import Batch, Lanes

log = logging.getLogger(__name__)

LAG_EVERY_S = 5.0


class Watch:
    """Gauges of one member, and the news that there is nothing to do."""

    def __init__(self, group: str, lanes: Lanes, flights: Flights) -> None:
        self._group = group
        self._lanes = lanes
        self._flights = flights
        self._batch_records = metrics.CONSUMER_BATCH.labels(group)
        self._measured: set[TopicPartition] = set()

    async def run(self, consumer: Consumer) -> None:
        """Ask the log for the lag, again and again, until cancelled."""
        while True:
            try:
                lag = await consumer.lag()
            except Retryable as error:
                log.warning("lag unknown", extra={"group": self._group, "error": str(error)})
            else:
                self._report(lag)
                if not (any(lag.values()) or len(self._lanes) or self._flights):
                    self._flights.moved()
            self._look()
            await asyncio.sleep(LAG_EVERY_S)

    def finished(self, batch: Batch) -> None:
        """How large it was, and how old its records."""
        now_ms = time.time() * 1000
        self._batch_records.observe(sum(len(part.records) for part in batch.parts))
        for part in batch.parts:
            age = max(0.0, (now_ms - part.records[-1].timestamp) / 1000)
            metrics.CONSUMER_TIME_LAG.labels(part.partition.topic, self._group).set(age)

    def close(self) -> None:
        """Take back what would stand for ever."""
        self._report({})
        metrics.CONSUMER_QUEUE.labels(self._group).set(0)
        metrics.CONSUMER_QUEUE_BYTES.labels(self._group).set(0)
        metrics.CONSUMER_OLDEST.labels(self._group).set(0)

    def _look(self) -> None:
        metrics.CONSUMER_QUEUE.labels(self._group).set(len(self._lanes))
        metrics.CONSUMER_QUEUE_BYTES.labels(self._group).set(self._lanes.size)
        metrics.CONSUMER_OLDEST.labels(self._group).set(self._flights.oldest())

    def _report(self, lag: Mapping[TopicPartition, int]) -> None:
        for tp, records in lag.items():
            metrics.CONSUMER_LAG.labels(tp.topic, str(tp.partition), self._group).set(records)
        # Whoever has the partition now reports it; a figure of ours would stand for ever.
        for tp in self._measured - lag.keys():
            with suppress(KeyError):
                metrics.CONSUMER_LAG.remove(tp.topic, str(tp.partition), self._group)
        self._measured = set(lag)
