"""From a dead letter back to its topic: what it says of itself, and the record that goes again.

Pure but for `everything`, which reads topics from their beginning to where they end now.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.common.bus.base import Bus, Outgoing, Record, records_of
from heedful.common.errors import BusUnavailable
from heedful.common.runtime.deadletter import DIAGNOSTIC_HEADERS

REPLAY_COUNT = "dlq_replay_count"

_POLL_RECORDS = 500
_POLL_S = 0.5
_SILENT_S = 60.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record of a dead letter queue, read by its diagnostic headers.

    Attributes:
        record: as it lies in the queue.
        replays: how often it was sent again before it came to lie here.
    """

    record: Record
    reason: str
    message: str
    failed_at: datetime | None
    source_topic: str
    source_partition: int | None
    source_offset: int | None
    group: str
    attempts: int | None
    replays: int

    @classmethod
    def read(cls, record: Record) -> "DeadLetter":
        """Never fails: what a header does not say is empty or None."""
        headers = {
            name: value.decode(errors="replace")
            for name, value in record.headers
            if value is not None
        }
        return cls(
            record=record,
            reason=headers.get("error_name", ""),
            message=headers.get("error_message", ""),
            failed_at=_time(headers.get("failed_at", "")),
            source_topic=headers.get("source_topic", ""),
            source_partition=_number(headers.get("source_partition", "")),
            source_offset=_number(headers.get("source_offset", "")),
            group=headers.get("consumer_group", ""),
            attempts=_number(headers.get("attempts", "")),
            replays=_number(headers.get(REPLAY_COUNT, "")) or 0,
        )

    def again(self) -> Outgoing:
        """The record for its source topic: key and value as they were, one replay more.

        The same key leads to the same partition, and the same event id lets every consumer
        that has its effect already ignore it.
        """
        gone = {*DIAGNOSTIC_HEADERS, REPLAY_COUNT}
        kept = tuple(header for header in self.record.headers if header[0] not in gone)
        count = (REPLAY_COUNT, str(self.replays + 1).encode())
        return Outgoing(self.source_topic, self.record.key, self.record.value, (*kept, count))


async def everything(bus: Bus, topics: Sequence[str]) -> AsyncGenerator[Record, None]:
    """Every record of the topics, in the order of each partition, until none is left.

    Reads under a group of its own that never commits, so it disturbs nobody.

    Raises:
        UnknownTopic: one of them does not exist.
        BusUnavailable: the log gave nothing for a minute although there is more.
    """
    consumer = bus.consumer(f"heedful.read.{uuid.uuid4().hex}", topics)
    await consumer.start()
    try:
        heard = time.monotonic()
        while True:
            records = records_of(await consumer.poll(_POLL_RECORDS, _POLL_S))
            for record in records:
                yield record
            if records:
                heard = time.monotonic()
                continue
            assigned = consumer.assignment()
            lag = await consumer.lag()
            if assigned and lag.keys() >= assigned.keys() and not any(lag.values()):
                return
            if time.monotonic() - heard > _SILENT_S:
                raise BusUnavailable(f"nothing was read for {_SILENT_S:g} s")
            await asyncio.sleep(0)
    finally:
        await consumer.stop()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
