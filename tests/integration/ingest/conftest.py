"""Ingest as its callers see it: HTTP in front, the embedded log behind."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import pytest

from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.ingest.main import MIGRATIONS
from tests.integration.ingest.world import Ingest, running

Start = Callable[..., Awaitable[Ingest]]


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (MIGRATIONS,)


@pytest.fixture
async def start(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Starts ingest with settings of its own, e.g. `await start(MAX_BATCH_ITEMS=3)`."""
    async with AsyncExitStack() as stack:

        async def started(given: Platform = platform, **settings: int) -> Ingest:
            for name, value in settings.items():
                monkeypatch.setenv(f"HEEDFUL_INGEST__{name}", str(value))
            return await stack.enter_async_context(running(given))

        yield started


@pytest.fixture
async def ingest(start: Start) -> Ingest:
    """Ingest with the default settings."""
    return await start()
