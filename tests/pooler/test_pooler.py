"""What heedful asks of PostgreSQL works through PgBouncer in transaction mode."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

import heedful.alerting.main
import heedful.console.main
import heedful.ingest.main
import heedful.journey.main
import heedful.nlp.main
from heedful.common.db import create_engine, migrate, require_migrated
from heedful.common.db.engine import unhurried
from heedful.common.db.migrate import COMMON
from heedful.common.db.tenant_lock import lock_tenant
from heedful.common.db.transaction import begin
from heedful.common.errors import Retryable
from heedful.common.settings import DatabaseSettings, Settings
from tests.databases import Databases, execute
from tests.pooler.pgbouncer import deployed, running_pgbouncer

HISTORIES = (
    COMMON,
    *(
        service.MIGRATIONS
        for service in (
            heedful.ingest.main,
            heedful.nlp.main,
            heedful.journey.main,
            heedful.alerting.main,
            heedful.console.main,
        )
    ),
)
SERVERS = 4
"""So many connections to PostgreSQL are shared."""
_SMALL = {"default_pool_size": str(SERVERS)}


def behind(pooler: str, url: str) -> str:
    """A database at the address of the pooler."""
    database = make_url(url).database
    return make_url(pooler).set(database=database).render_as_string(hide_password=False)


def engine_at(url: str, name: str = "heedful-test", **limits: float) -> AsyncEngine:
    database = DatabaseSettings.model_validate(limits)
    return create_engine(Settings(database_url=SecretStr(url), database=database), name)


@pytest.fixture(scope="module")
def pooler(postgres_url: str) -> Iterator[str]:
    with running_pgbouncer(postgres_url, {**deployed(), **_SMALL}) as url:
        yield url


@pytest.fixture
def pooled_url(pooler: str, empty_database_url: str) -> str:
    """A database of this test's own, through the pooler; nothing is in it."""
    return behind(pooler, empty_database_url)


