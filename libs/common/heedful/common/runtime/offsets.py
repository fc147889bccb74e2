"""Which offset may be committed: the end of the contiguous finished prefix, and no further.

Offsets of one partition have gaps (transaction markers, compaction), so "contiguous" is meant
over the offsets that were delivered, in the order of delivery. Pure.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import islice

from heedful.common.bus.base import TopicPartition


class _PartitionOffsets:
    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.delivered: deque[int] = deque()
        self.finished: set[int] = set()
        self.next: int | None = None
        self.committed: int | None = None

    def finish(self, offsets: list[int]) -> None:
        delivered, finished = self.delivered, self.finished
        # Most often they are the next ones: compared as a whole, and never in the set.
        if offsets and list(islice(delivered, len(offsets))) == offsets:
            for _ in offsets:
                delivered.popleft()
            self.next = offsets[-1] + 1
        elif delivered:
            first, last = delivered[0], delivered[-1]
            finished.update(offset for offset in offsets if first <= offset <= last)
        while delivered and delivered[0] in finished:
            offset = delivered.popleft()
            finished.discard(offset)
            self.next = offset + 1


class OffsetTracker:
    """Delivered and finished offsets of the assigned partitions, each under one epoch.

    Under one epoch the delivered offsets rise. To finish what does not wait has no effect.
    """

    def __init__(self) -> None:
        self._partitions: dict[TopicPartition, _PartitionOffsets] = {}

    def deliver(self, tp: TopicPartition, epoch: int, offsets: Iterable[int]) -> None:
        """Note records that were fetched. A new epoch forgets the work of the older one."""
        found = self._partitions.get(tp)
        if found is None or found.epoch != epoch:
            found = self._partitions[tp] = _PartitionOffsets(epoch)
        found.delivered.extend(offsets)

    def finish(self, tp: TopicPartition, epoch: int, offsets: list[int]) -> None:
        """Note records whose effect is durable. Work of an older epoch is ignored."""
        found = self._partitions.get(tp)
        if found is not None and found.epoch == epoch:
            found.finish(offsets)

    def open(self, epochs: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        """Records behind the finished prefix: what waits, what is under way, and what is finished
        and would come again after a crash.

        Args:
            epochs: the present assignment; other work is not counted.
        """
        return {
            tp: len(found.delivered)
            for tp, found in self._partitions.items()
            if epochs.get(tp) == found.epoch
        }

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
