"""PostgreSQL of the data folder: what a crash leaves behind must not keep it from starting."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from heedful.cli.local import command_settings
from heedful.cli.postgres import FOLDER, LocalPostgres, local_postgres, running_url
from heedful.common.errors import ConfigurationError


def query(url: str, sql: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder with a table in its database, stopped."""
    with empty_folder() as made:
        with local_postgres(made) as server:
            query(server.url, "CREATE TABLE kept AS SELECT 7 AS n")
        yield made


@contextmanager
def empty_folder() -> Iterator[Path]:
    # Not in pytest's own folder: a second run beside this one shuts the server's user out of it.
    with tempfile.TemporaryDirectory(prefix="heedful-postgres-") as made:
        yield Path(made)


def kept(server: LocalPostgres) -> bool:
    return query(server.url, "SELECT n FROM kept") == 7


def pid_file(folder: Path) -> Path:
    return folder / FOLDER / "postmaster.pid"


def kill(folder: Path) -> None:
    os.kill(int(pid_file(folder).read_text().split()[0]), signal.SIGKILL)


def test_a_server_that_was_killed_is_seen_and_started_again(folder: Path) -> None:
    with local_postgres(folder) as server:
        assert server.alive()
        kill(folder)
        wait_for(lambda: not server.alive())
        server.start()
        assert server.alive()
        assert kept(server)


@pytest.mark.parametrize("lines", [8, 3, 1, 0])
def test_a_process_that_has_the_number_of_a_killed_server_does_not_pass_for_it(
    folder: Path, lines: int
) -> None:
    with local_postgres(folder):
        written = pid_file(folder).read_text().splitlines()
    # In a container the same few numbers come again after every start. Its file may be cut short.
    left = "\n".join([str(os.getpid()), *written[1:]][:lines])
    pid_file(folder).write_text(left)
    (folder / FOLDER / ".s.PGSQL.5432.lock").write_text(
        "\n".join([str(os.getpid()), *written[1:5]])
    )
    assert running_url(folder) is None
    with local_postgres(folder) as server:
        assert kept(server)


def test_a_first_start_that_was_killed_is_begun_anew() -> None:
    with empty_folder() as data:
        half = data / FOLDER
        half.mkdir()
        (half / "PG_VERSION").write_text("18\n")
        (data / "postgres-unfinished").touch()
        with local_postgres(data) as server:
            assert query(server.url, "SELECT 1") == 1
        assert not (data / "postgres-unfinished").exists()


def test_a_server_that_does_not_start_is_told_with_its_own_reason(folder: Path) -> None:
    setting = folder / FOLDER / "postgresql.auto.conf"
    before = setting.read_text()
    setting.write_text("no_such_setting = 1\n")
    try:
        with pytest.raises(ConfigurationError) as caught, local_postgres(folder):
            pass
    finally:
        setting.write_text(before)
    assert "FATAL" in str(caught.value)
    assert str(folder / FOLDER / "log") in str(caught.value)
    assert "HEEDFUL_DATA_DIR" in str(caught.value)


def test_a_command_uses_the_database_of_the_data_folder_running_or_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_DATA_DIR", str(folder))
    with command_settings() as stopped:
        assert stopped.database_url is not None
        assert query(stopped.database_url.get_secret_value(), "SELECT n FROM kept") == 7
    with local_postgres(folder) as server:
        with command_settings() as running:
            assert running.database_url is not None
            assert running.database_url.get_secret_value() == server.url
        assert server.alive(), "a command must not stop what it did not start"


def test_a_command_without_any_database_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_DATA_DIR", str(tmp_path / "none"))
    with command_settings() as settings:
        assert settings.database_url is None
    assert not (tmp_path / "none").exists()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
