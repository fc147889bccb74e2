"""A platform on a real PostgreSQL; the server and the databases are of tests/conftest.py."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

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
