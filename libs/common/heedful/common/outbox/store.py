"""SQL of the outbox. Rows are written once, read once and deleted: nothing is ever updated.

The order of a key is the order of `id`. Ids are given when a row is written, not when it is
committed, so whoever puts records of one key in more than one transaction holds a lock that
belongs to the key (the row of the case, say) until the commit. Transactions that do not exclude
each other have no order that could be kept.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common import traceparent
from heedful.common.bus.base import Header, Outgoing
from heedful.common.bus.headers import pack, unpack
from heedful.common.bus.limits import refuse_too_large

_PUT = text(
    """
    INSERT INTO common.outbox (service, topic, key, value, headers)
    SELECT :service, w.topic, w.key, w.value, w.headers
    FROM unnest(
        CAST(:topics AS text[]), CAST(:keys AS bytea[]), CAST(:values AS bytea[]),
        CAST(:headers AS bytea[])
    ) WITH ORDINALITY AS w (topic, key, value, headers, place)
    ORDER BY w.place
    """
)

_ANY = text("SELECT EXISTS (SELECT 1 FROM common.outbox WHERE service = :service)")

_LEASE = text(
    """
    INSERT INTO common.outbox_lease AS lease (service, holder, until)
    VALUES (:service, :holder, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (service) DO UPDATE
    SET holder = excluded.holder, until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE lease.holder = excluded.holder OR lease.until <= clock_timestamp()
       OR lease.until > clock_timestamp() + make_interval(secs => :seconds)
    RETURNING 1
    """
)
"""The last condition takes a lease that was given before the clock went back. It asks the clock
anew: `excluded` was made before the wait for whoever was first, and is older than their lease."""

_OLDEST = text(
    """
    SELECT id, topic, key, value, headers FROM (
        SELECT *, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM (
            SELECT *, coalesce(octet_length(value), 0) AS bytes FROM common.outbox
            WHERE service = :service ORDER BY id LIMIT :records
        ) AS oldest
    ) AS measured
    WHERE before < :bytes ORDER BY id
    """
)

_DELETE = text(
    "DELETE FROM common.outbox WHERE service = :service AND id = ANY(CAST(:ids AS bigint[]))"
)

_RELEASE = text("DELETE FROM common.outbox_lease WHERE service = :service AND holder = :holder")

_WAITING = text(
    """
    SELECT count(*) AS records,
           CAST(coalesce(extract(epoch FROM clock_timestamp() - min(put_at)), 0) AS float8)
               AS seconds
    FROM common.outbox WHERE service = :service
    """
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that is in the outbox."""

    id: int
    record: Outgoing


async def put(connection: AsyncConnection, service: str, records: Sequence[Outgoing]) -> None:
    """Write records in the caller's transaction; its relay publishes them after the commit.

    They are published byte for byte as they are given, however often that takes, so an event
    keeps its id.

    Args:
        service: whose relay publishes them.

    Raises:
        RecordTooLarge: no log would take it; nothing is written, the transaction is usable.
    """
    if not records:
        return
    refuse_too_large(records)
    of = traceparent.current()
    await connection.execute(
        _PUT,
        {
            "service": service,
            "topics": [record.topic for record in records],
            "keys": [record.key for record in records],
            "values": [record.value for record in records],
            "headers": [pack(_headers(record, of)) for record in records],
        },
    )


def _headers(record: Outgoing, of: str | None) -> Sequence[Header]:
    """With the trace that it was put in: its relay sends it outside of any."""
    return record.headers if of is None else traceparent.stamped(record.headers, of)


async def anything(connection: AsyncConnection, service: str) -> bool:
    """Whether a record waits."""
    found: bool = (await connection.execute(_ANY, {"service": service})).scalar_one()
    return found


async def take_lease(
    connection: AsyncConnection, service: str, holder: uuid.UUID, seconds: float
) -> bool:
    """Be the only relay of the service for so long; False when another one is."""
    values = {"service": service, "holder": holder, "seconds": seconds}
    return (await connection.execute(_LEASE, values)).first() is not None


async def oldest(
    connection: AsyncConnection, service: str, records: int, size: int
) -> list[Waiting]:
    """The first records in the order of their writing, at most so many.

    Args:
        size: no more once their values are so many bytes together.
    """
    rows = await connection.execute(
        _OLDEST, {"service": service, "records": records, "bytes": size}
    )
    return [
        Waiting(row.id, Outgoing(row.topic, row.key, row.value, unpack(row.headers)))
        for row in rows
    ]


async def delete(connection: AsyncConnection, service: str, ids: Sequence[int]) -> None:
    """Forget what is in the log. Also right for a relay that has lost its lease meanwhile."""
    await connection.execute(_DELETE, {"service": service, "ids": list(ids)})


async def release_lease(connection: AsyncConnection, service: str, holder: uuid.UUID) -> None:
    await connection.execute(_RELEASE, {"service": service, "holder": holder})


async def waiting(connection: AsyncConnection, service: str) -> tuple[int, float]:
    """How many records wait, and the age of the oldest in seconds."""
    row = (await connection.execute(_WAITING, {"service": service})).one()
    return row.records, max(0.0, row.seconds)
