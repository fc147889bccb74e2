"""The bus: a partitioned, ordered, durable log behind one small interface.

Two adapters pass one contract suite (tests/contract/bus): `kafka` for production and
`embedded` on PostgreSQL for one machine. What every adapter promises:

- records with one key keep their order; a key maps to a partition by murmur2, as in Java;
- `Producer.send` returns after every record is durable, or raises and says so;
- a group's members share the partitions; a dead member's partitions pass to the others;
- a consumer starts at the committed offset of its group, or at the earliest record;
- a commit by a member that no longer owns the partition raises `StaleAssignment`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from heedful.common.errors import HeedfulError
from heedful.common.topics import Topic

Header = tuple[str, bytes]


class TopicPartition(NamedTuple):
    topic: str
    partition: int


class Record(Protocol):
    """A record as read, of whatever class the adapter's client gives: none is copied on its way.

    `value is None` is a tombstone; header names may repeat; `timestamp` is in ms since 1970.
    """

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[Header]: ...


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A `Record` where no client has a class of its own for it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


def records_of(fetched: Mapping[TopicPartition, Sequence[Record]]) -> list[Record]:
    """What a poll gave, one partition after the other."""
    return [record for records in fetched.values() for record in records]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be written."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


class StaleAssignment(HeedfulError):
    """The partitions belong to another member now; forget their work, never retry the commit."""


class RebalanceListener(Protocol):
    """Told about assignments by the consumer, never while the caller awaits `poll`'s result."""

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None: ...

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Finish or abandon the work of these partitions and commit; bounded by the caller's
        rebalance timeout. Not called when partitions were lost without notice."""


class Producer(Protocol):
    async def send(self, records: Sequence[Outgoing]) -> None:
        """Write all records; return when all are durable.

        Raises:
            UnknownTopic: the topic does not exist.
            RecordTooLarge: nothing of the batch is promised to be written.
            BusUnavailable: not acknowledged in time; any of them may have been written.
        """


class Consumer(Protocol):
    async def start(self) -> None:
        """Join the group.

        Raises:
            UnknownTopic: a subscribed topic does not exist.
        """

    async def poll(
        self, max_records: int, timeout_s: float
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        """Records of assigned partitions, in order within each; empty after the timeout.

        What it gives belongs to the assignment of this moment: `assignment()`, read before the
        next await, has the epoch of each record.

        Raises:
            BusUnavailable: the log, or the group, does not answer. Empty polls may come as well
                while it is away; only `lag` tells them from the end of the log.
            Fatal: the log holds something that cannot be read.
        """

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the offset of the next record to read, all or nothing.

        Raises:
            StaleAssignment: a partition is not ours any more.
            BusUnavailable: not acknowledged in time.
        """

    def assignment(self) -> Mapping[TopicPartition, int]:
        """Partitions of this member, each with the epoch of its assignment: a partition that went
        and came back has a new one, also when nobody else had it meanwhile."""

    def pause(self, partitions: Sequence[TopicPartition]) -> None: ...

    def resume(self, partitions: Sequence[TopicPartition]) -> None: ...

    async def lag(self) -> Mapping[TopicPartition, int]:
        """Records between our position and the end of each assigned partition, as the log tells
        it now.

        Raises:
            BusUnavailable: it does not tell.
        """

    async def stop(self) -> None:
        """Leave the group, within a time limit and without an error. Nothing is committed here."""


class Bus(Protocol):
    @property
    def producer(self) -> Producer: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Create what is missing, dead letter queues included; existing topics stay as they are.

        Raises:
            ConfigurationError: the log refuses one of them.
            BusUnavailable: no answer in time.
        """

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> Consumer: ...

    async def check(self) -> None:
        """Raises `BusUnavailable` when the log cannot be reached."""
