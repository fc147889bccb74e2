"""The HTTP server of a process, and how it lets its callers go."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Final

import uvicorn

from heedful.common.http.protocol import BoundedProtocol

_CLOSE: Final = (b"connection", b"close")
_LOOK_EVERY_S: Final = 0.05


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: whoever runs it decides the order of
    shutdown.

    Args:
        linger_s: how long requests are taken when it has begun to stop.
        leaving: set then.
    """

    def __init__(self, config: uvicorn.Config, linger_s: float, leaving: asyncio.Event) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._linger_s = linger_s
        self._leaving = leaving

    async def linger(self) -> None:
        """Let callers go. A connection that is closed while it rests may carry a request already,
        which its caller then loses (RFC 9112 §9.5); one whose last answer says that it closes
        carries none."""
        self._leaving.set()
        self.config.encoded_headers.append(_CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        for one in self.server_state.connections:
            if isinstance(one, BoundedProtocol):
                one.close_after_answer()
        until = time.monotonic() + self._linger_s
        while self.server_state.connections and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY_S)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
