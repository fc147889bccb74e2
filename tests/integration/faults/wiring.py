"""What a worker or the source is told when it starts, and how it opens its bus."""

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from heedful.common.bus import Bus
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.errors import BusUnavailable
from heedful.common.settings import ConsumerSettings, KafkaSettings
from heedful.common.topics import Topic
from tests.integration.faults.records import topics

Kind = Literal["kafka", "embedded"]

SESSION_S = 4.0
"""A member that is silent for so long loses its partitions; on either bus."""
REBALANCE_S = 10.0
DRAIN_S = 4.0
SEND_TIMEOUT_S = 4.0
CONSUMER = ConsumerSettings(
    batch_records=64,
    poll_seconds=0.1,
    buffer_records=256,
    commit_seconds=0.25,
    drain_seconds=DRAIN_S,
    retry_seconds=0.05,
    retry_max_seconds=1,
    stall_seconds=60,
)
"""Small and quick, so that faults fall between the steps of much work."""

_START_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Wiring:
    """One process's place in the run.

    Attributes:
        bus: bootstrap servers or database URL, through this process's own proxy.
        database: URL of the effects' database, not through a proxy.
        concurrency: batches that a worker has under way at once.
        instance: the name under which Kafka's group knows it again after a restart.
    """

    kind: Kind
    name: str
    bus: str
    database: str
    group: str
    topic: str
    partitions: int
    concurrency: int
    instance: str | None = None

    @property
    def topics(self) -> tuple[Topic, Topic]:
        return topics(self.topic, self.partitions)

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> "Wiring":
        given: dict[str, Any] = json.loads(text)
        return cls(**given)


def open_bus(wiring: Wiring) -> Bus:
    if wiring.kind == "embedded":
        return EmbeddedBus(wiring.bus, wiring.name, lease_s=SESSION_S, partitions=wiring.partitions)
    settings = KafkaSettings(
        bootstrap_servers=wiring.bus,
        partitions=wiring.partitions,
        session_timeout_seconds=SESSION_S,
        rebalance_timeout_seconds=REBALANCE_S,
        send_timeout_seconds=SEND_TIMEOUT_S,
        group_instance_id=wiring.instance,
    )
    return KafkaBus(settings, wiring.name)


async def started(wiring: Wiring) -> Bus:
    """A started bus; waits for as long as its servers are away."""
    while True:
        bus = open_bus(wiring)
        try:
            await bus.start()
        except BusUnavailable:
            await bus.stop()
            await asyncio.sleep(_START_PAUSE_S)
        else:
            return bus
