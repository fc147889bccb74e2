"""How large a record may be, the same for every adapter."""

from collections.abc import Sequence

from heedful.common.bus.base import Outgoing
from heedful.common.errors import RecordTooLarge
from heedful.common.topics import DLQ_SUFFIX, MAX_RECORD_BYTES

ENVELOPE_BYTES = 2048
"""Room for key and headers beside a value of `MAX_RECORD_BYTES`."""

KAFKA_TOPIC_BYTES = MAX_RECORD_BYTES + 2 * ENVELOPE_BYTES
"""`max.message.bytes` of the topics: a record that was let in fits its dead letter queue too,
together with the diagnostics."""


def refuse_too_large(records: Sequence[Outgoing]) -> None:
    """A dead letter is not measured: what the log once took should find its way there.

    Raises:
        RecordTooLarge: names the first record that is too large, before any is written.
    """
    for record in records:
        if record.topic.endswith(DLQ_SUFFIX):
            continue
        value = len(record.value or b"")
        size = value + len(record.key or b"")
        size += sum(len(name.encode()) + len(held or b"") for name, held in record.headers)
        if value > MAX_RECORD_BYTES or size > MAX_RECORD_BYTES + ENVELOPE_BYTES:
            raise RecordTooLarge(record.topic, size, MAX_RECORD_BYTES)
