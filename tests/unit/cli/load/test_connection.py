"""One connection: what a server may send, and what becomes of the request then."""

import asyncio
from collections.abc import Callable

import pytest

from heedful.cli.load.connection import Connection, Lost, Target

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


async def asked(answer: bytes, requests: int = 1) -> list[tuple[int, bytes, bool]]:
    """Status, body and whether the connection may be used again, for each request."""
    found: list[tuple[int, bytes, bool]] = []
    came = asyncio.Event()

    def on_answer(connection: Connection, status: int, body: bytes) -> None:
        found.append((status, body, connection.usable))
        came.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(requests):
            await reader.readuntil(b"\r\n\r\n{}")
            # In pieces, as networks do.
            for start in range(0, len(answer), 7):
                writer.write(answer[start : start + 7])
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        target = Target.of(f"http://127.0.0.1:{port}/")
        connection = await target.connect(on_answer)
        for _ in range(requests):
            came.clear()
            connection.send(target.request("/v1/feedback", b"{}", {"X-API-Key": "k"}))
            await came.wait()
        connection.close()
        await connection.closed
    return found


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok", (202, b"ok", True)),
        (
            b"HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            (503, b"", False),
        ),
        (b"", (Lost.CLOSED, b"", False)),
        (b"SSH-2.0-OpenSSH\r\n", (Lost.CLOSED, b"", False)),
    ],
)
async def test_an_answer_or_why_there_is_none(
    answer: bytes, expected: tuple[int, bytes, bool]
) -> None:
    assert await asked(answer) == [expected]


async def test_a_connection_is_used_again() -> None:
    answer = b"HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert [one[:2] for one in await asked(answer, 3)] == [(202, b"ok")] * 3


def test_a_url_has_a_scheme_a_host_and_perhaps_a_path() -> None:
    target = Target.of("http://[::1]:8080/heedful/")
    assert (target.host, target.port, target.path) == ("::1", 8080, "/heedful")
    assert target.request("/v1/feedback", b"{}", {}).startswith(
        b"POST /heedful/v1/feedback HTTP/1.1\r\nHost: [::1]:8080\r\n"
    )
    assert Target.of("https://heedful.example").port == 443
    with pytest.raises(ValueError, match="is not a URL like"):
        Target.of("ftp://heedful.example")
