"""Journey as its callers see it: the consumer's handler behind, HTTP in front."""

from collections.abc import AsyncIterator

import pytest

from heedful.common.service import Platform
from tests.integration.journey.world import Journey, running


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(platform) as started:
        yield started
