"""What is sent to a page: server-sent events (HTML Living Standard §9.2)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import orjson

from heedful.console.live.listener import Listener

HEARTBEAT: Final = timedelta(seconds=15)
_RETRY_MS: Final = 3000


async def events(
    listener: Listener, holds: Callable[[], Awaitable[bool]], now: Callable[[], datetime]
) -> AsyncIterator[bytes]:
    """`changed` with `[[case, sequence], …]` when something happened (empty: anything may have),
    a comment when nothing did; until the listener ends or the session does.

    Args:
        holds: whether the session of who looks on still does; asked every 15 s.
    """
    yield f"retry: {_RETRY_MS}\n\n".encode()
    looked = now()
    while True:
        cases = await listener.next(HEARTBEAT.total_seconds())
        if listener.ended:
            return
        if cases is None or now() - looked >= HEARTBEAT:
            if not await holds():
                return
            looked = now()
        if cases is None:
            yield b": still here\n\n"
        else:
            yield b"event: changed\ndata: " + orjson.dumps(list(cases.items())) + b"\n\n"
