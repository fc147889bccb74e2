"""Journey as its callers see it: the consumer's handler behind, HTTP in front."""

from collections.abc import AsyncIterator, Sequence

import pytest

from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.journey.main import MIGRATIONS
from tests.integration.journey.world import Journey, running


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (MIGRATIONS,)


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(platform) as started:
        yield started
