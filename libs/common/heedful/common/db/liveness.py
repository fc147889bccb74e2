"""A connection of a pool is alive when it is given out, at the cost of one round trip.

SQLAlchemy's pre-ping takes several on asyncpg (BEGIN, a prepared statement, ROLLBACK), more than
most statements. The simple query protocol needs no transaction, also behind PgBouncer in
transaction mode.
"""

from typing import Final

import asyncpg
from sqlalchemy import PoolProxiedConnection, event
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

_BROKEN: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_USED: Final = "heedful.used"


def ping_when_taken(engine: AsyncEngine) -> None:
    """Replace the connections of the engine's pool when one is found dead."""
    event.listen(engine.sync_engine, "checkout", _taken)


def _taken(
    connection: AsyncAdapt_dbapi_connection,
    entry: ConnectionPoolEntry,
    _proxy: PoolProxiedConnection,
) -> None:
    if not entry.info.setdefault(_USED, False):
        entry.info[_USED] = True  # it has just been made
        return
    try:
        connection.run_async(_ping)
    except _BROKEN as error:
        raise InvalidatePoolError from error


async def _ping(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute("SELECT 1")
