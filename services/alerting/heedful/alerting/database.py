"""How alerting meets its database: the clock, errors that pass, steps that survive them."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.db.passing import MAY_PASS, described, passing
from heedful.common.erasure import Tombstones
from heedful.common.errors import Retryable

log = logging.getLogger(__name__)

RETRY_S = 1.0

ReadClock = Callable[[AsyncConnection], Awaitable[datetime]]


async def database_now(connection: AsyncConnection) -> datetime:
    """The database's clock: read once per step and passed on, so that all replicas agree."""
    found: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return found


class Database:
    """Transactions whose passing failures are `Retryable`.

    Args:
        tombstones: of customers who were erased.
        read_clock: gives the time of a transaction; tests pass their own.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        tombstones: Tombstones,
        read_clock: ReadClock = database_now,
    ) -> None:
        self.engine = engine
        self.tombstones = tombstones
        self._read_clock = read_clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[tuple[AsyncConnection, datetime]]:
        """A transaction and its time.

        Raises:
            Retryable: the database is away or busy; nothing was committed, or we do not know.
        """
        try:
            async with self.engine.begin() as connection:
                yield connection, await self._read_clock(connection)
        except MAY_PASS as error:
            if not passing(error):
                raise
            raise Retryable(described(error)) from error

    @asynccontextmanager
    async def intake(self) -> AsyncIterator[tuple[AsyncConnection, datetime]]:
        """A transaction that may write down what came of items: no erasure runs beside it.

        Raises:
            Retryable: as of `begin`.
        """
        async with self.begin() as (connection, now):
            await self.tombstones.admit(connection)
            yield connection, now


def surviving(name: str, step: Callable[[], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
    """A step of a loop that is logged and done again when the database or the bus is away."""

    async def attempt() -> float:
        try:
            return await step()
        except (Retryable, DBAPIError, OSError) as error:
            cause = error.__cause__ if isinstance(error, Retryable) else error
            log.warning(
                "step failed, comes again",
                extra={"loop": name, "error": str(error)},
                exc_info=cause if isinstance(cause, DBAPIError) else None,
            )
            return RETRY_S

    return attempt
