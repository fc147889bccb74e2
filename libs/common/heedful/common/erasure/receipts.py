"""Receipts as records, and what the log still holds after an erasure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from heedful.common.bus.base import Outgoing
from heedful.common.contracts import (
    Deleted,
    ErasureReceipt,
    Place,
    Remaining,
)
from heedful.common.events import deterministic_id, partition_key, to_record
from heedful.common.topics import DLQ_RETENTION, PRIVACY_RECEIPT, SEGMENT, Topic

LOG_SLACK = SEGMENT + timedelta(hours=1)
"""A log deletes whole segments, and looks for old ones now and then."""


def receipt_record(receipt: ErasureReceipt, key_secret: bytes) -> Outgoing:
    """The same bytes however often it is given.

    Args:
        key_secret: of record keys; the same for every service.
    """
    return to_record(
        PRIVACY_RECEIPT,
        receipt,
        id=deterministic_id("receipt", receipt.erasure_id, str(receipt.part), receipt.service),
        source=f"/{receipt.tenant}/{receipt.service}",
        key=erasure_key(key_secret, receipt.tenant, receipt.erasure_id),
        time=receipt.completed_at,
    )


def erasure_key(key_secret: bytes, tenant: str, erasure_id: str) -> str:
    """The record key of everything about one erasure."""
    return partition_key(key_secret, tenant, None, (), erasure_id)


def counts(deleted: Mapping[str, int]) -> tuple[Deleted, ...]:
    """Without the kinds of which there were none."""
    return tuple(Deleted(kind=kind, count=n) for kind, n in sorted(deleted.items()) if n)


def left_in_log(
    topics: Iterable[Topic], now: datetime, behind: timedelta = timedelta(0)
) -> tuple[Remaining, ...]:
    """Until when records of the customer can lie in topics and in their dead letter queues.

    Args:
        behind: so long a record may wait before it is handled into these topics.
    """
    found = []
    for topic in topics:
        until = now + behind + topic.retention + LOG_SLACK
        found.append(Remaining(place=Place.TOPIC, name=topic.name, until=until))
        dead = until + DLQ_RETENTION + LOG_SLACK
        found.append(Remaining(place=Place.TOPIC, name=topic.dlq, until=dead))
    return tuple(found)
