"""How journey meets its database: transactions whose passing failures are `Retryable`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import Retryable

_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})
"""SQLSTATE classes that another try can mend: connection, rollback, resources, object in use,
operator intervention, system error (PostgreSQL manual, appendix A)."""
_ROLLBACK = "40"


class Contention(Retryable):
    """Two members wanted the same customers in another order; this one gives way."""


@asynccontextmanager
async def begin(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction.

    Raises:
        Contention: rolled back in favour of another transaction; try again at once.
        Retryable: the database is away or busy; nothing was committed, or we do not know.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except (DBAPIError, PoolTimeoutError, OSError, TimeoutError) as error:
        if not passing(error):
            raise
        state = sqlstate(error)
        told = f"PostgreSQL did not do it: {type(error).__name__} {state}".rstrip()
        if state.startswith(_ROLLBACK):
            raise Contention(told) from error
        raise Retryable(told) from error


def passing(error: BaseException) -> bool:
    """Whether another try can succeed where this one failed."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, (PoolTimeoutError, OSError, TimeoutError))
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    if isinstance(error, InterfaceError):
        # asyncpg reports a value that it cannot encode as an interface error too.
        return not isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError)
    return sqlstate(error)[:2] in _PASSING


def sqlstate(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
