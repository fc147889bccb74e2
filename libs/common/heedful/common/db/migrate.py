"""Alembic histories, one per schema, applied under one advisory lock.

Any number of processes may start at once: one migrates, the others wait and find nothing to do.
"""

import asyncio
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

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


COMMON = Migrations(schema="common", package="heedful.common.migrations")


async def migrate(engine: AsyncEngine, histories: Sequence[Migrations]) -> None:
    """Bring every schema to its newest version, each in its own transaction."""
    async with engine.connect() as lock:
        await lock.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
        await lock.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            for history in histories:
                async with engine.begin() as connection:
                    await connection.execute(text("SET LOCAL statement_timeout = 0"))
                    await connection.execute(
                        text(f'CREATE SCHEMA IF NOT EXISTS "{history.schema}"')
                    )
                    await connection.run_sync(_upgrade, history)
        finally:
            await asyncio.shield(
                lock.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            )


def _upgrade(connection: Connection, history: Migrations) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
    folder = importlib.resources.files(history.package) / "versions"
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    config.attributes["schema"] = history.schema
    command.upgrade(config, "head")
