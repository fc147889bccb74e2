"""Work that waits for a lock that somebody else holds."""

import asyncio
from typing import Any

from tests.integration.alerting.world import World

DEADLINE_S = 30


async def blocked(world: World, task: asyncio.Task[Any]) -> None:
    """Until the task waits for a lock, or has needed none."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            waiting = await world.query(
                "SELECT 1 FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if waiting or task.done():
                return
            await asyncio.sleep(0.005)
