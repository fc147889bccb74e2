"""How alerting meets its database: the clock, errors that pass, steps that survive them."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import Retryable

log = logging.getLogger(__name__)

RETRY_S = 1.0
_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})
"""SQLSTATE classes that another try can mend: connection, rollback (deadlock), resources,
object in use, operator intervention (restart, cancel), system error (PostgreSQL appendix A)."""

ReadClock = Callable[[AsyncConnection], Awaitable[datetime]]


async def database_now(connection: AsyncConnection) -> datetime:
    """The database's clock: read once per step and passed on, so that all replicas agree."""
    found: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return found


class Database:
    """Transactions whose passing failures are `Retryable`.

    Args:
        read_clock: gives the time of a transaction; tests pass their own.
    """

    def __init__(self, engine: AsyncEngine, read_clock: ReadClock = database_now) -> None:
        self.engine = engine
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
        except (DBAPIError, PoolTimeoutError, OSError, TimeoutError) as error:
            if not passing(error):
                raise
            raise Retryable(f"PostgreSQL did not do it: {_name(error)}") from error


def passing(error: BaseException) -> bool:
    """Whether another try can succeed where this one failed."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, (PoolTimeoutError, OSError, TimeoutError))
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    if isinstance(error, InterfaceError):
        # asyncpg reports a value that it cannot encode as an interface error too.
        return not isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return state[:2] in _PASSING


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


def _name(error: BaseException) -> str:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"{type(error).__name__} {state}" if state else type(error).__name__
