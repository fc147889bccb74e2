"""A member of a group on the embedded log."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from heedful.common import metrics
from heedful.common.bus.base import (
    LogRecord,
    RebalanceListener,
    Record,
    StaleAssignment,
    TopicPartition,
)
from heedful.common.bus.embedded import log as records_log
from heedful.common.bus.embedded.ends import Ends
from heedful.common.bus.embedded.group import Change, Membership
from heedful.common.bus.embedded.log import DATABASE_ERRORS
from heedful.common.errors import BusUnavailable, UnknownTopic
from heedful.common.waiting import came

log = logging.getLogger(__name__)

LEASE_S = 10.0
_RENEWALS_PER_LEASE = 4
_DRAIN_LEASES = 5
"""A listener may drain for so many lease times; then the partitions go without its commit."""
_LEAVE_S = 5.0


@dataclass(slots=True, eq=False)
class _Held:
    """One assignment of a partition to this member, from its start to its loss.

    Attributes:
        fence: the group's epoch, under which commits are accepted.
        epoch: this member's own count, new also where nobody else had the partition between.
        position: the next offset to read.
        leaving: on its way to another member; nothing is fetched any more.
    """

    fence: int
    epoch: int
    position: int
    paused: bool = False
    leaving: bool = False


class EmbeddedConsumer:
    """Reads the partitions that are known to reach further than it has read, and no others.

    Args:
        ends: what is known, shared by the consumers of a process.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        group: str,
        topics: Sequence[str],
        listener: RebalanceListener | None,
        lease_s: float = LEASE_S,
        ends: Ends | None = None,
    ) -> None:
        self._pool = pool
        self._group = group
        self._ends = ends or Ends()
        self._topics = tuple(topics)
        self._listener = listener
        self._lease_s = lease_s
        self._membership = Membership(pool, group, topics, lease_s)
        self._held: dict[TopicPartition, _Held] = {}
        self._epoch = 0
        self._turn = 0
        self._records_ready = asyncio.Event()
        self._group_changed = asyncio.Event()
        self._leased_until = 0.0
        self._renewer: asyncio.Task[None] | None = None

    async def start(self) -> None:
        try:
            known = await self._pool.fetch(
                "SELECT name FROM bus.topic WHERE name = ANY($1)", list(self._topics)
            )
        except DATABASE_ERRORS as error:
            raise BusUnavailable(f"the log does not answer: {error!r}") from error
        missing = set(self._topics) - {row["name"] for row in known}
        if missing:
            raise UnknownTopic(sorted(missing)[0])
        self._renewer = asyncio.create_task(self._renew())

    def wake(self, grown: Collection[TopicPartition] | None = None) -> None:
        """Called when partitions reach further; None when they may."""
        if grown is None or not self._held.keys().isdisjoint(grown):
            self._records_ready.set()

    def group_changed(self) -> None:
        """Called when somebody joined or left the group."""
        self._group_changed.set()

    async def poll(
        self, max_records: int, timeout_s: float
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        deadline = time.monotonic() + timeout_s
        while True:
            self._records_ready.clear()
            if self._renewer is not None and self._renewer.done():
                self._renewer.result()  # without it this member is dead and does not know
            found = await self._read(max_records)
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            wait = min(left, max(0.0, self._ends.next_look() - time.monotonic()))
            await came(self._records_ready, wait)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not offsets:
            return
        # Read before the first await: a commit belongs to the assignment it was made under.
        fences = {tp: self._held[tp].fence for tp in offsets if tp in self._held}
        if len(fences) < len(offsets):
            raise StaleAssignment(f"{len(offsets) - len(fences)} partitions are not ours")
        try:
            await self._membership.commit(offsets, fences)
        except DATABASE_ERRORS as error:
            raise BusUnavailable(f"commit not acknowledged: {error!r}") from error

    def assignment(self) -> Mapping[TopicPartition, int]:
        return {tp: held.epoch for tp, held in self._held.items()}

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._pause(partitions, True)

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._pause(partitions, False)
        self._records_ready.set()

    async def lag(self) -> Mapping[TopicPartition, int]:
        positions = {tp: held.position for tp, held in self._held.items()}
        try:
            return await records_log.waiting(self._pool, positions)
        except DATABASE_ERRORS as error:
            raise BusUnavailable(f"the log does not answer: {error!r}") from error

    async def stop(self) -> None:
        renewer, self._renewer = self._renewer, None
        if renewer is not None:
            renewer.cancel()
            await asyncio.gather(renewer, return_exceptions=True)
        self._held.clear()
        try:
            await asyncio.wait_for(self._membership.leave(), _LEAVE_S)
        except DATABASE_ERRORS as error:
            log.warning("the member could not leave its group: %r", error)

    def _pause(self, partitions: Sequence[TopicPartition], paused: bool) -> None:
        for tp in partitions:
            if tp in self._held:
                self._held[tp].paused = paused

    async def _read(self, max_records: int) -> Mapping[TopicPartition, Sequence[Record]]:
        try:
            await self._ends.look(self._pool)
            behind = {tp: held for tp, held in self._held.items() if self._behind(tp, held)}
            if not behind:
                return {}
            # Every partition gets its turn, also when one of them holds a long backlog and also
            # when fewer records are asked for than there are partitions.
            self._turn += 1
            order = list(behind)
            order = order[self._turn % len(order) :] + order[: self._turn % len(order)]
            reach = {tp: self._ends.of(tp) for tp in order}
            found = await records_log.read(
                self._pool,
                {tp: behind[tp].position for tp in order},
                max(1, max_records // len(order)),
                max_records,
            )
        except DATABASE_ERRORS as error:
            raise BusUnavailable(f"fetch failed: {error!r}") from error
        if sum(map(len, found.values())) < max_records:
            # All that was there is here: where nothing came, everything up to the end expired.
            found = {tp: found.get(tp, []) for tp in order}
        kept: dict[TopicPartition, list[LogRecord]] = {}
        for tp, records in found.items():
            held = behind[tp]
            # It may have left, or left and come back elsewhere in the log, while the query ran.
            if self._held.get(tp) is held and _fetched(held):
                next_offset = records[-1].offset + 1 if records else reach[tp]
                # The log has no gaps: what else lay there has expired.
                self._lost(tp, next_offset - held.position - len(records))
                held.position = next_offset
                if records:
                    kept[tp] = records
        return kept

    def _behind(self, tp: TopicPartition, held: _Held) -> bool:
        return _fetched(held) and held.position < self._ends.of(tp)

    def _lost(self, tp: TopicPartition, records: int) -> None:
        if records:
            metrics.BUS_LOST.labels(tp.topic, self._group).inc(records)
            log.warning(
                "records expired before the group had read them",
                extra={
                    "group": self._group,
                    "topic": tp.topic,
                    "partition": tp.partition,
                    "records": records,
                },
            )

    async def _renew(self) -> None:
        asked = True
        while True:
            started = time.monotonic()
            try:
                async with asyncio.timeout(self._lease_s):
                    settled = not asked and await self._membership.look()
                    change = None if settled else await self._membership.renew()
                self._leased_until = started + self._lease_s
                if change is not None:
                    await self._apply(change)
            except DATABASE_ERRORS as error:
                log.warning("lease not renewed: %r", error)
                if time.monotonic() > self._leased_until:
                    self._forget(list(self._held))
            # Members that started together do not go on renewing together.
            pause = self._lease_s / _RENEWALS_PER_LEASE * random.uniform(0.75, 1)  # noqa: S311
            asked = await came(self._group_changed, pause)
            if asked:
                self._group_changed.clear()

    async def _apply(self, change: Change) -> None:
        # Our lease may have run out and the partitions come back to us under a new fence.
        self._forget([tp for tp, held in self._held.items() if change.owned.get(tp) != held.fence])
        leaving = [tp for tp in change.release if tp in self._held]
        if leaving:
            await self._drain(leaving)
            self._forget(leaving)
        if change.release:
            await self._membership.release(change.release)
        fresh = [tp for tp in change.owned if tp not in self._held and tp not in change.release]
        if fresh:
            starts = await self._membership.starts(fresh)
            self._epoch += 1
            for tp, start in starts.items():
                self._held[tp] = _Held(change.owned[tp], self._epoch, start.offset)
                self._lost(tp, start.lost)
            if self._listener is not None:
                await _told(self._listener.on_assigned(sorted(starts)))
            self._ends.look_again()
            self._records_ready.set()

    async def _drain(self, leaving: Sequence[TopicPartition]) -> None:
        """Tell the listener; the lease goes on meanwhile, or its commit would come too late."""
        for tp in leaving:
            self._held[tp].leaving = True
        if self._listener is None:
            return
        deadline = time.monotonic() + _DRAIN_LEASES * self._lease_s
        told = asyncio.create_task(_told(self._listener.on_revoked(leaving)))
        try:
            while not told.done() and time.monotonic() < deadline:
                await asyncio.wait({told}, timeout=self._lease_s / _RENEWALS_PER_LEASE)
                started = time.monotonic()
                try:
                    await self._membership.extend()
                except DATABASE_ERRORS as error:
                    log.warning("lease not extended: %r", error)
                else:
                    self._leased_until = started + self._lease_s
        finally:
            told.cancel()
            await asyncio.gather(told, return_exceptions=True)

    def _forget(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            self._held.pop(tp, None)


def _fetched(held: _Held) -> bool:
    return not (held.paused or held.leaving)


async def _told(listener: Awaitable[None]) -> None:
    try:
        await listener
    except Exception:
        # As Kafka's clients do: a listener's fault must not cost the membership.
        log.exception("a rebalance listener failed")
