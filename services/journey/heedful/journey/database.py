"""How journey meets its database: transactions whose passing failures are `Retryable`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.db.passing import MAY_PASS, described, passing, sqlstate
from heedful.common.errors import Retryable

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
    except MAY_PASS as error:
        if not passing(error):
            raise
        if sqlstate(error).startswith(_ROLLBACK):
            raise Contention(described(error)) from error
        raise Retryable(described(error)) from error
