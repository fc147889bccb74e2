"""The effects that workers leave in PostgreSQL, and the SQL that makes each happen once."""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

import asyncpg

from heedful.common.errors import Retryable

SCHEMA = """
CREATE SCHEMA faults;
CREATE TABLE faults.effect (
    id text PRIMARY KEY,
    key text NOT NULL,
    seq bigint NOT NULL,
    worker text NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE faults.total (key text PRIMARY KEY, effects bigint NOT NULL)
"""

# The total moves only with a fresh effect and in its transaction: what a doubled record would
# add to it shows afterwards, although the unique id hides it in the other table.
_WRITE = """
WITH fresh AS (
    INSERT INTO faults.effect (id, key, seq, worker)
    SELECT i.id, i.key, i.seq, $4 FROM unnest($1::text[], $2::text[], $3::bigint[])
        WITH ORDINALITY AS i (id, key, seq, place) ORDER BY i.place
    ON CONFLICT DO NOTHING RETURNING key
)
INSERT INTO faults.total SELECT key, count(*) FROM fresh GROUP BY key ORDER BY key
ON CONFLICT (key) DO UPDATE SET effects = total.effects + excluded.effects
"""

DATABASE_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
_CONNECT_S = 5
_COMMAND_S = 10
_PAUSE_S = 0.5
# A worker that is frozen must not keep the rows that its heir waits for.
_SESSION = {
    "application_name": "faults effects",
    "jit": "off",
    "idle_in_transaction_session_timeout": "2000",
    "transaction_timeout": "8000",
}

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row = tuple[str, str, int]
"""Step id, key, number within the key."""


async def connected(url: str) -> Pool:
    """A pool; waits for as long as the database is away."""
    while True:
        try:
            return await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=4,
                timeout=_CONNECT_S,
                command_timeout=_COMMAND_S,
                server_settings=_SESSION,
            )
        except DATABASE_ERRORS:
            await asyncio.sleep(_PAUSE_S)


async def write(pool: Pool, worker: str, rows: Sequence[Row]) -> None:
    """Write the effects of steps, in their order; what is there already stays as it is.

    Raises:
        Retryable: the database is away, or a lock is held for too long.
    """
    if not rows:
        return
    ids, keys, seqs = zip(*rows, strict=True)
    try:
        await pool.execute(_WRITE, ids, keys, seqs, worker)
    except DATABASE_ERRORS as error:
        raise Retryable(f"effects not written: {error!r}") from error
