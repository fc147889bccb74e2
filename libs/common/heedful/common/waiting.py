"""Waiting for an event, but not for ever."""

import asyncio


async def came(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within so many seconds.

    Unlike `asyncio.wait_for` before Python 3.12, this never swallows a cancellation that comes in
    the same moment as the event (python/cpython#81839).
    """
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
