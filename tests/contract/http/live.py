"""The all-in-one app on a port of its own, in a thread beside the test."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import uvicorn
import uvloop
from pydantic import SecretStr

from heedful.common.serve import build_app, platform
from heedful.common.settings import Settings
from tests.databases import Databases
from tests.integration.conftest import API_KEY, SECRET_KEYS, TENANT
from tests.integration.tenancy.world import consuming, started

START_S = 60.0


class Live:
    """A running app. What ends it too early is raised at the end."""

    def __init__(self, databases: Databases, template: str, folder: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._databases = databases
        self._template = template
        self._folder = folder
        self._changed = threading.Event()
        self._server: uvicorn.Server | None = None
        self._loop = uvloop.new_event_loop()
        self._settled = asyncio.Event()

    def settle(self) -> None:
        """Handle no more events: what comes in from now on stays in the log."""
        self._loop.call_soon_threadsafe(self._settled.set)

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()
        return f"http://{host}:{port}"

    @contextmanager
    def running(self) -> Iterator["Live"]:
        """From its first answer on."""
        with self._listener, ThreadPoolExecutor(1) as thread:
            done = thread.submit(self._loop.run_until_complete, self._run())
            done.add_done_callback(lambda _: self._changed.set())
            try:
                assert self._changed.wait(START_S), "the app did not start"
                if not done.done():
                    yield self
            finally:
                if self._server is not None:
                    self._server.should_exit = True
                self.settle()
                done.result()
                self._loop.close()

    async def _run(self) -> None:
        async with self._databases.own(self._template) as url:
            settings = Settings(
                database_url=SecretStr(url),
                data_dir=self._folder,
                api_keys=(SecretStr(f"{TENANT}:{API_KEY}:*"),),
                secret_keys=(SecretStr(SECRET_KEYS),),
            )
            given = platform(settings, "contract", "http://127.0.0.1:8080")
            await given.bus.start()
            try:
                async with started(given) as services:
                    app = build_app(given, services, [], "heedful")
                    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
                    self._server = _Announcing(config, self._changed)
                    served = asyncio.create_task(self._server.serve(sockets=[self._listener]))
                    async with consuming(given, services):
                        await self._settled.wait()
                    await served
            finally:
                await given.bus.stop()
                await given.quota.close()
                await given.engine.dispose()


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started.set()
