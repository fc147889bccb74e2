"""Work that waits for a lock that somebody else holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from heedful.alerting import store_cases
from heedful.common.contracts import Actor
from tests.integration.alerting.world import World
from tests.integration.conftest import TENANT

DEADLINE_S = 30


async def blocked(world: World, *tasks: asyncio.Task[Any]) -> None:
    """Until each of the tasks waits for a lock, or has needed none."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            waiting = await world.query(
                "SELECT 1 FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if len(waiting) + sum(task.done() for task in tasks) >= len(tasks):
                return
            await asyncio.sleep(0.005)


@asynccontextmanager
async def merging(
    world: World, case: str, into: str, by: Actor
) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Tasks that are put in the list have found the case as it was, and wait for it."""
    later: list[asyncio.Task[Any]] = []
    async with world.database.begin() as (connection, _):
        await store_cases.lock_cases(connection, [case])
        merge = asyncio.create_task(world.actions.merge(TENANT, case, into, by))
        await blocked(world, merge)
        yield later
        await blocked(world, merge, *later)
    await asyncio.gather(merge, *later)
