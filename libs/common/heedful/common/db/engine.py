"""The SQLAlchemy engine on asyncpg, with every limit set."""

import asyncio

import asyncpg
import orjson
from sqlalchemy import URL, Connection, NullPool, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from heedful.common.db.liveness import ping_when_taken
from heedful.common.db.replanning import replan_after_changes
from heedful.common.errors import ConfigurationError, Retryable
from heedful.common.settings import Settings


class DatabaseUnavailable(Retryable):
    """PostgreSQL did not answer in time."""


def plain_dsn(settings: Settings) -> str:
    """The libpq form of the database URL, as asyncpg and psql take it.

    Raises:
        ConfigurationError: no URL, or not a PostgreSQL one.
    """
    if settings.database_url is None:
        raise ConfigurationError(
            "HEEDFUL_DATABASE_URL is not set: give postgresql://user:password@host:port/name, "
            "or run `heedful up`, which starts a PostgreSQL of its own"
        )
    try:
        url = make_url(settings.database_url.get_secret_value())
    except (ArgumentError, ValueError):  # ValueError: a port that is not a number
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise ConfigurationError(
            "HEEDFUL_DATABASE_URL must have the form postgresql://user:password@host:port/name"
        ) from None
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def create_engine(settings: Settings, application: str) -> AsyncEngine:
    """An engine that has not connected yet.

    Args:
        application: shown in `pg_stat_activity`, so that a platform team knows whose it is.
    """
    dsn, limits = plain_dsn(settings), settings.database

    # asyncpg reads the URL itself, so that libpq's parameters (sslmode, …) mean what they mean.
    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            dsn,
            timeout=limits.connect_timeout_seconds,
            command_timeout=limits.statement_timeout_seconds,
            server_settings={
                "application_name": application,
                "jit": "off",
                "timezone": "UTC",
                "statement_timeout": str(int(limits.statement_timeout_seconds * 1000)),
            },
        )

    engine = create_async_engine(
        _dialect(dsn),
        async_creator=connect,
        pool_size=limits.pool_size,
        max_overflow=2,
        pool_timeout=limits.connect_timeout_seconds,
        pool_recycle=1800,
        # Parameters are customers' words; they must not reach a log with an error's text.
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    ping_when_taken(engine)
    replan_after_changes(engine)
    return engine


def unhurried(engine: AsyncEngine, application: str) -> AsyncEngine:
    """An engine on the same database whose statements may take their time: for migrations."""
    dsn = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(dsn, server_settings={"application_name": application})

    made = create_async_engine(_dialect(dsn), async_creator=connect, poolclass=NullPool)
    # With each transaction, and not with the session: a pooler heeds no parameter of a session.
    event.listen(made.sync_engine, "begin", _take_your_time)
    return made


def _take_your_time(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def address(engine: AsyncEngine) -> str:
    """Where the engine connects, for people: no user, no password."""
    url = engine.url
    host = url.host or url.query.get("host") or "the default socket"
    port = f":{url.port}" if url.port else ""
    return f"{host}{port}/{url.database}"


async def ping(engine: AsyncEngine) -> None:
    """Raises `DatabaseUnavailable` unless the database answers within two seconds."""
    try:
        async with asyncio.timeout(2), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (TimeoutError, OSError, DBAPIError) as error:
        raise DatabaseUnavailable(f"PostgreSQL does not answer: {_kind(error)}") from error


def refusal(error: DatabaseUnavailable) -> str | None:
    """The server's own words, when it answered: a wrong password, no such database. For logs and
    terminals; they name users and databases, so not for answers to callers."""
    found = _innermost(error.__cause__)
    return str(found) if isinstance(found, asyncpg.PostgresError) else None


def _kind(error: Exception) -> str:
    """The name that says most: of asyncpg's error where SQLAlchemy has wrapped one."""
    return type(_innermost(error)).__name__


def _innermost(error: BaseException | None) -> BaseException | None:
    found = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else None
    return found or error


def _dialect(dsn: str) -> URL:
    return make_url(dsn).set(drivername="postgresql+asyncpg")
