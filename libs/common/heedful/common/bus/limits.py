"""How large a record may be, and how much may be under way, the same for every adapter."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from heedful.common.bus.base import Header, Outgoing
from heedful.common.errors import RecordTooLarge
from heedful.common.topics import DLQ_SUFFIX, MAX_RECORD_BYTES, SEGMENT

ENVELOPE_BYTES = 2048
"""Room for key and headers beside a value of `MAX_RECORD_BYTES`."""

KAFKA_TOPIC_BYTES = MAX_RECORD_BYTES + 2 * ENVELOPE_BYTES
"""`max.message.bytes` of the topics: a record that was let in fits its dead letter queue too,
together with the diagnostics."""


def kafka_topic_config(retention_s: float) -> dict[str, str | int]:
    """What a topic is made with, by whoever makes it; times in ms, sizes in bytes."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": int(retention_s * 1000),
        "segment.ms": int(SEGMENT.total_seconds() * 1000),
        "max.message.bytes": KAFKA_TOPIC_BYTES,
    }


def refuse_too_large(records: Sequence[Outgoing]) -> None:
    """A dead letter is not measured: what the log once took should find its way there.

    Raises:
        RecordTooLarge: names the first record that is too large, before any is written.
    """
    for record in records:
        if record.topic.endswith(DLQ_SUFFIX):
            continue
        value = len(record.value or b"")
        size = value + len(record.key or b"") + _size(record.headers)
        if value > MAX_RECORD_BYTES or size > MAX_RECORD_BYTES + ENVELOPE_BYTES:
            raise RecordTooLarge(record.topic, size, MAX_RECORD_BYTES)


def _size(headers: Sequence[Header]) -> int:
    size = 0
    for name, held in headers:
        size += (len(name) if name.isascii() else len(name.encode())) + len(held or b"")
    return size


class SendRoom:
    """Bytes that are handed over and not yet acknowledged, bounded: callers wait in turn.

    A slow log thus slows its callers down, and they give up by their own time limits, instead of
    filling the memory. One send larger than the bound goes alone.

    Args:
        limit: bytes of keys and values.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def holding(self, records: Sequence[Outgoing]) -> AsyncIterator[None]:
        """Until the block ends."""
        size = sum([len(one.value or b"") + len(one.key or b"") for one in records])
        if self._waiting or not self._fits(size):
            await self._turn(size)
        else:
            self._held += size
        try:
            yield
        finally:
            self._held -= size
            self._admit()

    async def _turn(self, size: int) -> None:
        turn = (size, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        try:
            await turn[1]
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._held -= size  # its turn came in the moment in which it gave up
            self._admit()
            raise

    def _admit(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            size, turn = self._waiting.popleft()
            self._held += size
            if not turn.done():
                turn.set_result(None)

    def _fits(self, size: int) -> bool:
        return self._held == 0 or self._held + size <= self._limit
