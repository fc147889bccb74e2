"""A real PostgreSQL for the integration tests: one server per session, one database per test."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.postgres import embedded_postgres
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.http.auth import Authenticator
from heedful.common.security import ApiKeys, SecretBox
from heedful.common.service import Platform
from heedful.common.settings import Settings
from heedful.common.topics import TOPICS

TENANT = "acme"
API_KEY = "test-key"
OTHER_TENANT = "other"
OTHER_API_KEY = "other-key"
SECRET_KEYS = "test:" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

# A test's database is thrown away, so nothing has to survive a power cut.
_FAST = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server, on a unix socket; the URL is of its database `postgres`."""
    with embedded_postgres(tmp_path_factory.mktemp("server")) as url:
        asyncio.run(_execute(url, *_FAST))
        yield url


@pytest.fixture
async def database_url(postgres_url: str) -> AsyncIterator[str]:
    """An empty database of this test's own, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    await _execute(postgres_url, f'CREATE DATABASE "{name}"')
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    await _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Shared settings on this test's database; two tenants with one key each."""
    return Settings(
        database_url=SecretStr(database_url),
        data_dir=tmp_path / "data",
        api_keys=(
            SecretStr(f"{TENANT}:{API_KEY}:*"),
            SecretStr(f"{OTHER_TENANT}:{OTHER_API_KEY}:*"),
        ),
        secret_keys=(SecretStr(SECRET_KEYS),),
    )


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine on this test's database, which is empty."""
    made = create_engine(settings, "heedful-test")
    yield made
    await made.dispose()


@pytest.fixture
async def platform(
    settings: Settings, engine: AsyncEngine, database_url: str
) -> AsyncIterator[Platform]:
    """A platform on the embedded bus: common schema migrated, bus started, topics created."""
    await migrate(engine, [COMMON])
    bus = EmbeddedBus(database_url, "heedful-test")
    await bus.start()
    await bus.create_topics(TOPICS)
    yield Platform(
        settings=settings,
        engine=engine,
        bus=bus,
        secrets=SecretBox.open_or_create(settings.secret_keys, settings.data_dir),
        auth=Authenticator(ApiKeys(settings.api_keys, engine)),
    )
    await bus.stop()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
