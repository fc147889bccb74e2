"""Fixtures of alerting's integration tests."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from heedful.alerting.deliveries import DeliveryLoop
from heedful.alerting.main import MIGRATIONS
from heedful.common.db import Migrations
from heedful.common.service import Platform
from tests.integration.alerting.robots import Robot, answering
from tests.integration.alerting.world import Make, World


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (MIGRATIONS,)


@pytest.fixture
def world(platform: Platform) -> World:
    """Alerting on this test's database."""
    return World(platform)


@pytest.fixture
async def make(world: World) -> AsyncIterator[Make]:
    """Makes delivery loops and stops them at the end."""
    made: list[DeliveryLoop] = []

    def build(worker: str = "sender-1", **changes: Any) -> DeliveryLoop:
        made.append(world.delivery_loop(worker, **changes))
        return made[-1]

    yield build
    for loop in made:
        await loop.stop()


@pytest.fixture
async def robot() -> AsyncIterator[Robot]:
    """A server that stands for a vendor's."""
    async with answering() as running:
        yield running
