"""Migrations: once, whole or not at all, whoever starts at the same time."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.db import Migrations, create_engine, migrate, require_migrated
from heedful.common.db.engine import DatabaseUnavailable
from heedful.common.db.migrate import COMMON, NotMigrated
from heedful.common.errors import Fatal
from heedful.common.settings import DatabaseSettings, Settings

# `asyncio.run` in processes of their own: what several pods do when they start together.
PROCESS = """
import asyncio, sys
from heedful.common.db import Migrations, create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.environment import load
from heedful.common.settings import Settings

sys.path.insert(0, sys.argv[1])

async def main():
    engine = create_engine(load(Settings), "heedful-test")
    await migrate(engine, [COMMON, Migrations(sys.argv[2], sys.argv[2])])
    await engine.dispose()

asyncio.run(main())
"""
LOCK = 0x6865656466756C


class History:
    """A history of migrations in a package of its own; each revision runs some SQL."""

    def __init__(self, folder: Path, schema: str) -> None:
        self.folder = folder
        self.migrations = Migrations(schema=schema, package=schema)
        self._versions = folder / schema / "versions"
        self._versions.mkdir(parents=True)
        (folder / schema / "__init__.py").write_text("")

    def write(self, number: int, *statements: str) -> None:
        """Revision `number`, which also notes that it ran."""
        schema = self.migrations.schema
        if number == 1:
            statements = (f"CREATE TABLE {schema}.ran (number int)", *statements)
        noted = (*statements, f"INSERT INTO {schema}.ran VALUES ({number})")  # noqa: S608
        lines = [
            "from alembic import op",
            f"revision = '{schema}_{number}'",
            f"down_revision = {None if number == 1 else f'{schema}_{number - 1}'!r}",
            "def upgrade():",
            *(f"    op.execute({statement!r})" for statement in noted),
        ]
        (self._versions / f"{number:04}.py").write_text("\n".join(lines))

    def remove(self, number: int) -> None:
        (self._versions / f"{number:04}.py").unlink()

    async def ran(self, engine: AsyncEngine) -> Sequence[int]:
        async with engine.connect() as connection:
            found = await connection.scalars(
                text(f"SELECT number FROM {self.migrations.schema}.ran ORDER BY number")  # noqa: S608  # a test's own name
            )
            return found.all()

    async def version(self, engine: AsyncEngine) -> str:
        async with engine.connect() as connection:
            found = await connection.scalar(
                text(f"SELECT version_num FROM {self.migrations.schema}.alembic_version")  # noqa: S608
            )
            return str(found)


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """Nothing is migrated yet."""
    return empty_database_url


@pytest.fixture
def history(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> History:
    folder = tmp_path / "histories"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    # Named by the database: a package is imported once per process.
    return History(folder, "history_" + database_url.split("/test_")[1][:12])


async def test_every_revision_runs_once_and_in_order(engine: AsyncEngine, history: History) -> None:
    for number in (1, 2, 3):
        history.write(number)
    await migrate(engine, [history.migrations])
    assert await history.ran(engine) == [1, 2, 3]


async def test_a_second_run_does_nothing(engine: AsyncEngine, history: History) -> None:
    history.write(1)
    for _ in range(3):
        await migrate(engine, [COMMON, history.migrations])
    assert await history.ran(engine) == [1]


async def test_a_newer_release_runs_only_what_is_new(engine: AsyncEngine, history: History) -> None:
    history.write(1)
    await migrate(engine, [history.migrations])
    history.write(2)
    await migrate(engine, [history.migrations])
    assert await history.ran(engine) == [1, 2]


async def test_each_schema_has_a_history_of_its_own(engine: AsyncEngine, history: History) -> None:
    history.write(1)
    await migrate(engine, [COMMON, history.migrations])
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT version_num FROM common.alembic_version"))
        public = await connection.scalar(text("SELECT to_regclass('public.alembic_version')"))
    assert str(found).startswith("common_")
    assert await history.version(engine) == f"{history.migrations.schema}_1"
    assert public is None


async def test_engines_that_start_at_once_run_each_revision_once(
    settings: Settings, engine: AsyncEngine, history: History
) -> None:
    history.write(1, "SELECT pg_sleep(0.1)")
    history.write(2)
    engines = [create_engine(settings, f"heedful-{number}") for number in range(4)]
    await asyncio.gather(*(migrate(one, [COMMON, history.migrations]) for one in engines))
    for one in engines:
        await one.dispose()
    assert await history.ran(engine) == [1, 2]


async def test_processes_that_start_at_once_run_each_revision_once(
    database_url: str, engine: AsyncEngine, history: History
) -> None:
    history.write(1, "SELECT pg_sleep(0.3)")
    history.write(2)
    arguments = ["-c", PROCESS, str(history.folder), history.migrations.schema]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={"HEEDFUL_DATABASE_URL": database_url},
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    ends = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0, 0], ends
    assert await history.ran(engine) == [1, 2]


async def test_a_failing_migration_leaves_its_schema_as_it_was_and_says_why(
    engine: AsyncEngine, history: History
) -> None:
    schema = history.migrations.schema
    history.write(1)
    await migrate(engine, [history.migrations])
    history.write(2, f"CREATE TABLE {schema}.half (x int)")
    history.write(3, "SELECT 1 / 0")
    with pytest.raises(Fatal, match=rf"'{schema}' failed and was rolled back: .*division by zero"):
        await migrate(engine, [COMMON, history.migrations])
    assert await history.ran(engine) == [1]
    assert await history.version(engine) == f"{schema}_1"
    async with engine.connect() as connection:
        assert await connection.scalar(text(f"SELECT to_regclass('{schema}.half')")) is None
        # What stands before it in the list is done.
        assert await connection.scalar(text("SELECT to_regclass('common.api_key')")) is not None


async def test_a_mended_migration_runs_after_a_failure(
    engine: AsyncEngine, history: History
) -> None:
    history.write(1, "SELECT 1 / 0")
    with pytest.raises(Fatal):
        await migrate(engine, [history.migrations])
    history.write(1)
    await migrate(engine, [history.migrations])
    assert await history.ran(engine) == [1]


async def test_an_older_release_goes_on_with_what_a_newer_one_has_migrated(
    engine: AsyncEngine, history: History, caplog: pytest.LogCaptureFixture
) -> None:
    history.write(1)
    history.write(2)
    await migrate(engine, [history.migrations])
    history.remove(2)
    await migrate(engine, [history.migrations])
    assert "a newer release has migrated" in caplog.messages
    assert await history.ran(engine) == [1, 2]
    await require_migrated(engine, [history.migrations])
    # It does not bar the way of the newer one.
    history.write(2)
    history.write(3)
    await migrate(engine, [history.migrations])
    assert await history.ran(engine) == [1, 2, 3]


async def test_who_must_not_migrate_is_told_which_schema_is_behind(
    engine: AsyncEngine, history: History
) -> None:
    history.write(1)
    with pytest.raises(NotMigrated, match=f"common, {history.migrations.schema} .*heedful migrate"):
        await require_migrated(engine, [COMMON, history.migrations])
    await migrate(engine, [COMMON, history.migrations])
    await require_migrated(engine, [COMMON, history.migrations])
    history.write(2)
    with pytest.raises(NotMigrated, match=f"schema {history.migrations.schema} is not"):
        await require_migrated(engine, [COMMON, history.migrations])
    assert await history.ran(engine) == [1]


async def test_a_user_who_may_not_see_the_version_is_not_held_up(
    engine: AsyncEngine, history: History, settings: Settings, database_url: str
) -> None:
    history.write(1)
    await migrate(engine, [history.migrations])
    name = f"clerk_{history.migrations.schema}"
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        await connection.execute(
            text(f"GRANT USAGE ON SCHEMA {history.migrations.schema} TO {name}")
        )
    url = make_url(database_url).set(username=name).render_as_string(hide_password=False)
    clerk = create_engine(settings.model_copy(update={"database_url": SecretStr(url)}), "clerk")
    try:
        await require_migrated(clerk, [history.migrations])
    finally:
        await clerk.dispose()
        async with engine.begin() as connection:
            await connection.execute(text(f"DROP OWNED BY {name}"))
            await connection.execute(text(f"DROP ROLE {name}"))


@pytest.fixture
async def hurried(settings: Settings) -> AsyncEngine:
    """An engine whose statements may take next to no time."""
    limits = DatabaseSettings(statement_timeout_seconds=0.2)
    return create_engine(settings.model_copy(update={"database": limits}), "heedful-hurried")


async def test_a_migration_may_take_longer_than_a_statement_of_a_service(
    hurried: AsyncEngine, engine: AsyncEngine, history: History
) -> None:
    history.write(1, "SELECT pg_sleep(0.5)")
    await migrate(hurried, [history.migrations])
    await hurried.dispose()
    assert await history.ran(engine) == [1]


async def test_waiting_for_another_migration_may_take_longer_than_a_statement(
    database_url: str, hurried: AsyncEngine, engine: AsyncEngine, history: History
) -> None:
    history.write(1)
    other = await asyncpg.connect(database_url)
    await other.execute("SELECT pg_advisory_lock($1)", LOCK)
    waiting = asyncio.create_task(migrate(hurried, [history.migrations]))
    async with engine.connect() as connection:
        await _until_waiting(connection, "0.5 seconds")
    assert not waiting.done()
    await other.close()
    await waiting
    await hurried.dispose()
    assert await history.ran(engine) == [1]


async def test_a_lock_that_is_never_freed_ends_in_a_clear_error(
    database_url: str,
    engine: AsyncEngine,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules[migrate.__module__], "_LOCK_TIMEOUT", "100ms")
    history.write(1)
    other = await asyncpg.connect(database_url)
    await other.execute("SELECT pg_advisory_lock($1)", LOCK)
    async with asyncio.timeout(30):
        with pytest.raises(Fatal, match="another process has migrated this database for 100ms"):
            await migrate(engine, [history.migrations])
    await other.close()
    await migrate(engine, [history.migrations])
    assert await history.ran(engine) == [1]


async def test_without_a_database_it_can_be_tried_again(settings: Settings) -> None:
    nowhere = SecretStr("postgresql://nobody@127.0.0.1:1/none")
    away = create_engine(settings.model_copy(update={"database_url": nowhere}), "heedful-test")
    with pytest.raises(DatabaseUnavailable):
        await migrate(away, [COMMON])


async def _until_waiting(connection: AsyncConnection, longer_than: str) -> None:
    """Until somebody has waited so long for the lock of the migrations."""
    async with asyncio.timeout(20):
        while True:
            found = await connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name ="
                    " 'heedful-migrate' AND datname = current_database()"
                    " AND wait_event = 'advisory'"
                    " AND clock_timestamp() - query_start > CAST(CAST(:wait AS text) AS interval)"
                ),
                {"wait": longer_than},
            )
            if found:
                return
            await connection.rollback()
            await asyncio.sleep(0.02)
