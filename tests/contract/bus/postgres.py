"""What the tests ask PostgreSQL itself."""

from typing import TypeAlias

import asyncpg

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def waiting_for_a_lock(sql: Sql) -> bool:
    return bool(
        await sql.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


async def leased(sql: Sql) -> bool:
    return bool(
        await sql.fetchval("SELECT count(*) FROM bus.member WHERE expires_at > clock_timestamp()")
    )
