"""What the bus suite works with: a log, members of groups on it, and patience."""

import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from heedful.common.bus import (
    Bus,
    Consumer,
    Outgoing,
    RebalanceListener,
    Record,
    TopicPartition,
    records_of,
)
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.bus.partitioning import partition_of
from heedful.common.contracts import Contract
from heedful.common.settings import KafkaSettings
from heedful.common.topics import Topic
from tests.patience import until

KAFKA_LEASE_S = 6.0
"""The shortest session that a broker allows by default."""
EMBEDDED_LEASE_S = 1.0
SEND_TIMEOUT_S = 2.0


class Note(Contract):
    """The payload of the suite's topics."""

    text: str = ""


def record(topic: str, key: bytes | None, value: bytes | None = b"v") -> Outgoing:
    return Outgoing(topic, key, value)


def keys_for(partitions: int, each: int = 1) -> list[bytes]:
    """So many keys for every partition, the first partition's first."""
    found: dict[int, list[bytes]] = {partition: [] for partition in range(partitions)}
    number = 0
    while any(len(keys) < each for keys in found.values()):
        key = f"key-{number}".encode()
        number += 1
        keys = found[partition_of(key, partitions)]
        if len(keys) < each:
            keys.append(key)
    return [key for keys in found.values() for key in keys]


@dataclass
class Member:
    """A consumer and what it has read."""

    consumer: Consumer
    records: list[Record] = field(default_factory=list)

    async def take(self, count: int, max_records: int = 100) -> list[Record]:
        """The next `count` records, or a few more."""
        taken: list[Record] = []

        async def enough() -> bool:
            taken.extend(records_of(await self.consumer.poll(max_records, 0.2)))
            return len(taken) >= count

        await until(enough)
        self.records += taken
        return taken

    async def nothing_more(self) -> None:
        assert await self.consumer.poll(100, 0.3) == {}

    async def owns(self, count: int) -> list[TopicPartition]:
        await until(lambda: len(self.consumer.assignment()) == count)
        return sorted(self.consumer.assignment())


@dataclass
class Rebalances:
    """A listener that writes down what it is told, and may do something when it loses."""

    name: str = ""
    events: list[tuple[str, str, TopicPartition]] = field(default_factory=list)
    when_revoked: Callable[[Sequence[TopicPartition]], Awaitable[None]] | None = None

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        self.events += [(self.name, "assigned", tp) for tp in partitions]

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        if self.when_revoked is not None:
            await self.when_revoked(partitions)
        self.events += [(self.name, "revoked", tp) for tp in partitions]


class World:
    """One log behind one adapter; everything opened here is closed with it.

    Attributes:
        address: bootstrap servers or database URL.
        lease_s: how long a silent member keeps its partitions.
    """

    def __init__(self, kind: str, address: str, stack: AsyncExitStack) -> None:
        self.kind = kind
        self.address = address
        self.lease_s = KAFKA_LEASE_S if kind == "kafka" else EMBEDDED_LEASE_S
        self._stack = stack

    def open(self) -> Bus:
        """A bus that is not started: another process, as far as the log knows."""
        return open_bus(self.kind, self.address)

    async def bus(self) -> Bus:
        bus = self.open()
        await bus.start()
        self._stack.push_async_callback(bus.stop)
        return bus

    async def topic(self, bus: Bus, partitions: int = 3) -> str:
        """A new topic's name."""
        topic = described(f"contract.{uuid.uuid4().hex}", partitions)
        await bus.create_topics([topic])
        return topic.name

    def group(self) -> str:
        return f"group-{uuid.uuid4().hex}"

    async def member(
        self, bus: Bus, group: str, *topics: str, listener: RebalanceListener | None = None
    ) -> Member:
        consumer = bus.consumer(group, topics, listener)
        await consumer.start()
        self._stack.push_async_callback(consumer.stop)
        return Member(consumer)


def open_bus(kind: str, address: str) -> Bus:
    if kind == "kafka":
        settings = KafkaSettings(
            bootstrap_servers=address,
            session_timeout_seconds=KAFKA_LEASE_S,
            rebalance_timeout_seconds=10,
            send_timeout_seconds=SEND_TIMEOUT_S,
        )
        return KafkaBus(settings, "contract")
    return EmbeddedBus(address, "contract", lease_s=EMBEDDED_LEASE_S, partitions=12)


def described(name: str, partitions: int) -> Topic:
    return Topic(
        name=name,
        event_type="test.note.v1",
        payload=Note,
        key="anything",
        description="A topic of the bus suite.",
        partitions=partitions,
    )


def values(records: Iterable[Record]) -> list[bytes | None]:
    return [record.value for record in records]


def places(records: Iterable[Record]) -> list[tuple[int, int]]:
    return [(record.partition, record.offset) for record in records]


def shared_fairly(members: Sequence[Member], partitions: int) -> bool:
    """Every partition has one owner, and nobody has two more than somebody else."""
    owned = [set(member.consumer.assignment()) for member in members]
    sizes = [len(one) for one in owned]
    return len(set().union(*owned)) == sum(sizes) == partitions and max(sizes) - min(sizes) <= 1
