"""Waiting for what waits for a lock."""

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

DEADLINE_S = 30
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def blocked(engine: AsyncEngine, *tasks: asyncio.Task[Any]) -> None:
    """Until each of the tasks waits for a lock of another one, or has needed none."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            async with engine.connect() as connection:
                waiting = (await connection.execute(_WAITING)).scalar_one()
            if waiting + sum(task.done() for task in tasks) >= len(tasks):
                return
            await asyncio.sleep(0.005)
