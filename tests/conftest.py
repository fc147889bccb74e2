"""What every test shares: a clean environment, one hypothesis profile, and real servers.

One PostgreSQL and one Kafka per session, each started when the first test asks for it.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from sqlalchemy import make_url

from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.settings import PREFIX, Settings
from tests.kafka_broker import running_broker

# A test's database is thrown away, so nothing has to survive a power cut.
_FAST = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)

# Machines that run the tests differ in speed; a time limit per example would only make noise.
settings.register_profile(
    "heedful", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("heedful")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the shell that starts the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server, on a unix socket; the URL is of its database `postgres`.

    Not in pytest's own folder: a second run beside this one takes the rights to it away, and the
    server's user is shut out.
    """
    with (
        tempfile.TemporaryDirectory(prefix="heedful-postgres-") as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        asyncio.run(_execute(url, *_FAST))
        yield url


@pytest.fixture
async def database_url(postgres_url: str) -> AsyncIterator[str]:
    """An empty database of this test's own, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    await _execute(postgres_url, f'CREATE DATABASE "{name}"')
    yield _named(postgres_url, name)
    await _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def empty_log(postgres_url: str) -> Iterator[str]:
    """Name of a database with the embedded log's schema and nothing in it; a template."""
    name = f"log_{uuid.uuid4().hex}"
    asyncio.run(_make_log(postgres_url, name))
    yield name
    asyncio.run(_execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def log_url(postgres_url: str, empty_log: str) -> AsyncIterator[str]:
    """An embedded log of this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    await _execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{empty_log}"')
    yield _named(postgres_url, name)
    await _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Bootstrap servers of the session's broker; tests share it, so their names are unique."""
    with running_broker() as bootstrap:
        yield bootstrap


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _make_log(postgres_url: str, name: str) -> None:
    await _execute(postgres_url, f'CREATE DATABASE "{name}"')
    url = SecretStr(_named(postgres_url, name))
    engine = create_engine(Settings(database_url=url), "test")
    await migrate(engine, [COMMON])
    await engine.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
