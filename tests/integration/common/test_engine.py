"""The database engine: its URL, its limits, and what it says when PostgreSQL is away."""

import asyncio

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.db import (
    DatabaseUnavailable,
    address,
    create_engine,
    ping,
    plain_dsn,
    refusal,
)
from heedful.common.db.transaction import begin
from heedful.common.errors import ConfigurationError, Retryable
from heedful.common.settings import DatabaseSettings, Settings

SECRET = "s3cret"


def with_url(settings: Settings, url: str | None) -> Settings:
    return settings.model_copy(update={"database_url": None if url is None else SecretStr(url)})


def test_no_url_says_what_to_set_and_what_else_to_run(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"HEEDFUL_DATABASE_URL.*heedful up"):
        create_engine(with_url(settings, None), "x")


@pytest.mark.parametrize(
    "url",
    [
        "",
        SECRET,
        f"mysql://u:{SECRET}@h/d",
        f"postgres://u:{SECRET}@h/d",
        f"postgresql://u:{SECRET}@h:port/d",
        f"postgresql://u:{SECRET}@with:colon@h:5432/d",
        f"postgresql://u:{SECRET}@[::1/d",
        f"//u:{SECRET}@h/d",
    ],
)
def test_a_url_of_another_form_says_the_form_and_not_the_url(settings: Settings, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        create_engine(with_url(settings, url), "x")
    said = str(caught.value)
    assert "HEEDFUL_DATABASE_URL must have the form postgresql://" in said
    assert SECRET not in said
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_the_driver_of_the_url_does_not_matter(settings: Settings, driver: str) -> None:
    given = with_url(settings, f"{driver}://u:p%40ss@h:5433/d?sslmode=require")
    assert plain_dsn(given) == "postgresql://u:p%40ss@h:5433/d?sslmode=require"


async def test_parameters_of_libpq_in_the_url_are_understood(
    settings: Settings, database_url: str
) -> None:
    url = make_url(database_url).update_query_dict(
        {"sslmode": "disable", "target_session_attrs": "any"}
    )
    engine = create_engine(with_url(settings, url.render_as_string(hide_password=False)), "x")
    await ping(engine)
    await engine.dispose()


async def test_a_session_is_named_in_utc_and_without_jit(settings: Settings) -> None:
    engine = create_engine(settings, "heedful-alerting")
    async with engine.connect() as connection:
        found = [
            await connection.scalar(text(f"SHOW {name}"))
            for name in ("application_name", "timezone", "jit", "statement_timeout")
        ]
    await engine.dispose()
    assert found == ["heedful-alerting", "UTC", "off", "30s"]


async def test_a_statement_that_takes_too_long_is_cancelled_and_the_session_goes_on(
    settings: Settings,
) -> None:
    limits = DatabaseSettings(statement_timeout_seconds=0.2, pool_size=1)
    engine = create_engine(settings.model_copy(update={"database": limits}), "x")
    async with engine.connect() as connection:
        with pytest.raises((DBAPIError, TimeoutError)):
            await connection.execute(text("SELECT pg_sleep(600)"))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
        running = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)'")
        async with asyncio.timeout(20):
            while await connection.scalar(running):
                await connection.rollback()
                await asyncio.sleep(0.02)
    await engine.dispose()


async def test_connections_that_the_server_has_ended_are_replaced_before_anybody_gets_them(
    settings: Settings,
) -> None:
    engine = create_engine(settings, "heedful-ended")
    async with engine.connect() as first, engine.connect() as second:
        ended = {await one.scalar(text("SELECT pg_backend_pid()")) for one in (first, second)}
    other = create_engine(settings, "x")
    async with other.connect() as connection:
        for pid in ended:
            await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    for _ in range(3):
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT pg_backend_pid()")) not in ended
    await engine.dispose()
    await other.dispose()


async def test_a_column_that_is_added_meanwhile_fails_a_statement_once_and_that_passes(
    settings: Settings,
) -> None:
    first, second = create_engine(settings, "x"), create_engine(settings, "x")
    everything = text("SELECT * FROM grown")
    async with first.begin() as connection:
        await connection.execute(text("CREATE TABLE grown (a int)"))
        await connection.execute(everything)
    async with second.begin() as connection:
        await connection.execute(text("ALTER TABLE grown ADD COLUMN b int"))
    with pytest.raises(Retryable):
        async with begin(first) as connection:
            await connection.execute(everything)
    for _ in range(3):
        async with begin(first) as connection:
            assert (await connection.execute(everything)).keys() == ["a", "b"]
    await first.dispose()
    await second.dispose()


async def test_an_error_does_not_quote_the_parameters_of_its_statement(
    engine: AsyncEngine,
) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(
                text("SELECT 1 / (length(CAST(:words AS text)) - length(:words))"),
                {"words": "customer's words"},
            )
    assert "customer's words" not in str(caught.value)


async def test_json_is_read_and_written_as_it_is(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT CAST('{\"店\": [1, null, 0.5]}' AS jsonb)"))
    assert found == {"店": [1, None, 0.5]}


@pytest.mark.parametrize(
    ("database", "user", "kind"),
    [
        ("nowhere", "postgres", "InvalidCatalogNameError"),
        ("postgres", "nobody", "InvalidAuthorizationSpecificationError"),
    ],
)
async def test_a_ping_names_the_kind_of_failure_and_no_secret(
    settings: Settings, database_url: str, database: str, user: str, kind: str
) -> None:
    url = make_url(database_url).set(database=database, username=user, password=SECRET)
    engine = create_engine(with_url(settings, url.render_as_string(hide_password=False)), "x")
    with pytest.raises(DatabaseUnavailable, match=f"PostgreSQL does not answer: {kind}") as caught:
        await ping(engine)
    assert SECRET not in str(caught.value)
    said = refusal(caught.value)
    assert said is not None
    assert said.endswith("does not exist")
    assert SECRET not in said
    assert SECRET not in address(engine)
    await engine.dispose()


async def test_a_ping_of_a_server_that_is_away(settings: Settings) -> None:
    url = f"postgresql://nobody:{SECRET}@127.0.0.1:1/none"
    engine = create_engine(with_url(settings, url), "x")
    with pytest.raises(DatabaseUnavailable, match="ConnectionRefusedError") as caught:
        await ping(engine)
    assert refusal(caught.value) is None
    assert address(engine) == "127.0.0.1:1/none"
