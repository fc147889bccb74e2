"""A merge, and what comes while it is under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from heedful.alerting import store_cases
from heedful.alerting.actions import Seen
from heedful.common.contracts import Actor
from tests.integration.alerting.world import World
from tests.integration.conftest import TENANT
from tests.integration.locks import blocked


@asynccontextmanager
async def merging(
    world: World, case: str, into: str, by: Actor
) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Tasks that are put in the list have found the case as it was, and wait for it."""
    later: list[asyncio.Task[Any]] = []
    async with world.database.begin() as (connection, _):
        await store_cases.lock_cases(connection, [case])
        merge = asyncio.create_task(world.actions.merge(Seen(TENANT, case), into, by))
        await blocked(world.platform.engine, merge)
        yield later
        await blocked(world.platform.engine, merge, *later)
    await asyncio.gather(merge, *later)
