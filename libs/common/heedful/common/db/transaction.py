"""Transactions whose passing failures are `Retryable`, as a consumer's handler needs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.db.passing import MAY_PASS, described, passing
from heedful.common.errors import Retryable


@asynccontextmanager
async def begin(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction.

    Raises:
        Retryable: the database is away or busy; nothing was committed, or we do not know.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except MAY_PASS as error:
        if not passing(error):
            raise
        raise Retryable(described(error)) from error
