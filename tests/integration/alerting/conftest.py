"""Fixtures of alerting's integration tests."""

import pytest

from heedful.alerting.main import MIGRATIONS
from heedful.common.db import migrate
from heedful.common.service import Platform
from tests.integration.alerting.world import World


@pytest.fixture
async def world(platform: Platform) -> World:
    """Alerting on this test's database."""
    await migrate(platform.engine, [MIGRATIONS])
    return World(platform)
