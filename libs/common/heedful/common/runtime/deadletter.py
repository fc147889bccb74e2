"""Dead letters: the original key, bytes and headers, and why and where it failed.

Header names follow PostHog's dead letter queue with the additions of Spring's; see
docs/operations.md. No header carries the customer's words.
"""

from datetime import datetime

from heedful.common.bus.base import Outgoing, Record
from heedful.common.errors import InvalidMessage
from heedful.common.topics import DLQ_SUFFIX
from heedful.common.version import service_version

DIAGNOSTIC_HEADERS = (
    "error_name",
    "error_message",
    "failed_at",
    "source_topic",
    "source_partition",
    "source_offset",
    "source_timestamp",
    "consumer_group",
    "service_version",
    "attempts",
)
_MESSAGE_BYTES = 500


def dead_letter(
    record: Record, reason: InvalidMessage, *, group: str, attempts: int, failed_at: datetime
) -> Outgoing:
    """The DLQ record of a record that could not be handled.

    A record that was replayed from a DLQ keeps its replay count, and its older diagnostic
    headers give way to the new ones.
    """
    values = {
        "error_name": reason.code,
        "error_message": _shortened(str(reason)),
        "failed_at": failed_at.isoformat(),
        "source_topic": record.topic,
        "source_partition": str(record.partition),
        "source_offset": str(record.offset),
        "source_timestamp": str(record.timestamp),
        "consumer_group": group,
        "service_version": service_version(),
        "attempts": str(attempts),
    }
    kept = tuple(header for header in record.headers if header[0] not in values)
    diagnostics = tuple((name, values[name].encode()) for name in DIAGNOSTIC_HEADERS)
    return Outgoing(record.topic + DLQ_SUFFIX, record.key, record.value, kept + diagnostics)


def _shortened(message: str) -> str:
    return message.encode(errors="replace")[:_MESSAGE_BYTES].decode(errors="ignore")
