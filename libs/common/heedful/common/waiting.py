"""Waiting for an event, but not for ever; and how long before another try."""

import asyncio
import random

_MAX_DOUBLINGS = 30
"""An outage may last longer than powers of two fit a number."""


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


def backoff(attempt: int, first: float, longest: float) -> float:
    """Seconds before the next try: doubling, with jitter between half and all of it, so that those
    who failed together do not come back in step.

    Args:
        attempt: tries that have failed, from 1.
    """
    ceiling: float = min(longest, first * 2 ** min(attempt - 1, _MAX_DOUBLINGS))
    return ceiling * random.uniform(0.5, 1)  # noqa: S311  # not for secrets
