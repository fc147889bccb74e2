"""Alembic histories, one per schema, applied under one advisory lock.

Any number of processes may start at once: one migrates, the others wait and find nothing to do.
"""

import importlib.resources
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.db.engine import ping, unhurried
from heedful.common.errors import Fatal, Retryable

log = logging.getLogger(__name__)

_LOCK = 0x6865656466756C  # "heedful"
_LOCK_TIMEOUT = "120s"


@dataclass(frozen=True, slots=True)
class Migrations:
    """One schema's history.

    Attributes:
        schema: PostgreSQL schema; holds the history table too.
        package: package with the folder `versions` of alembic scripts.
    """

    schema: str
    package: str


class NotMigrated(Retryable):
    """Somebody else migrates, and has not yet."""


COMMON = Migrations(schema="common", package="heedful.common.migrations")


async def migrate(engine: AsyncEngine, histories: Sequence[Migrations]) -> None:
    """Bring every schema to its newest version, each in its own transaction. A schema that a newer
    release has migrated stays as it is.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
        Fatal: another process holds the lock for too long, or a migration failed; its schema
            is as it was, those before it are new.
    """
    await ping(engine)
    # A migration may take longer than any statement of a service, and so may waiting for one.
    patient = unhurried(engine, "heedful-migrate")
    async with patient.begin() as lock:
        await _lock(lock)
        for history in histories:
            async with patient.begin() as connection:
                create = text(f'CREATE SCHEMA IF NOT EXISTS "{history.schema}"')
                try:
                    await connection.execute(create)
                    await connection.run_sync(_upgrade, history)
                except (SQLAlchemyError, CommandError) as error:
                    raise Fatal(
                        f"the migration of schema {history.schema!r} failed and was rolled back: "
                        f"{_reason(error)}"
                    ) from error
        # The lock ends with its transaction, however this ends. One of a session would outlive it
        # behind a pooler, which gives the connection to somebody else.


async def require_migrated(engine: AsyncEngine, histories: Sequence[Migrations]) -> None:
    """For a process that must not migrate itself.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
        NotMigrated: a schema is missing or older than this release.
    """
    await ping(engine)
    try:
        async with engine.connect() as connection:
            behind = [one.schema for one in histories if await connection.run_sync(_behind, one)]
    except DBAPIError as error:
        # A user without the right to look at versions may still work with the tables.
        log.warning("the version of the schemas is unknown", extra={"error": _reason(error)})
        return
    if behind:
        raise NotMigrated(
            f"schema {', '.join(behind)} is not at the version of this release: run `heedful "
            "migrate` as the owner of the database, or set HEEDFUL_MIGRATE_AT_START=true"
        )


async def _lock(connection: AsyncConnection) -> None:
    await connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
    # Nothing happens in it while the others migrate.
    await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    try:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    except DBAPIError as error:
        raise Fatal(
            f"another process has migrated this database for {_LOCK_TIMEOUT}; "
            "pg_stat_activity shows it as heedful-migrate"
        ) from error


def _reason(error: Exception) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error)


def _upgrade(connection: Connection, history: Migrations) -> None:
    config = _config(history)
    if _is_newer(connection, history, config):
        log.warning("a newer release has migrated", extra={"schema": history.schema})
        return
    config.attributes["connection"] = connection
    config.attributes["schema"] = history.schema
    command.upgrade(config, "head")


def _is_newer(connection: Connection, history: Migrations, config: Config) -> bool:
    """Whether the schema is at a revision that this release does not know. Migrations only
    expand, so it can work with that: a replica that starts again while the others are replaced
    by newer ones, or a release that was rolled back."""
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    return any(one not in known for one in _revisions(connection, history))


def _behind(connection: Connection, history: Migrations) -> bool:
    heads = set(ScriptDirectory.from_config(_config(history)).get_heads())
    if _is_newer(connection, history, _config(history)):
        return False
    return set(_revisions(connection, history)) != heads


def _revisions(connection: Connection, history: Migrations) -> Sequence[str]:
    options = {"version_table_schema": history.schema}
    return MigrationContext.configure(connection, opts=options).get_current_heads()


def _config(history: Migrations) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
    folder = importlib.resources.files(history.package) / "versions"
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "newline")
    return config
