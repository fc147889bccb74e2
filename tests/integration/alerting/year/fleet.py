"""The replicas of a year: kept running, and killed when the driver says so."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import asyncpg

from tests.integration.alerting.year.reading import Connection
from tests.integration.alerting.year.wire import (
    FRAME,
    PID,
    Done,
    Failed,
    Finished,
    Job,
    Wiring,
    framed,
    received,
)
from tests.patience import until

ROOT: Final = Path(__file__).resolve().parents[4]
_NURSERY: Final = "tests.integration.alerting.year.nursery"
_END_S: Final = 30.0
_TAIL: Final = 2_000
_JOB_S: Final = 600.0


class ReplicaFailed(Exception):
    """A replica could not do what nobody had killed it over."""


class Replica:
    """A process. `killed` since somebody killed it."""

    def __init__(
        self, name: str, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.name = name
        self.killed = False
        self._pid, self._reader, self._writer = pid, reader, writer

    def kill(self) -> None:
        """SIGKILL: nothing is finished."""
        self.killed = True
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    async def do(self, job: Job | Wiring, heard: Callable[[Finished], None]) -> bool:
        """Whether it was done; not, if it was killed meanwhile.

        Raises:
            ReplicaFailed: nobody killed it.
        """
        try:
            async with asyncio.timeout(_JOB_S):
                self._writer.write(framed(job))
                await self._writer.drain()
                while not isinstance(report := await received(self._reader), Done):
                    if isinstance(report, Failed):
                        raise ReplicaFailed(f"{self.name}: {report.said}")
                    heard(report)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if not self.killed:
                raise ReplicaFailed(f"{self.name} ended by itself") from error
            return False
        return True

    def part(self) -> None:
        """Nothing more is said to it, and so it ends."""
        self._writer.close()


class Fleet:
    """So many replicas; one that was killed is replaced at once.

    Args:
        url: of the database, where it is seen whether a killed one's transactions have ended.
        log: takes what replicas write on standard error.
    """

    def __init__(self, size: int, url: str, environment: Mapping[str, str], log: Path) -> None:
        self._size, self._url, self._environment, self._log = size, url, environment, log
        self._nursery: asyncio.subprocess.Process | None = None
        self._orders: socket.socket | None = None
        self.alive: list[Replica] = []
        self.started = 0

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with self._log.open("ab") as output, theirs:
            self._nursery = await asyncio.create_subprocess_exec(
                sys.executable, "-m", _NURSERY, str(theirs.fileno()),
                pass_fds=[theirs.fileno()], stderr=output, cwd=ROOT,
            )  # fmt: skip
        self._orders = ours
        for _ in range(self._size):
            await self._add()

    async def bury(self, dead: Replica) -> None:
        """It was killed: wait until nothing of it is under way, and start another."""
        dead.part()
        self.alive.remove(dead)
        await self._nothing_under_way(dead.name)
        await self._add()

    async def stop(self) -> None:
        for replica in self.alive:
            replica.part()
        if self._orders is not None:
            self._orders.close()
        if self._nursery is not None:
            await asyncio.wait_for(self._nursery.wait(), _END_S)

    async def _add(self) -> None:
        self.started += 1
        name = f"replica-{self.started}"
        ours, theirs = socket.socketpair()
        with theirs:
            pid = await asyncio.to_thread(self._order, theirs)
        reader, writer = await asyncio.open_connection(sock=ours, limit=FRAME)
        replica = Replica(name, pid, reader, writer)
        await replica.do(Wiring(name, self._environment), lambda _: None)
        self.alive.append(replica)

    def _order(self, theirs: socket.socket) -> int:
        assert self._orders is not None
        try:
            socket.send_fds(self._orders, [b"r"], [theirs.fileno()])
            answer = self._orders.recv(PID.size, socket.MSG_WAITALL)
        except ConnectionError:
            answer = b""
        if len(answer) < PID.size:
            raise ReplicaFailed(f"the nursery has ended:\n{self._log.read_text()[-_TAIL:]}")
        return int(PID.unpack(answer)[0])

    async def _nothing_under_way(self, name: str) -> None:
        """A server goes on with the statement of a client that has died, a commit even."""
        connection = await asyncpg.connect(self._url)
        try:
            await until(partial(_gone, connection, name))
        finally:
            await connection.close()


async def _gone(connection: Connection, name: str) -> bool:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"
    return bool(await connection.fetchval(sql, name) == 0)
