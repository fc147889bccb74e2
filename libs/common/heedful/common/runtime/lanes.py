"""Which fetched records may be worked on now. Pure: no I/O, no time.

Records wait in lanes. What shares a lane is handled in the order of the log: the records of one
key, or of one partition. A batch takes from free lanes, and a lane that is in a batch gives
nothing to another one until that batch is done. So any number of batches can be under way and
still nothing is handled out of the order that the subscription needs.
"""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from heedful.common.bus.base import Record, TopicPartition
from heedful.common.runtime.handler import Ordering

Lane = tuple[TopicPartition, Hashable]
Cost = Callable[[Record], float]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one batch. A batch holds at least one record, however large that is."""

    records: int
    size: int
    cost: float


@dataclass(frozen=True, slots=True)
class Part:
    """Records of one partition in a batch, fetched under one assignment."""

    partition: TopicPartition
    epoch: int
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records to be handled together; within a lane in the order of the log."""

    parts: Sequence[Part]
    lanes: Collection[Lane]

    def records(self) -> Sequence[Record]:
        if len(self.parts) == 1:
            return self.parts[0].records
        return [record for part in self.parts for record in part.records]


@dataclass(slots=True)
class _Chunk:
    """Neighbours in one lane. Weighed together: most of them are taken as a whole."""

    records: Sequence[Record]
    size: int
    cost: float


@dataclass(slots=True)
class _Held:
    """What waits of one partition."""

    epoch: int
    records: int = 0
    size: int = 0


class Lanes:
    """Records that wait, by lane, and the lanes that are taken.

    Args:
        ordering: records without a key have none to keep under `Ordering.KEY`.
        cost: of one record; without it nothing costs.
    """

    def __init__(self, ordering: Ordering, cost: Cost | None = None) -> None:
        self._ordering = ordering
        self._cost = cost
        self._waiting: dict[Lane, deque[_Chunk]] = {}
        self._free: deque[Lane] = deque()
        self._taken: set[Lane] = set()
        self._held: dict[TopicPartition, _Held] = {}
        self._ended: dict[TopicPartition, int] = {}

    def __len__(self) -> int:
        """Records that wait; those in a batch do not count."""
        return sum(held.records for held in self._held.values())

    @property
    def size(self) -> int:
        """Bytes of keys and values that wait."""
        return sum(held.size for held in self._held.values())

    def put(self, partition: TopicPartition, epoch: int, records: Sequence[Record]) -> None:
        """Let records wait, behind what their lanes hold.

        A new epoch drops what waits of an older one.
        """
        if self._ended.get(partition) == epoch:
            return
        held = self._held.get(partition)
        if held is None or held.epoch != epoch:
            self._drop([partition])
            held = self._held[partition] = _Held(epoch)
        for lane, group in self._by_lane(partition, records):
            self._chunks(lane).append(self._weighed(held, group))

    def take(self, bounds: Bounds) -> Batch | None:
        """The next batch, the longest waiting lane first; None when every lane is taken."""
        parts: dict[TopicPartition, list[Record]] = {}
        lanes: list[Lane] = []
        room = _Room(bounds, self._cost)
        while self._free and not room.full:
            lane = self._free[0]
            chunks = self._waiting[lane]
            taken: list[Record] = []
            while chunks and not room.full:
                self._move(lane, chunks, room, taken)
            if not taken:
                break
            parts.setdefault(lane[0], []).extend(taken)
            self._free.popleft()
            if not chunks:
                del self._waiting[lane]
            if self._exclusive(lane):
                self._taken.add(lane)
                lanes.append(lane)
            elif chunks:
                self._free.append(lane)
        if not parts:
            return None
        return Batch(
            [Part(tp, self._held[tp].epoch, records) for tp, records in parts.items()], lanes
        )

    def done(self, batch: Batch, *, back: bool = False) -> None:
        """Free the lanes of a batch.

        Args:
            back: it was not finished; what is still ours of it is the first to come again.
        """
        if back:
            for part in batch.parts:
                self._put_back(part)
        for lane in batch.lanes:
            self._taken.discard(lane)
            if lane in self._waiting:
                self._free.append(lane)

    def keep(self, epochs: Mapping[TopicPartition, int]) -> None:
        """Drop what was fetched under another assignment than the present one."""
        stale = [tp for tp, held in self._held.items() if epochs.get(tp) != held.epoch]
        if stale:
            self._drop(stale)

    def end(self, epochs: Mapping[TopicPartition, int]) -> None:
        """These assignments end: drop what waits of them, and take no more of it.

        Their next owner reads it again. A poll may still bring some: it was under way.
        """
        self._ended.update(epochs)
        self._drop([tp for tp, held in self._held.items() if epochs.get(tp) == held.epoch])

    def _drop(self, partitions: Iterable[TopicPartition]) -> None:
        leaving = {tp for tp in partitions if self._held.pop(tp, None) is not None}
        if not leaving:
            return
        for lane in [lane for lane in self._waiting if lane[0] in leaving]:
            del self._waiting[lane]
        self._free = deque(lane for lane in self._free if lane[0] not in leaving)

    def _put_back(self, part: Part) -> None:
        held = self._held.get(part.partition)
        if held is None or held.epoch != part.epoch:
            return  # another assignment, or none
        for lane, group in self._by_lane(part.partition, part.records):
            self._chunks(lane).appendleft(self._weighed(held, group))

    def _by_lane(
        self, partition: TopicPartition, records: Sequence[Record]
    ) -> Iterable[tuple[Lane, Sequence[Record]]]:
        if self._ordering is not Ordering.KEY:
            return [((partition, None), records)]
        groups: dict[Hashable, list[Record]] = {}
        for record in records:
            groups.setdefault(record.key, []).append(record)
        return [((partition, key), group) for key, group in groups.items()]

    def _exclusive(self, lane: Lane) -> bool:
        if self._ordering is Ordering.KEY:
            return lane[1] is not None
        return self._ordering is Ordering.PARTITION

    def _chunks(self, lane: Lane) -> deque[_Chunk]:
        chunks = self._waiting.get(lane)
        if chunks is None:
            chunks = self._waiting[lane] = deque()
            if lane not in self._taken:
                self._free.append(lane)
        return chunks

    def _weighed(self, held: _Held, records: Sequence[Record]) -> _Chunk:
        size, cost = _weigh(records, self._cost)
        held.records += len(records)
        held.size += size
        return _Chunk(records, size, cost)

    def _move(self, lane: Lane, chunks: deque[_Chunk], room: "_Room", taken: list[Record]) -> None:
        """The first chunk of the lane, or what the room holds of it, goes into the batch."""
        chunk = chunks[0]
        held = self._held[lane[0]]
        count, size, cost = room.take(chunk)
        held.records -= count
        held.size -= size
        if count == len(chunk.records):
            taken.extend(chunk.records)
            chunks.popleft()
        elif count:
            taken.extend(chunk.records[:count])
            chunks[0] = _Chunk(chunk.records[count:], chunk.size - size, chunk.cost - cost)


