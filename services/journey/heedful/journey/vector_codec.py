"""Vectors go to PostgreSQL in pgvector's own binary form: as text they take three times as long,
here and there.

The form (pgvector's `halfvec_recv`): the dimension and a zero as 16 bit each, then the numbers in
half precision, all of it in network order.
"""

import struct
from typing import Final

import asyncpg
import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_READY: Final = "heedful.halfvec"
_SCHEMA: Final = text(
    """
    SELECT n.nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.oid = to_regtype('halfvec')
    """
)


async def take_vectors(connection: AsyncConnection) -> None:
    """From now on the connection takes a parameter of type halfvec as signed bytes."""
    raw = await connection.get_raw_connection()
    if raw.info.get(_READY):
        return
    schema = (await connection.execute(_SCHEMA)).scalar_one()
    driver: asyncpg.Connection[asyncpg.Record] = raw.driver_connection  # type: ignore[assignment]
    await driver.set_type_codec(
        "halfvec", schema=schema, encoder=encoded, decoder=bytes, format="binary"
    )
    raw.info[_READY] = True


def encoded(vector: bytes) -> bytes:
    """Signed bytes as a halfvec."""
    numbers = np.frombuffer(vector, dtype=np.int8).astype(">f2")
    return struct.pack(">HH", len(vector), 0) + numbers.tobytes()
