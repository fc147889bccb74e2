"""Commands that read and write the log and the database."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.local import command_settings
from heedful.common.bus.base import Bus
from heedful.common.db import create_engine, migrate, ping, require_migrated
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

    async def run(settings: Settings) -> None:
        engine = create_engine(settings, _NAME)
        bus = open_bus(settings, _NAME)
        try:
            await ping(engine)
            await (migrate if settings.migrate_at_start else require_migrated)(engine, [COMMON])
            await bus.start()
            await work(bus, engine)
        finally:
            await bus.stop()
            await engine.dispose()

    with command_settings() as settings:
        asyncio.run(run(settings))
