"""From a dead letter back to its topic: what it says of itself, and the record that goes again.

Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from heedful.common.bus.base import Outgoing, Record
from heedful.common.runtime.deadletter import DIAGNOSTIC_HEADERS

REPLAY_COUNT = "dlq_replay_count"


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


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
