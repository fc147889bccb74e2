"""A proxy between a client and its server that can fall silent, delay, drop and refuse.

It listens on a TCP port or on a Unix socket and forwards to another; one proxy per client, so
that one client can lose the network while its neighbours keep it.
"""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = tuple[str, int] | Path
"""Host and port, or the path of a Unix socket."""

_CHUNK = 65536


class Proxy:
    """Forwards bytes both ways until it is told otherwise.

    Args:
        listen: where clients connect; the server's advertised address.
        target: the server itself; asked anew for every connection.
    """

    def __init__(self, listen: Address, target: Address) -> None:
        self._listen = listen
        self._target = target
        self._server: asyncio.Server | None = None
        self._place: socket.socket | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._delay_s = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        if self._server is None:
            self._server = await self._open()

    async def stop(self) -> None:
        await self.refuse()
        if self._place is not None:
            self._place.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def silence(self) -> None:
        """Hold every byte, also of new connections; nobody is told."""
        self._flowing.clear()

    def heal(self) -> None:
        """Let what was held go on to where it was going, late; no delay any more."""
        self._delay_s = 0.0
        self._flowing.set()

    def delay(self, seconds: float) -> None:
        """Let every chunk of bytes wait for so long, each way."""
        self._delay_s = seconds

    def drop(self) -> None:
        """End every connection; bytes that were held are gone."""
        for writer in self._writers:
            writer.transport.abort()

    async def refuse(self) -> None:
        """Drop every connection and take none until `start`."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.drop()

    async def _open(self) -> asyncio.Server:
        if isinstance(self._listen, Path):
            self._listen.unlink(missing_ok=True)
            return await asyncio.start_unix_server(self._accept, self._listen)
        if self._place is None:
            self._place = _held(self._listen)
        return await asyncio.start_server(self._accept, *self._listen, reuse_port=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        self._writers.add(writer)
        try:
            await self._flowing.wait()
            far_reader, far_writer = await self._connect()
            writers.append(far_writer)
            self._writers.add(far_writer)
            ways = [
                asyncio.create_task(self._forward(reader, far_writer)),
                asyncio.create_task(self._forward(far_reader, writer)),
            ]
            try:
                # Neither protocol closes one way only: the end of one is the end of both.
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            pass  # the server is away: to the client it is the same
        finally:
            for each in writers:
                each.transport.abort()
                self._writers.discard(each)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection(*self._target)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                await self._flowing.wait()
                writer.write(chunk)
                await writer.drain()


def _held(address: tuple[str, int]) -> socket.socket:
    """A socket that does not listen: while the proxy refuses, nobody else is given its port."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(address)
    return place
