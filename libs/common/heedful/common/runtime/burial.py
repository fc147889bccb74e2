"""Writing dead letters, and refusing to write a whole topic of them."""

import logging
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from heedful.common import metrics
from heedful.common.bus.base import Producer, Record
from heedful.common.errors import Fatal, InvalidMessage, RecordTooLarge, UnknownTopic
from heedful.common.runtime.deadletter import dead_letter
from heedful.common.runtime.handling import GivenUp
from heedful.common.runtime.retries import Retries
from heedful.common.settings import ConsumerSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dead:
    """A record that goes to the dead letter queue, and why."""

    record: Record
    reason: InvalidMessage


class Limits:
    """How many dead letters are poison, and from where on the fault must be our own. Pure.

    Both limits are those of arroyo's DlqLimit: a run, and a share of the latest records.
    """

    def __init__(self, settings: ConsumerSettings) -> None:
        self._max_run = settings.max_consecutive_dlq
        self._max_share = settings.max_dlq_share
        self._window = settings.dlq_share_records
        self._run = 0
        self._latest: deque[tuple[int, int]] = deque()
        self._records = self._dead = 0

    def admit(self, records: Sequence[Record], dead: Collection[Record]) -> str | None:
        """Take the outcome of a batch into account.

        Args:
            dead: those of the records, by identity, that would be dead letters.
        Returns:
            What is over its limit, or None.
        """
        self._latest.append((len(records), len(dead)))
        self._records += len(records)
        self._dead += len(dead)
        while self._records - self._latest[0][0] >= self._window:
            count, gone = self._latest.popleft()
            self._records -= count
            self._dead -= gone
        if not dead:
            self._run = 0 if records else self._run
            return None
        lost = set(map(id, dead))
        for record in records:
            self._run = self._run + 1 if id(record) in lost else 0
            if self._run > self._max_run:
                return f"{self._run} records in a row"
        if self._records >= self._window and self._dead > self._max_share * self._records:
            return f"{self._dead} of the last {self._records} records"
        return None


class Burial:
    """The way of a subscription's dead letters: limits first, then durable, then counted."""

    def __init__(self, group: str, producer: Producer, settings: ConsumerSettings) -> None:
        self._group = group
        self._producer = producer
        self._limits = Limits(settings)

    async def bury(self, dead: Sequence[Dead], records: Sequence[Record], retries: Retries) -> None:
        """Write the dead letters of a batch; durable when this returns.

        Args:
            records: the whole batch, in its order.

        Raises:
            Abandoned: the log did not take them yet.
            Fatal: over a limit, before more is written (a restart would write it again); or
                they cannot be written.
        """
        over = self._limits.admit(records, [one.record for one in dead])
        if over is not None:
            raise Fatal(
                f"{over} would go to the DLQ of {self._group}: "
                "stopping before the whole topic does; see docs/operations.md"
            )
        if not dead:
            return
        now = datetime.now(UTC)
        letters = [
            dead_letter(
                one.record,
                one.reason,
                group=self._group,
                attempts=one.reason.attempts if isinstance(one.reason, GivenUp) else 1,
                failed_at=now,
            )
            for one in dead
        ]
        try:
            await retries.until_possible(lambda: self._producer.send(letters))
        except (UnknownTopic, RecordTooLarge) as error:
            raise Fatal(f"{self._group} cannot write its dead letters: {error}") from error
        for one in dead:
            self._tell(one)

    def _tell(self, one: Dead) -> None:
        record, reason = one.record, one.reason
        metrics.CONSUMER_DLQ.labels(record.topic, self._group, reason.code).inc()
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
