"""Which offset may be committed: the end of the contiguous finished prefix, and no further.

Offsets of one partition have gaps (transaction markers, compaction), so "contiguous" is meant
over the offsets that were delivered, in the order of delivery. Pure.
"""

from collections import deque
from collections.abc import Mapping

from heedful.common.bus.base import TopicPartition


class _PartitionOffsets:
    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.delivered: deque[int] = deque()
        self.unfinished: set[int] = set()
        self.next: int | None = None
        self.committed: int | None = None

    def deliver(self, offset: int) -> None:
        self.delivered.append(offset)
        self.unfinished.add(offset)

    def finish(self, offset: int) -> None:
        # Only what waits is finished by it: a record that comes again has to be done again.
        self.unfinished.discard(offset)
        while self.delivered and self.delivered[0] not in self.unfinished:
            self.next = self.delivered.popleft() + 1


class OffsetTracker:
    """Delivered and finished offsets of the assigned partitions, each under one epoch."""

    def __init__(self) -> None:
        self._partitions: dict[TopicPartition, _PartitionOffsets] = {}

    def deliver(self, tp: TopicPartition, epoch: int, offset: int) -> None:
        """Note a record that was fetched. A new epoch forgets the work of the older one."""
        found = self._partitions.get(tp)
        if found is None or found.epoch != epoch:
            found = self._partitions[tp] = _PartitionOffsets(epoch)
        found.deliver(offset)

    def finish(self, tp: TopicPartition, epoch: int, offset: int) -> None:
        """Note a record whose effect is durable. Work of an older epoch is ignored."""
        found = self._partitions.get(tp)
        if found is not None and found.epoch == epoch:
            found.finish(offset)

    def commitable(self, epochs: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        """The next offset to read of every partition that moved since its last commit.

        Args:
            epochs: the present assignment; work of any other epoch may not commit.
        """
        return {
            tp: found.next
            for tp, found in self._partitions.items()
            if found.next is not None
            and found.next != found.committed
            and epochs.get(tp) == found.epoch
        }

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        for tp, offset in offsets.items():
            if tp in self._partitions:
                self._partitions[tp].committed = offset

    def forget(self, tp: TopicPartition) -> None:
        self._partitions.pop(tp, None)

    def partitions(self) -> tuple[TopicPartition, ...]:
        return tuple(self._partitions)

    def unfinished(self) -> int:
        """Records that were delivered under the present epochs and are not finished."""
        return sum(len(found.unfinished) for found in self._partitions.values())
