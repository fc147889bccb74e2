"""The small service, or an outbox, in front of a test's own database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.service import Platform
from tests.contract.bus.world import World
from tests.integration.common.outbox import OpenBox, Outbox
from tests.integration.common.world import Shop, client_of
from tests.redis_server import Redis, running_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    with running_redis() as started:
        yield started


@pytest.fixture
def redis(redis_server: Redis) -> Redis:
    """An empty Redis."""
    redis_server.flush()
    return redis_server


@pytest.fixture
def shop(platform: Platform) -> Shop:
    return Shop(platform)


@pytest.fixture
async def client(platform: Platform, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(platform, [shop.service()]) as made:
        yield made


@pytest.fixture(params=["embedded"])
def kind(request: pytest.FixtureRequest) -> str:
    """The log behind an outbox; a test on both says `parametrize("kind", BOTH, indirect=True)`."""
    return str(request.param)


@pytest.fixture
async def open_box(
    kind: str, request: pytest.FixtureRequest, engine: AsyncEngine, database_url: str
) -> AsyncIterator[OpenBox]:
    """Opens outboxes of services on one log."""
    address = request.getfixturevalue("kafka_bootstrap") if kind == "kafka" else database_url
    async with AsyncExitStack() as stack:
        world = World(kind, address, stack)
        bus = await world.bus()

        async def opened() -> Outbox:
            box = Outbox(world, bus, engine, database_url)
            await box.open()
            return box

        yield opened


@pytest.fixture
async def box(open_box: OpenBox) -> Outbox:
    return await open_box()
