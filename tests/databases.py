"""Databases for tests, copied from migrated templates."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from pydantic import SecretStr
from sqlalchemy import make_url

from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.db import Migrations, create_engine, migrate
from heedful.common.settings import Settings
from heedful.common.topics import Topic

_MEMORY = Path("/dev/shm")  # noqa: S108  # where Linux has it; nothing in it outlives the tests
_ROOM_BYTES = 2 << 30


def fast_folder() -> Path | None:
    """A folder in memory for the server, where a database is copied ten times as fast as on disk.

    None where there is none, or, as in containers with the default of 64 MB, too little of it.
    """
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM_BYTES:
        return None
    return _MEMORY


class Databases:
    """Databases on one server. The server is thrown away with what is left on it.

    Args:
        server_url: of any database there, for a user who may create others.
    """

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._templates: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}

    def template(self, histories: Sequence[Migrations], topics: Sequence[Topic] = ()) -> str:
        """Name of a database to copy: migrated, with these topics in the embedded log.

        Made when it is asked for the first time; not to be called where a loop runs.
        """
        kind = (tuple(one.schema for one in histories), tuple(topic.name for topic in topics))
        if kind not in self._templates:
            self._templates[kind] = asyncio.run(self._make(histories, topics))
        return self._templates[kind]

    @asynccontextmanager
    async def own(self, template: str | None = None) -> AsyncIterator[str]:
        """URL of a database that exists for the length of the block; empty without a template."""
        name = f"test_{uuid.uuid4().hex}"
        # As files: the default writes every page into the WAL, which takes half as long again.
        origin = "" if template is None else f' TEMPLATE "{template}" STRATEGY file_copy'
        await execute(self._server_url, f'CREATE DATABASE "{name}"{origin}')
        yield self._url(name)
        await execute(self._server_url, f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _make(self, histories: Sequence[Migrations], topics: Sequence[Topic]) -> str:
        name = f"template_{uuid.uuid4().hex}"
        await execute(self._server_url, f'CREATE DATABASE "{name}"')
        engine = create_engine(Settings(database_url=SecretStr(self._url(name))), "test")
        await migrate(engine, histories)
        await engine.dispose()
        if topics:
            bus = EmbeddedBus(self._url(name), "test")
            await bus.start()
            await bus.create_topics(topics)
            await bus.stop()
        return name

    def _url(self, name: str) -> str:
        return make_url(self._server_url).set(database=name).render_as_string(hide_password=False)


async def execute(url: str, *statements: str) -> None:
    """Run statements one by one, each in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
