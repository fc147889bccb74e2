"""The proxy does to bytes what the faults rely on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.toxic import Address, Proxy

PATIENCE_S = 20
SILENT_S = 0.2


@asynccontextmanager
async def echo(path: Path) -> AsyncIterator[Path]:
    """A server that answers every line with itself."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(line)
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    try:
        yield path
    finally:
        server.close()


@pytest.fixture(params=["tcp", "unix"])
def listen(request: pytest.FixtureRequest, tmp_path: Path, unused_tcp_port: int) -> Address:
    return ("127.0.0.1", unused_tcp_port) if request.param == "tcp" else tmp_path / "proxy"


@pytest.fixture
async def proxy(listen: Address, tmp_path: Path) -> AsyncIterator[Proxy]:
    async with echo(tmp_path / "server") as target:
        proxy = Proxy(listen, target)
        await proxy.start()
        yield proxy
        await proxy.stop()


async def connect(listen: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(listen, Path):
        return await asyncio.open_unix_connection(listen)
    return await asyncio.open_connection(*listen)


async def line(reader: asyncio.StreamReader, seconds: float = PATIENCE_S) -> bytes:
    async with asyncio.timeout(seconds):
        return await reader.readline()


async def test_silence_holds_bytes_and_healing_lets_them_go_on(
    proxy: Proxy, listen: Address
) -> None:
    reader, writer = await connect(listen)
    writer.write(b"before\n")
    assert await line(reader) == b"before\n"
    proxy.silence()
    writer.write(b"held\n")
    late_reader, late_writer = await connect(listen)
    late_writer.write(b"late\n")
    for silent in (reader, late_reader):
        with pytest.raises(TimeoutError):
            await line(silent, SILENT_S)
    proxy.heal()
    assert await line(reader) == b"held\n"
    assert await line(late_reader) == b"late\n"
    writer.close()
    late_writer.close()


async def test_a_drop_ends_connections_and_loses_what_was_held(
    proxy: Proxy, listen: Address
) -> None:
    reader, writer = await connect(listen)
    writer.write(b"before\n")
    await line(reader)
    proxy.silence()
    writer.write(b"held\n")
    proxy.drop()
    proxy.heal()
    with suppress(ConnectionError):
        assert await line(reader) == b""
    writer.close()
    again, more = await connect(listen)
    more.write(b"again\n")
    assert await line(again) == b"again\n"
    more.close()


async def test_a_refusal_takes_no_connection_until_it_ends(proxy: Proxy, listen: Address) -> None:
    reader, writer = await connect(listen)
    writer.write(b"before\n")
    await line(reader)
    await proxy.refuse()
    with suppress(ConnectionError):
        assert await line(reader) == b""
    writer.close()
    with pytest.raises((ConnectionError, FileNotFoundError)):
        await connect(listen)
    await proxy.start()
    again, more = await connect(listen)
    more.write(b"again\n")
    assert await line(again) == b"again\n"
    more.close()


async def test_a_server_that_is_away_looks_like_a_closed_connection(
    listen: Address, tmp_path: Path
) -> None:
    proxy = Proxy(listen, tmp_path / "nobody")
    await proxy.start()
    reader, writer = await connect(listen)
    with suppress(ConnectionError):
        assert await line(reader) == b""
    writer.close()
    await proxy.stop()
