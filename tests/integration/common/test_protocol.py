"""The head of a request on a real connection: how long it may be, and how slow."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from heedful.common.http.protocol import bounded

PATIENCE_S = 60.0
LIMIT = 10_000
HEAD = b"POST / HTTP/1.1\r\nhost: a\r\n"
WHOLE = HEAD + b"content-length: 2\r\n\r\nok"


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Line:
    """A connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, *parts: bytes) -> bytes:
        """Send parts; the status line of what comes back."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
        return (await self.reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]

    async def closed(self) -> bool:
        return await self.reader.read() == b""


async def serving(head_timeout_seconds: float) -> AsyncIterator[Line]:
    config = uvicorn.Config(
        echo,
        http=bounded(LIMIT, head_timeout_seconds),
        lifespan="off",
        log_config=None,
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve([listener]))
    line = Line(*await asyncio.open_connection(*listener.getsockname()))
    yield line
    line.writer.close()
    server.should_exit = True
    await running


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """To a server that has patience."""
    async for one in serving(PATIENCE_S):
        yield one


@pytest.fixture
async def hurried() -> AsyncIterator[Line]:
    """To a server that has none."""
    async for one in serving(0.05):
        yield one


async def test_requests_follow_each_other_on_one_connection(line: Line) -> None:
    for _ in range(3):
        assert await line.ask(HEAD, b"content-length: 2\r\n\r\n", b"ok") == b"HTTP/1.1 200 OK"
        assert await line.reader.readexactly(2) == b"ok"


async def test_a_head_that_is_too_long_is_431(line: Line) -> None:
    header = b"x: " + b"a" * 1000 + b"\r\n"
    answer = await line.ask(HEAD, *([header] * 12))
    assert answer == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert await line.closed()


async def test_a_long_url_is_a_long_head(line: Line) -> None:
    answer = await line.ask(b"GET /" + b"a" * 2000, *([b"a" * 2000] * 5))
    assert answer.startswith(b"HTTP/1.1 431")


async def test_a_body_is_not_counted(line: Line) -> None:
    size = 20 * LIMIT
    head = HEAD + f"content-length: {size}\r\n\r\n".encode()
    assert await line.ask(head, *([b"a" * LIMIT] * 20)) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("begun", [b"", HEAD, b"POST", b"\r\n"])
async def test_a_head_that_does_not_come_is_408(hurried: Line, begun: bytes) -> None:
    assert await hurried.ask(begun) == b"HTTP/1.1 408 Request Timeout"
    assert await hurried.closed()


@pytest.mark.parametrize("begun", [HEAD, b"\r\n"])
async def test_so_is_that_of_a_later_request(hurried: Line, begun: bytes) -> None:
    assert await hurried.ask(WHOLE) == b"HTTP/1.1 200 OK"
    assert await hurried.reader.readexactly(2) == b"ok"
    assert await hurried.ask(begun) == b"HTTP/1.1 408 Request Timeout"
    assert await hurried.closed()


async def test_what_is_no_http_is_400(line: Line) -> None:
    assert await line.ask(b"hello\r\n\r\n") == b"HTTP/1.1 400 Bad Request"
