"""The reading side: one member of a consumer group."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import (
    CommitFailedError,
    CorruptRecordException,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
)
from aiokafka.structs import OffsetAndMetadata

from heedful.common.bus.base import RebalanceListener, Record, StaleAssignment, TopicPartition
from heedful.common.bus.kafka.connection import closed, connection, end
from heedful.common.errors import BusUnavailable, Fatal, UnknownTopic
from heedful.common.settings import KafkaSettings
from heedful.common.topics import MAX_RECORD_BYTES

log = logging.getLogger(__name__)

_STALE = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
_GRACE_S = 0.1
_COMMIT_AGAIN_S = 0.1
# Joining is answered when all members have joined, or the silent ones are given up.
_JOIN_GRACE_S = 5
# A broker that has just started may not know a topic that its neighbours know.
_LOOK_AGAIN_S = (0, 0.1, 0.2, 0.4)


class KafkaConsumer:
    """A group member. aiokafka rebalances eagerly: every rebalance revokes all partitions and
    starts again from the committed offsets, so each assignment gets a new epoch."""

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        group: str,
        topics: Sequence[str],
        listener: RebalanceListener | None,
    ) -> None:
        self._settings = settings
        self._limit_s = settings.send_timeout_seconds
        self._topics = tuple(topics)
        self._listener = listener
        self._epoch = 0
        self._assigned: dict[TopicPartition, int] = {}
        self._unassigned_since: float | None = None
        self._committing = asyncio.Lock()
        self._client = AIOKafkaConsumer(
            client_id=client_id,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=int(settings.session_timeout_seconds * 1000),
            heartbeat_interval_ms=int(settings.session_timeout_seconds * 1000 / 10),
            rebalance_timeout_ms=int(settings.rebalance_timeout_seconds * 1000),
            group_instance_id=settings.group_instance_id,
            max_partition_fetch_bytes=2 * MAX_RECORD_BYTES,
            **connection(settings, answer_s=settings.rebalance_timeout_seconds + _JOIN_GRACE_S),
        )

    async def start(self) -> None:
        try:
            await self._client.start()
            await self._require_topics()
        except BaseException as error:
            await self.stop()
            if isinstance(error, KafkaError):
                raise BusUnavailable(
                    f"no Kafka at {self._settings.bootstrap_servers}: {error!r}"
                ) from error
            raise
        self._unassigned_since = time.monotonic()
        self._client.subscribe(topics=self._topics, listener=_Relay(self))

    async def poll(
        self, max_records: int, timeout_s: float
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        try:
            # While the group rebalances, getmany waits for the end of that and for nothing else.
            async with asyncio.timeout(timeout_s + _GRACE_S):
                batches = await self._client.getmany(
                    timeout_ms=int(timeout_s * 1000), max_records=max_records
                )
        except TimeoutError:
            self._require_membership()
            return {}
        except UnknownTopicOrPartitionError as error:
            raise UnknownTopic(", ".join(self._topics)) from error
        except CorruptRecordException as error:
            # What getmany had already taken from other partitions is gone with the error, and
            # their positions are behind it: only a new start reads it again.
            raise Fatal(f"the log holds a damaged record: {error!r}") from error
        except KafkaError as error:
            raise BusUnavailable(f"fetch failed: {error!r}") from error
        return {TopicPartition(*tp): records for tp, records in batches.items() if records}

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not offsets:
            return
        try:
            async with asyncio.timeout(self._limit_s), self._committing:
                await self._commit(offsets)
        except _STALE as error:
            raise StaleAssignment(f"commit refused: {error!r}") from error
        except (TimeoutError, KafkaError) as error:
            raise BusUnavailable(f"commit not acknowledged: {error!r}") from error

    def assignment(self) -> Mapping[TopicPartition, int]:
        return self._assigned

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._client.pause(*self._ours(partitions))

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._client.resume(*self._ours(partitions))

    async def lag(self) -> Mapping[TopicPartition, int]:
        wanted = self._ours(list(self._assigned))
        if not wanted:
            return {}
        try:
            async with asyncio.timeout(self._limit_s):
                # Asked for, not taken from the last fetch: a fetcher that is stuck has no news.
                ends = await self._client.end_offsets(wanted)
                positions = {tp: await self._client.position(tp) for tp in wanted}
        except IllegalStateError:
            return {}  # the group rebalanced meanwhile
        except (TimeoutError, KafkaError) as error:
            raise BusUnavailable(f"the ends of the log are unknown: {error!r}") from error
        return {TopicPartition(*tp): max(0, ends[tp] - positions[tp]) for tp in wanted}

    async def stop(self) -> None:
        error = await closed(self._client.stop(), self._limit_s)
        if error is not None:
            log.warning("the consumer did not leave cleanly: %r", error)
            await self._abandon()
        self._assigned = {}

    async def _require_topics(self) -> None:
        missing: set[str] = set()
        for pause in _LOOK_AGAIN_S:
            await asyncio.sleep(pause)
            missing = set(self._topics) - await self._client.topics()
            if not missing:
                return
        raise UnknownTopic(sorted(missing)[0])

    def _require_membership(self) -> None:
        """aiokafka may never come back from a rebalance and say nothing (aiokafka#1154)."""
        if self._unassigned_since is None:
            return
        waited = time.monotonic() - self._unassigned_since
        settings = self._settings
        if waited > settings.session_timeout_seconds + settings.rebalance_timeout_seconds:
            raise BusUnavailable(f"no assignment from the group for {waited:.0f} s")

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Send it until it is answered, and only as the member that the offsets are of.

        aiokafka's own loop sends again whatever the member has become meanwhile. One that was
        expelled has no generation, and Kafka lets anybody without one commit for a group that is
        empty: its old offsets would go over those of whoever had the partitions since.
        """
        if any(tp not in self._assigned for tp in offsets):
            raise StaleAssignment("not all of these partitions are ours")
        coordinator = self._client._coordinator
        generation = coordinator.generation
        wanted = {
            KafkaPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
        }
        while True:
            await coordinator.ensure_coordinator_known()
            if generation < 0 or coordinator.generation != generation:
                raise StaleAssignment("the group has expelled this member")
            try:
                # Makes its request before it waits for anything.
                await coordinator._do_commit_offsets(None, wanted)
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(_COMMIT_AGAIN_S)
            else:
                return

    def _ours(self, partitions: Sequence[TopicPartition]) -> list[KafkaPartition]:
        return [KafkaPartition(tp.topic, tp.partition) for tp in partitions if tp in self._assigned]

    async def _revoked(self, partitions: Sequence[TopicPartition]) -> None:
        self._unassigned_since = time.monotonic()
        try:
            if self._listener is not None and partitions:
                await self._listener.on_revoked(partitions)
        finally:
            # A commit under way must not end under the next generation.
            async with self._committing:
                # Never changed in place: `assignment` gives it away.
                self._assigned = {
                    tp: epoch for tp, epoch in self._assigned.items() if tp not in partitions
                }

    async def _assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._epoch += 1
        self._assigned = dict.fromkeys(partitions, self._epoch)
        self._unassigned_since = None
        if self._listener is not None:
            await self._listener.on_assigned(partitions)

    async def _abandon(self) -> None:
        """End what a failed stop left: a heartbeat that goes on keeps the partitions for ever."""
        client = self._client
        coordinator, fetcher = client._coordinator, client._fetcher
        if coordinator is not None:
            await end(
                [
                    coordinator._coordination_task,
                    coordinator._heartbeat_task,
                    coordinator._commit_refresh_task,
                ]
            )
        if fetcher is not None:
            await end([fetcher._fetch_task, *fetcher._pending_tasks])
        await closed(client._client.close(), self._limit_s)
        await end([client._client._sync_task])


class _Relay(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types for it
    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Sequence[KafkaPartition]) -> None:
        await self._consumer._revoked(sorted(TopicPartition(*tp) for tp in revoked))

    async def on_partitions_assigned(self, assigned: Sequence[KafkaPartition]) -> None:
        await self._consumer._assign(sorted(TopicPartition(*tp) for tp in assigned))
