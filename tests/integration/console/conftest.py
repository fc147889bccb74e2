"""Fixtures of the console's integration tests."""

from collections.abc import AsyncIterator, Sequence

import pytest

from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.console.main import MIGRATIONS
from tests.integration.console.world import World, running


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (MIGRATIONS,)


@pytest.fixture
async def console(platform: Platform) -> AsyncIterator[World]:
    """The console before four services that answer what a test says."""
    async with running(platform) as started:
        yield started
