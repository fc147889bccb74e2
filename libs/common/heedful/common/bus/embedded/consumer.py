"""A member of a group on the embedded log."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

import asyncpg

from heedful.common.bus.base import RebalanceListener, Record, TopicPartition
from heedful.common.bus.embedded import log as records_log
from heedful.common.bus.embedded.group import Change, Membership
from heedful.common.errors import BusUnavailable, UnknownTopic

log = logging.getLogger(__name__)

LEASE_S = 10.0
_RENEW_S = LEASE_S / 4
_POLL_S = 0.5
_DATABASE_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class EmbeddedConsumer:
    """Polling is the truth; a notification only shortens the wait."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        group: str,
        topics: Sequence[str],
        listener: RebalanceListener | None,
        lease_s: float = LEASE_S,
    ) -> None:
        self._pool = pool
        self._topics = tuple(topics)
        self._listener = listener
        self._lease_s = lease_s
        self._membership = Membership(pool, group, topics, lease_s)
        self._epochs: dict[TopicPartition, int] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._records_ready = asyncio.Event()
        self._group_changed = asyncio.Event()
        self._renewed_at = 0.0
        self._renewer: asyncio.Task[None] | None = None

    async def start(self) -> None:
        try:
            known = await self._pool.fetch(
                "SELECT name FROM bus.topic WHERE name = ANY($1)", list(self._topics)
            )
        except _DATABASE_ERRORS as error:
            raise BusUnavailable(f"the log does not answer: {error!r}") from error
        missing = set(self._topics) - {row["name"] for row in known}
        if missing:
            raise UnknownTopic(sorted(missing)[0])
        self._renewer = asyncio.create_task(self._renew())
        await self._membership.announce()

    def wake(self) -> None:
        """Called when somebody has written."""
        self._records_ready.set()

    def group_changed(self) -> None:
        """Called when somebody joined or left the group."""
        self._group_changed.set()

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        deadline = time.monotonic() + timeout_s
        while True:
            self._records_ready.clear()
            found = await self._read(max_records)
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            try:
                await asyncio.wait_for(self._records_ready.wait(), min(left, _POLL_S))
            except TimeoutError:
                continue

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not offsets:
            return
        try:
            await self._membership.commit(offsets, self._epochs)
        except _DATABASE_ERRORS as error:
            raise BusUnavailable(f"commit not acknowledged: {error!r}") from error

    def assignment(self) -> Mapping[TopicPartition, int]:
        return dict(self._epochs)

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._paused.update(partitions)

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._paused.difference_update(partitions)
        self._records_ready.set()

    async def lag(self) -> Mapping[TopicPartition, int]:
        positions = dict(self._positions)
        try:
            ends = await records_log.ends(self._pool, list(positions))
        except _DATABASE_ERRORS as error:
            raise BusUnavailable(f"the log does not answer: {error!r}") from error
        return {tp: max(0, ends[tp] - at) for tp, at in positions.items() if tp in ends}

    async def stop(self) -> None:
        if self._renewer is not None:
            self._renewer.cancel()
            await asyncio.gather(self._renewer, return_exceptions=True)
        try:
            await asyncio.wait_for(self._membership.leave(), 5)
        except _DATABASE_ERRORS as error:
            log.warning("the member could not leave its group: %r", error)

    async def _read(self, max_records: int) -> list[Record]:
        positions = {tp: at for tp, at in self._positions.items() if tp not in self._paused}
        if not positions:
            return []
        # Every partition gets its turn even when one of them holds a long backlog.
        per_partition = max(1, max_records // len(positions))
        try:
            found = await records_log.read(self._pool, positions, per_partition, max_records)
        except _DATABASE_ERRORS as error:
            raise BusUnavailable(f"fetch failed: {error!r}") from error
        kept = []
        for record in found:
            tp = record.topic_partition
            # The partition may have left while the query ran.
            if self._positions.get(tp) is not None and record.offset >= self._positions[tp]:
                self._positions[tp] = record.offset + 1
                kept.append(record)
        return kept

    async def _renew(self) -> None:
        while True:
            self._group_changed.clear()
            try:
                started = time.monotonic()
                await self._apply(await self._membership.renew())
                self._renewed_at = started
            except _DATABASE_ERRORS as error:
                log.warning("lease not renewed: %r", error)
                if time.monotonic() - self._renewed_at > self._lease_s:
                    self._forget(list(self._epochs))
            try:
                await asyncio.wait_for(
                    self._group_changed.wait(), _RENEW_S * self._lease_s / LEASE_S
                )
            except TimeoutError:
                continue

    async def _apply(self, change: Change) -> None:
        # Our lease may have run out and the partitions come back to us under a new epoch.
        lost = [tp for tp, epoch in self._epochs.items() if change.owned.get(tp) != epoch]
        self._forget(lost)
        release = [tp for tp in change.release if tp in self._epochs]
        if release:
            # Records of a partition on its way out are not fetched again.
            self._paused.update(release)
            if self._listener is not None:
                await self._listener.on_revoked(release)
            self._forget(release)
        if change.release:
            await self._membership.release(change.release)
        fresh = [tp for tp in change.owned if tp not in self._epochs and tp not in change.release]
        if fresh:
            starts = await self._membership.committed(fresh)
            for tp in fresh:
                self._epochs[tp] = change.owned[tp]
                self._positions[tp] = starts[tp]
            if self._listener is not None:
                await self._listener.on_assigned(sorted(fresh))
            self._records_ready.set()

    def _forget(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            self._epochs.pop(tp, None)
            self._positions.pop(tp, None)
            self._paused.discard(tp)
