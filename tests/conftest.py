"""What every test shares: a clean environment, one hypothesis profile, and real servers.

One PostgreSQL and one Kafka per session, each started when the first test asks for it.
"""

import asyncio
import gc
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi.dependencies import models
from hypothesis import HealthCheck, settings

from heedful.cli.postgres import embedded_postgres
from heedful.common.db.migrate import COMMON
from heedful.common.settings import PREFIX
from tests.databases import Databases, execute, fast_folder
from tests.kafka_broker import running_broker

# A test's database is thrown away, so nothing has to survive a power cut.
_FAST = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET max_wal_size = '256MB'",
    "SELECT pg_reload_conf()",
)

# Machines that run the tests differ in speed; a time limit per example would only make noise.
# Examples are drawn anew each time: two runs see what one of twice as many would.
settings.register_profile(
    "heedful",
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("heedful")


# Until the tests are collected: next to nothing of it is garbage.
gc.disable()


# A minute each. Workers that share the tests take from each other what is left, but no test apart;
# one of these at the end would have all others wait.
LONGEST = (
    "tests/contract/http/test_conformance.py",
    "tests/e2e/",
    "tests/integration/alerting/test_year.py",
    "tests/integration/faults/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; the others stay in their order."""
    items.sort(key=lambda one: not one.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: no collection of garbage need look at them."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True, scope="module")
def forgotten_apps() -> Iterator[None]:
    """FastAPI remembers 4,096 functions of routes, and with each the app of a test that is over."""
    yield
    for one in vars(models).values():
        if callable(forget := getattr(one, "cache_clear", None)):
            forget()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the shell that starts the tests reaches them, nor one that `heedful up` has set
    in another test."""
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
        tempfile.TemporaryDirectory(prefix="heedful-postgres-", dir=fast_folder()) as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        asyncio.run(execute(url, *_FAST))
        yield url


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Databases:
    """Where tests get databases of their own."""
    return Databases(postgres_url)


@pytest.fixture
async def empty_database_url(databases: Databases) -> AsyncIterator[str]:
    """A database of this test's own with nothing in it."""
    async with databases.own() as url:
        yield url


@pytest.fixture
def log_template(databases: Databases) -> str:
    return databases.template([COMMON])


@pytest.fixture
async def log_url(databases: Databases, log_template: str) -> AsyncIterator[str]:
    """An embedded log of this test's own, without topics."""
    async with databases.own(log_template) as url:
        yield url


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Bootstrap servers of the session's broker; tests share it, so their names are unique."""
    with running_broker() as bootstrap:
        yield bootstrap
