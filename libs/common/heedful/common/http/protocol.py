"""HTTP/1.1 with bounds on the head of a request: how long, and how slow.

uvicorn's httptools protocol reads headers without end and waits for them without end, and a key is
looked for in headers: without this anybody could fill the memory, or hold every connection.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TOO_LARGE = b"431 Request Header Fields Too Large"
_TOO_SLOW = b"408 Request Timeout"


class BoundedProtocol(HttpToolsProtocol):
    """The protocol of one connection; `bounded` makes the class with its limits."""

    max_head_bytes: ClassVar[int]
    head_timeout_seconds: ClassVar[float]

    _head_bytes = 0
    _in_head = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def close_after_answer(self) -> None:
        """The answer under way, if any, is the last of this connection, and says so."""
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.max_head_bytes:
                self._refuse(_TOO_LARGE)
        elif self.cycle is None or self.cycle.response_complete:
            # It has sent something that no answer waits for, which ends uvicorn's own waiting.
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._await_head()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._forget_deadline()
        super().on_headers_complete()

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(
                self.head_timeout_seconds, self._refuse, _TOO_SLOW
            )

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: bytes) -> None:
        """No route has seen it, so there is nobody to tell more."""
        self._forget_deadline()
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            self.transport.close()


def bounded(max_head_bytes: int, head_timeout_seconds: float) -> type[BoundedProtocol]:
    """The protocol with these bounds, for `uvicorn.Config(http=…)`.

    Args:
        max_head_bytes: of request line and headers; what comes in one piece with the last of them
            is not counted.
        head_timeout_seconds: from the opening of a connection, or from the first byte of a later
            request, to the end of the headers.
    """
    return type(
        "Bounded",
        (BoundedProtocol,),
        {"max_head_bytes": max_head_bytes, "head_timeout_seconds": head_timeout_seconds},
    )
