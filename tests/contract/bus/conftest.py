"""Both adapters behind one name. The suite is written once; `kafka` needs a real broker."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from heedful.common.bus import Bus
from tests.contract.bus.killable import Killable
from tests.contract.bus.postgres import Sql
from tests.contract.bus.world import World
from tests.kafka_broker import local_broker

SOON_BACK = {
    # A broker that was killed has to wait until the controller has given up its former self.
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "250",
    "group.min.session.timeout.ms": "100",
}
BOTH = ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)]


@pytest.fixture
async def sql(log_url: str) -> AsyncIterator[Sql]:
    """Another client of the embedded log's database."""
    connection = await asyncpg.connect(log_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def killable() -> Iterator[Killable]:
    with local_broker(SOON_BACK) as broker:
        yield Killable(broker)


@pytest.fixture
async def own_broker(killable: Killable) -> Killable:
    """A broker that nobody else uses, running."""
    if not killable.running:
        await killable.start()
    return killable


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    """The adapter under test."""
    return str(request.param)


@pytest.fixture
def address(kind: str, request: pytest.FixtureRequest) -> str:
    """Where its log is."""
    return str(request.getfixturevalue("kafka_bootstrap" if kind == "kafka" else "log_url"))


@pytest.fixture
async def world(kind: str, address: str) -> AsyncIterator[World]:
    """The log of one adapter."""
    async with AsyncExitStack() as stack:
        yield World(kind, address, stack)


@pytest.fixture
async def bus(world: World) -> Bus:
    """A started bus on it."""
    return await world.bus()


@pytest.fixture
async def topic(world: World, bus: Bus) -> str:
    """A topic with three partitions."""
    return await world.topic(bus)
