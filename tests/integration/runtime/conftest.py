"""The runtime over the embedded log, and over Kafka where the log makes a difference."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from heedful.common.bus import Bus
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.settings import KafkaSettings
from tests.contract.bus.postgres import Sql
from tests.integration.runtime.world import World

SESSION_S = 6
"""Short, because a member hears of a rebalance with its next heartbeat, ten in a session."""
EMBEDDED = ["embedded"]
BOTH = ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)]


@pytest.fixture(params=EMBEDDED)
def kind(request: pytest.FixtureRequest) -> str:
    """The log; a test on both says `parametrize("kind", BOTH, indirect=True)`."""
    return str(request.param)


@pytest.fixture
def address(kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("kafka_bootstrap" if kind == "kafka" else "log_url"))


@pytest.fixture
def partitions() -> int:
    """Of the topic: one, so that there is one order; tests of groups say more."""
    return 1


@pytest.fixture
async def world(kind: str, address: str, partitions: int) -> AsyncIterator[World]:
    """An empty topic."""

    def open_bus() -> Bus:
        if kind == "kafka":
            settings = KafkaSettings(bootstrap_servers=address, session_timeout_seconds=SESSION_S)
            return KafkaBus(settings, "runtime")
        return EmbeddedBus(address, "runtime", lease_s=2)

    async with AsyncExitStack() as stack:
        world = World(open_bus, stack, partitions)
        await world.start()
        yield world


@pytest.fixture
async def sql(log_url: str) -> AsyncIterator[Sql]:
    """Another client of the embedded log's database."""
    connection = await asyncpg.connect(log_url)
    yield connection
    await connection.close()
