"""Waiting for what must come true."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE_S = 45.0
_EVERY_S = 0.01


async def until(condition: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    """Wait until it holds; the deadline only keeps a broken build from hanging."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        held = condition()
        if not isinstance(held, bool):
            held = await held
        if held:
            return
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(_EVERY_S)
