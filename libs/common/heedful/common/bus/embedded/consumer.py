"""A member of a group on the embedded log."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from heedful.common.bus.base import RebalanceListener, Record, StaleAssignment, TopicPartition
from heedful.common.bus.embedded import log as records_log
from heedful.common.bus.embedded.group import Change, Membership
from heedful.common.bus.embedded.log import DATABASE_ERRORS
from heedful.common.errors import BusUnavailable, UnknownTopic

log = logging.getLogger(__name__)

LEASE_S = 10.0
_RENEWALS_PER_LEASE = 4
_DRAIN_LEASES = 5
"""A listener may drain for so many lease times; then the partitions go without its commit."""
_POLL_S = 0.5
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

    def wake(self) -> None:
        """Called when somebody has written."""
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
            try:
                await asyncio.wait_for(self._records_ready.wait(), min(left, _POLL_S))
            except TimeoutError:
                continue

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

    async def _read(self, max_records: int) -> dict[TopicPartition, list[Record]]:
        wanted = {tp: held for tp, held in self._held.items() if _fetched(held)}
        if not wanted:
            return {}
        # Every partition gets its turn, also when one of them holds a long backlog and also
        # when fewer records are asked for than there are partitions.
        self._turn += 1
        order = list(wanted)
        order = order[self._turn % len(order) :] + order[: self._turn % len(order)]
        positions = {tp: wanted[tp].position for tp in order}
        per_partition = max(1, max_records // len(positions))
        try:
            found = await records_log.read(self._pool, positions, per_partition, max_records)
        except DATABASE_ERRORS as error:
            raise BusUnavailable(f"fetch failed: {error!r}") from error
        kept: dict[TopicPartition, list[Record]] = {}
        for record in found:
            tp = TopicPartition(record.topic, record.partition)
            held = wanted[tp]
            # It may have left, or left and come back elsewhere in the log, while the query ran.
            if self._held.get(tp) is held and _fetched(held):
                held.position = record.offset + 1
                kept.setdefault(tp, []).append(record)
        return kept

    async def _renew(self) -> None:
        renew_s = self._lease_s / _RENEWALS_PER_LEASE
        while True:
            self._group_changed.clear()
            started = time.monotonic()
            try:
                async with asyncio.timeout(self._lease_s):
                    change = await self._membership.renew()
                self._leased_until = started + self._lease_s
                await self._apply(change)
            except DATABASE_ERRORS as error:
                log.warning("lease not renewed: %r", error)
                if time.monotonic() > self._leased_until:
                    self._forget(list(self._held))
            try:
                await asyncio.wait_for(self._group_changed.wait(), renew_s)
            except TimeoutError:
                continue

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
            starts = await self._membership.committed(fresh)
            self._epoch += 1
            for tp in starts:
                self._held[tp] = _Held(change.owned[tp], self._epoch, starts[tp])
            if self._listener is not None:
                await _told(self._listener.on_assigned(sorted(starts)))
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
