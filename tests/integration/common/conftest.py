"""The small service in front of a test's own database."""

from collections.abc import AsyncIterator

import httpx
import pytest

from heedful.common.service import Platform
from tests.integration.common.world import Shop, client_of


@pytest.fixture
def shop(platform: Platform) -> Shop:
    return Shop(platform)


@pytest.fixture
async def client(platform: Platform, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(platform, [shop.service()]) as made:
        yield made