@pytest.fixture
async def engine(pooled_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_at(pooled_url)
    yield made
    await made.dispose()


async def share(engine: AsyncEngine, clients: int) -> list[tuple[int, int]]:
    """Each client repeats statements of its own; what it got, and the process that answered."""

    async def client(number: int) -> list[tuple[int, int]]:
        found = []
        for turn in range(20):
            async with engine.begin() as connection:
                asked = text(
                    f"SELECT CAST(:number AS int) + {turn % 5}, pg_backend_pid(), pg_sleep(0.001)"
                )
                value, process, _ = (await connection.execute(asked, {"number": number})).one()
                assert value == number + turn % 5
                found.append((number, process))
        return found

    answers = await asyncio.gather(*(client(number) for number in range(clients)))
    return [one for of_client in answers for one in of_client]


async def test_prepared_statements_work_on_whichever_connection_there_is(pooled_url: str) -> None:
    engine = engine_at(pooled_url, pool_size=16)
    answers = await share(engine, 16)
    await engine.dispose()
    processes = {process for _, process in answers}
    assert len(processes) <= SERVERS
    assert len(set(answers)) > len({client for client, _ in answers}), "nothing was shared"


async def test_without_prepared_statements_a_pooler_is_of_no_use(
    postgres_url: str, databases: Databases
) -> None:
    """So does PgBouncer before 1.21, and a Pooler whose parameters say nothing of it."""
    parameters: Mapping[str, str] = {**deployed(), **_SMALL, "max_prepared_statements": "0"}
    async with databases.own() as url:
        with running_pgbouncer(postgres_url, parameters) as pooler:
            engine = engine_at(behind(pooler, url), pool_size=16)
            with pytest.raises(DBAPIError, match="prepared statement"):
                await share(engine, 16)
            await engine.dispose()


async def test_all_schemas_are_migrated_through_it_once_and_no_lock_stays(
    pooled_url: str, engine: AsyncEngine
) -> None:
    engines = [engine_at(pooled_url) for _ in range(SERVERS - 1)]
    await asyncio.gather(*(migrate(one, HISTORIES) for one in engines))
    for one in engines:
        await one.dispose()
    await require_migrated(engine, HISTORIES)
    async with engine.connect() as connection:
        held = await connection.scalar(
            text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        )
    assert held == 0


async def test_a_migration_may_take_longer_than_the_server_lets_a_statement(
    pooled_url: str, empty_database_url: str
) -> None:
    name = make_url(empty_database_url).database
    await execute(
        empty_database_url, f"""ALTER DATABASE "{name}" SET statement_timeout = '400ms'"""
    )
    engine = engine_at(pooled_url)
    patient = unhurried(engine, "heedful-migrate")
    for _ in range(SERVERS):
        async with patient.begin() as connection:
            await connection.execute(text("SELECT pg_sleep(0.6)"))
        async with engine.begin() as connection:
            assert await connection.scalar(text("SHOW statement_timeout")) == "400ms"
    await patient.dispose()
    await engine.dispose()


async def test_a_session_keeps_its_name_and_zone_and_takes_the_rest_from_the_server(
    pooled_url: str, empty_database_url: str
) -> None:
    name = make_url(empty_database_url).database
    for what in ("statement_timeout = '17s'", "jit = off", "timezone = 'Asia/Shanghai'"):
        await execute(empty_database_url, f'ALTER DATABASE "{name}" SET {what}')
    for service in ("heedful-alerting", "heedful-journey"):
        engine = engine_at(pooled_url, service)
        async with engine.connect() as connection:
            found = [
                await connection.scalar(text(f"SHOW {one}"))
                for one in ("application_name", "timezone", "statement_timeout", "jit")
            ]
        await engine.dispose()
        assert found == [service, "UTC", "17s", "off"]


async def test_a_lock_of_a_transaction_keeps_others_out_until_it_ends(engine: AsyncEngine) -> None:
    async with engine.begin() as first:
        await lock_tenant(first, "alerting.policy", "acme")
        async with engine.begin() as second:
            busy = text(
                "SELECT NOT pg_try_advisory_xact_lock(hashtextextended('alerting.policy:acme', 0))"
            )
            assert await second.scalar(busy)
    async with engine.begin() as third:
        assert not await third.scalar(busy)


async def test_a_statement_that_takes_too_long_is_cancelled_and_nobody_elses(
    pooled_url: str, engine: AsyncEngine
) -> None:
    hurried = engine_at(pooled_url, statement_timeout_seconds=0.2, pool_size=1)
    others = asyncio.create_task(share(engine, 2))
    for _ in range(3):
        async with hurried.connect() as connection:
            with pytest.raises((DBAPIError, TimeoutError)):
                await connection.execute(text("SELECT pg_sleep(600)"))
    await others
    async with engine.connect() as connection:
        running = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)'")
        async with asyncio.timeout(20):
            while await connection.scalar(running):
                await connection.rollback()
                await asyncio.sleep(0.02)
    await hurried.dispose()


async def test_a_failed_transaction_leaves_nothing_to_the_next(engine: AsyncEngine) -> None:
    for _ in range(2 * SERVERS):
        with pytest.raises(DBAPIError, match="division by zero"):
            async with engine.begin() as connection:
                await connection.execute(text("SELECT 1 / 0"))
        async with engine.begin() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1


async def test_a_column_that_is_added_fails_a_statement_once_and_not_on_every_connection(
    pooled_url: str, engine: AsyncEngine
) -> None:
    """As in a roll-out: the release before goes on while migrations have run."""
    await execute(pooled_url, "CREATE TABLE grown (a int)")
    everything = text("SELECT *, pg_sleep(0.01) FROM grown")

    async def ask(turns: int) -> int:
        failed = 0
        for _ in range(turns):
            try:
                async with begin(engine) as connection:
                    await connection.execute(everything)
            except Retryable:
                failed += 1
        return failed

    await asyncio.gather(*(ask(10) for _ in range(SERVERS)))
    await execute(pooled_url, "ALTER TABLE grown ADD COLUMN b int")
    assert await ask(1) == 1
    assert await asyncio.gather(*(ask(10) for _ in range(SERVERS))) == [0] * SERVERS


async def test_rows_are_streamed_through_it(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        rows = await connection.stream(text("SELECT generate_series(1, 5000)"))
        assert sum([row[0] async for row in rows]) == 12_502_500
