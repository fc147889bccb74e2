"""A balancer as a Kubernetes Service is: by connection, not by request.

A member that says on /readyz that it is not ready gets no new connection; those that it has stay.
Who is refused by a member is sent to the next one, as a client's own retry of a connect would.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_PROBE_EVERY_S = 0.2
_PROBE_TIMEOUT_S = 5.0
_CHUNK = 65_536
_PROBE = b"GET /readyz HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"


@dataclass
class Member:
    """One server behind the balancer.

    Attributes:
        leaving: taken out of the Service, as a pod is that has been told to go.
        taken: connections that it got.
        cut: connections that ended because it ended them.
    """

    port: int
    ready: bool = False
    leaving: bool = False
    taken: int = 0
    cut: int = 0


@dataclass
class Balancer:
    members: list[Member]
    port: int = 0
    _turn: int = field(default=0, repr=False)

    async def run(self, listening: threading.Event, over: asyncio.Event) -> None:
        probes = [asyncio.create_task(_probe(member)) for member in self.members]
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await over.wait()
        server.close()
        for probe in probes:
            probe.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = await self._connected()
        if found is None:
            writer.transport.abort()
            return
        member, (from_member, to_member) = found
        member.taken += 1
        there = asyncio.create_task(_copy(reader, to_member))
        back = asyncio.create_task(_copy(from_member, writer))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        if back.done() and not there.done():
            member.cut += 1
        for task in (there, back):
            task.cancel()
        for one in (writer, to_member):
            one.close()

    async def _connected(
        self,
    ) -> tuple[Member, tuple[asyncio.StreamReader, asyncio.StreamWriter]] | None:
        able = [one for one in self.members if one.ready and not one.leaving]
        self._turn += 1
        for number in range(len(able)):
            member = able[(self._turn + number) % len(able)]
            with contextlib.suppress(OSError):
                return member, await asyncio.open_connection("127.0.0.1", member.port)
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()


async def _probe(member: Member) -> None:
    while True:
        member.ready = await _is_ready(member.port)
        await asyncio.sleep(_PROBE_EVERY_S)


async def _is_ready(port: int) -> bool:
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(_PROBE)
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except OSError:
        return False


@contextlib.contextmanager
def balanced(ports: list[int]) -> Iterator[Balancer]:
    """A balancer in front of these ports, in a thread of its own."""
    balancer = Balancer([Member(port) for port in ports])
    listening = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(balancer.run(listening, over)), daemon=True
    )
    thread.start()
    try:
        assert listening.wait(10)
        yield balancer
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
