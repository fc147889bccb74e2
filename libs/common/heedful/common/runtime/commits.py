"""Committing what is finished: by count, by time, and when partitions leave."""

import asyncio
import logging

from heedful.common import metrics
from heedful.common.bus.base import Consumer, StaleAssignment
from heedful.common.errors import Retryable
from heedful.common.runtime.offsets import OffsetTracker
from heedful.common.settings import ConsumerSettings
from heedful.common.waiting import came

log = logging.getLogger(__name__)


class Committer:
    """Commits of one member, one after the other. The adapter bounds each in time."""

    def __init__(self, group: str, offsets: OffsetTracker, settings: ConsumerSettings) -> None:
        self._group = group
        self._offsets = offsets
        self._settings = settings
        self._finished = 0
        self._due = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def finished(self, records: int) -> None:
        """Count finished records; enough of them do not wait for the clock."""
        self._finished += records
        if self._finished >= self._settings.commit_records:
            self._due.set()

    async def run(self, consumer: Consumer) -> None:
        """Commit whenever it is due, until cancelled."""
        while True:
            await came(self._due, self._settings.commit_seconds)
            await self.commit(consumer)

    async def commit(self, consumer: Consumer) -> None:
        """Commit every finished prefix that moved. A failure is counted and comes again."""
        async with self._one_at_a_time:
            self._due.clear()
            self._finished = 0
            offsets = self._offsets.commitable(consumer.assignment())
            if not offsets:
                return
            try:
                await consumer.commit(offsets)
            except StaleAssignment as error:
                self._failed("commit refused", error)
                kept = consumer.assignment()
                for tp in offsets:
                    if tp not in kept:
                        self._offsets.forget(tp)
            except Retryable as error:
                self._failed("commit failed", error)
            else:
                self._offsets.committed(offsets)

    def _failed(self, what: str, error: Exception) -> None:
        metrics.CONSUMER_COMMIT_FAILURES.labels(self._group).inc()
        log.warning(what, extra={"group": self._group, "error": str(error)})