class _Room:
    """What a batch that is being put together may still hold."""

    def __init__(self, bounds: Bounds, cost: Cost | None) -> None:
        self._records = bounds.records
        self._size = bounds.size
        self._cost = bounds.cost
        self._cost_of = cost
        self._empty = True
        self.full = False

    def take(self, chunk: _Chunk) -> tuple[int, int, float]:
        """Records, bytes and cost that it takes of the chunk: all of it, or a beginning."""
        count = len(chunk.records)
        if count <= self._records and chunk.size <= self._size and chunk.cost <= self._cost:
            return self._put(count, chunk.size, chunk.cost)
        self.full = True
        # Most are cut by number; only what is cut elsewhere is weighed record by record.
        first = chunk.records[: self._records]
        size, cost = _weigh(first, self._cost_of)
        if size <= self._size and cost <= self._cost:
            return self._put(len(first), size, cost)
        count, size, cost = 0, 0, 0.0
        for record in first:
            its_size, its_cost = _weigh([record], self._cost_of)
            fits = size + its_size <= self._size and cost + its_cost <= self._cost
            if not fits and (count or not self._empty):
                break
            count, size, cost = count + 1, size + its_size, cost + its_cost
        return self._put(count, size, cost)

    def _put(self, count: int, size: int, cost: float) -> tuple[int, int, float]:
        self._records -= count
        self._size -= size
        self._cost -= cost
        self._empty = self._empty and count == 0
        self.full = self.full or self._records <= 0
        return count, size, cost


def _weigh(records: Sequence[Record], cost: Cost | None) -> tuple[int, float]:
    """Bytes of keys and values, and cost."""
    # Written out: a call per record would be a tenth of what the runtime costs.
    size = sum([len(one.value or b"") + len(one.key or b"") for one in records])
    return size, 0.0 if cost is None else sum(map(cost, records))
