"""One keep-alive connection of HTTP/1.1, as light as it can be: the generator shares cores with
what it measures."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import cast
from urllib.parse import urlsplit

import httptools


class Lost(IntEnum):
    """Instead of a status: why there is no answer."""

    CLOSED = 0
    REFUSED = -1
    TIMEOUT = -2


OnAnswer = Callable[["Connection", int, bytes], None]
"""Given the status, or one of `Lost`, and the body."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go."""

    host: str
    port: int
    path: str = ""
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str) -> "Target":
        """
        Raises:
            ValueError: not an http or https URL with a host.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not a URL like http://127.0.0.1:8080")
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        return cls(parts.hostname, parts.port or (443 if tls else 80), parts.path.rstrip("/"), tls)

    def request(
        self, path: str, body: bytes, headers: Mapping[str, str], media: str = "application/json"
    ) -> bytes:
        """The bytes of one POST."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [
            f"POST {self.path}{path} HTTP/1.1",
            f"Host: {host}:{self.port}",
            f"Content-Type: {media}",
            *(f"{name}: {value}" for name, value in headers.items()),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def connect(self, on_answer: OnAnswer) -> "Connection":
        """
        Raises:
            OSError: nobody accepts; TLS errors are of its kind.
        """
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(on_answer), self.host, self.port, ssl=self.tls
        )
        return connection


class Connection(asyncio.Protocol):
    """At most one request is under way.

    Args:
        on_answer: called once for each request.
    """

    def __init__(self, on_answer: OnAnswer) -> None:
        self._on_answer = on_answer
        self._waiting = False
        self._keep = True
        self._begin()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return self._keep and not self._transport.is_closing()

    def send(self, request: bytes) -> None:
        self._waiting = True
        self._transport.write(request)

    def give_up(self) -> None:
        """No answer in time."""
        self._answered(Lost.TIMEOUT)
        self.close()

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            # What is said is not HTTP: there is no answer to be had here.
            self._keep = False
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set_result(None)
        self._answered(Lost.CLOSED)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._keep = self._parser.should_keep_alive()
        body = b"".join(self._body)
        self._begin()
        # Not from inside the parser's own call: the next request may go out at once.
        asyncio.get_running_loop().call_soon(self._answered, status, body)

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []

    def _answered(self, status: int, body: bytes = b"") -> None:
        if self._waiting:
            self._waiting = False
            self._on_answer(self, status, body)
