"""Commands that read and write the log and the database."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.local import command_settings
from heedful.common.bus.base import Bus
from heedful.common.db import Migrations, create_engine, migrate, ping, require_migrated
from heedful.common.db.migrate import COMMON
from heedful.common.serve import open_bus
from heedful.common.settings import Settings

_NAME = "heedful-cli"


def run_connected(work: Callable[[Bus, AsyncEngine], Awaitable[None]]) -> None:
    """Do work with the log and the database; `command_settings` says which.

    Raises:
        ConfigurationError: a setting is wrong.
        DatabaseUnavailable, BusUnavailable: one of them does not answer.
    """

    async def run(settings: Settings, engine: AsyncEngine) -> None:
        bus = open_bus(settings, _NAME)
        try:
            await bus.start()
            await work(bus, engine)
        finally:
            await bus.stop()

    _run(run, prepared=True)


def run_with_database(
    work: Callable[[AsyncEngine], Awaitable[None]], *, prepared: bool = True
) -> None:
    """Do work with the database alone.

    Args:
        prepared: migrate first what commands use, unless the settings leave that to another user.

    Raises:
        ConfigurationError: a setting is wrong.
        DatabaseUnavailable: it does not answer.
    """

    async def run(_: Settings, engine: AsyncEngine) -> None:
        await work(engine)

    _run(run, prepared=prepared)


def _run(work: Callable[[Settings, AsyncEngine], Awaitable[None]], *, prepared: bool) -> None:
    async def run(settings: Settings) -> None:
        engine = create_engine(settings, _NAME)
        try:
            await ping(engine)
            if prepared:
                await (migrate if settings.migrate_at_start else require_migrated)(engine, [COMMON])
            await work(settings, engine)
        finally:
            await engine.dispose()

    with command_settings() as settings:
        asyncio.run(run(settings))


def run_on_database(
    work: Callable[[AsyncEngine, Settings], Awaitable[None]], *histories: Migrations
) -> None:
    """Do work with the database alone, brought to the newest version of these schemas unless the
    settings leave that to another user; `command_settings` says which.

    Raises:
        ConfigurationError: a setting is wrong.
        DatabaseUnavailable: it does not answer.
    """

    async def run(settings: Settings) -> None:
        engine = create_engine(settings, _NAME)
        try:
            await ping(engine)
            prepare = migrate if settings.migrate_at_start else require_migrated
            await prepare(engine, [COMMON, *histories])
            await work(engine, settings)
        finally:
            await engine.dispose()

    with command_settings() as settings:
        asyncio.run(run(settings))
