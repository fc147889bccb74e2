"""A platform on a real PostgreSQL; the server is of tests/conftest.py."""

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict, SecretStr, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.db import Migrations, create_engine
from heedful.common.db.migrate import COMMON
from heedful.common.http.auth import Authenticator
from heedful.common.quota.quota import Quota
from heedful.common.quota.store_postgres import PostgresStore
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.secrets import SecretBox
from heedful.common.service import Platform
from heedful.common.settings import Settings
from heedful.common.topics import TOPICS
from heedful.nlp import backend
from heedful.nlp.ruleset import RuleSet
from tests.databases import Databases

TENANT = "acme"
API_KEY = "test-key"
OTHER_TENANT = "other"
OTHER_API_KEY = "other-key"
SECRET_KEYS = "test:" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture(autouse=True, scope="session")
def shipped_once() -> Iterator[None]:
    """What nlp ships never changes, and reading it for each test is half of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RuleSet, "load", cache(RuleSet.load))
        patch.setattr(backend, "load", cache(backend.load))
        yield


@pytest.fixture(autouse=True, scope="session")
def adapters_once() -> Iterator[None]:
    """FastAPI makes a validator for each parameter, body and answer of each app, and each test has
    an app of its own; what is alike is made once. A tenth of the time of these tests."""
    made: dict[object, tuple[object, TypeAdapter[Any]]] = {}

    def adapter(of: Any, *, config: ConfigDict | None = None) -> TypeAdapter[Any]:
        # What it is of stays with it: no other object can come to have its address in a key.
        key = (of.__origin__, repr(of.__metadata__), repr(config))
        if key not in made:
            made[key] = (of, TypeAdapter(of, config=config))
        return made[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fastapi._compat.v2.TypeAdapter", adapter)
        yield


@pytest.fixture
def histories() -> Sequence[Migrations]:
    """What this room's databases have beside the common schema."""
    return ()


@pytest.fixture
def template(databases: Databases, histories: Sequence[Migrations]) -> str:
    return databases.template([COMMON, *histories], TOPICS)


@pytest.fixture
async def database_url(databases: Databases, template: str) -> AsyncIterator[str]:
    """A database of this test's own, migrated, with all topics in its embedded log."""
    async with databases.own(template) as url:
        yield url


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
    """An engine on this test's database."""
    made = create_engine(settings, "heedful-test")
    yield made
    await made.dispose()


@pytest.fixture
async def platform(
    settings: Settings, engine: AsyncEngine, database_url: str
) -> AsyncIterator[Platform]:
    """A platform on the embedded bus, which is started."""
    bus = EmbeddedBus(database_url, "heedful-test")
    await bus.start()
    keys = ApiKeys(settings.api_keys, engine)
    quota = Quota(settings.quota, PostgresStore(engine), keys.tenant_quota)
    yield Platform(
        settings=settings,
        url="http://127.0.0.1:8080",
        engine=engine,
        bus=bus,
        secrets=SecretBox.open_or_create(settings.secret_keys, settings.data_dir),
        auth=Authenticator(keys),
        quota=quota,
    )
    await quota.close()
    await bus.stop()
