"""Members of groups in processes of their own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.contract.bus.world import World
from tests.patience import PATIENCE_S


@asynccontextmanager
async def other_process(
    world: World, group: str, topic: str, *commit: int
) -> AsyncIterator["asyncio.subprocess.Process"]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.contract.bus.member",
        world.kind, world.address, group, topic, *map(str, commit),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def told(process: "asyncio.subprocess.Process", about: str, count: int = 1) -> list[Any]:
    """What the process tells about one thing, so many times."""
    assert process.stdout is not None
    found: list[Any] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(found) < count:
            facts = json.loads(await process.stdout.readline())
            if about in facts:
                found.append(facts[about])
    return found
