"""nlp as others see it: topics in and out, HTTP beside."""

from collections.abc import AsyncIterator

import pytest

from heedful.common.service import Platform
from tests.integration.nlp.world import Nlp, running


@pytest.fixture
async def nlp(platform: Platform) -> AsyncIterator[Nlp]:
    async with running(platform) as started:
        yield started
