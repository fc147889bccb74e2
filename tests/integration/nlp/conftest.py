"""nlp as others see it: topics in and out, HTTP beside."""

from collections.abc import AsyncIterator, Sequence

import pytest

from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.nlp.main import MIGRATIONS
from tests.integration.nlp.world import Nlp, running


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return [MIGRATIONS]


@pytest.fixture
async def nlp(platform: Platform) -> AsyncIterator[Nlp]:
    async with running(platform) as started:
        yield started
