"""SQL of insights: the events of a tenant and a period as columns.

PostgreSQL packs each column of some thousand rows into one value. A million rows one by one are
as many objects in Python, made on the event loop that every other request needs.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.journey.insights.facts import Facts
from heedful.journey.insights_reading.assembly import Packed, assembled
from heedful.journey.insights_reading.columns import key, statement
from heedful.journey.insights_reading.period import Count, Period, check, slices

AT_ONCE: Final = 50_000
"""Events that PostgreSQL packs at once: some 10 MB of its memory."""

_COUNTS = text(
    """
    SELECT date_bin('1 hour', occurred_at, '1970-01-01Z') AS hour, count(*) AS events
    FROM journey.event
    WHERE tenant = :tenant AND occurred_at >= :since AND occurred_at < :until
    GROUP BY hour ORDER BY hour
    """
)


async def read(
    engine: AsyncEngine,
    tenant: str,
    period: Period,
    attributes: Sequence[str],
    limit: int,
    lookback: float = 0.0,
) -> Facts:
    """The events of a tenant in a period.

    Args:
        attributes: keys of those that are wanted.
        limit: how many events at most.
        lookback: what is read before the period, in lengths of it.

    Raises:
        TooMany: the period holds more; nothing was read.
        sqlalchemy.exc.DBAPIError: the database is away, or a statement took too long.
    """
    async with engine.connect() as plain:
        # One snapshot: what is counted is what is read.
        connection = await plain.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        whole = period.begun_earlier(lookback)
        counts = await _counts(connection, tenant, whole)
        check(period, counts, limit, lookback)
        packed = [
            await _packed(connection, tenant, part, attributes)
            for part in slices(whole, counts, AT_ONCE)
        ]
    return await asyncio.to_thread(assembled, packed, period, attributes)


async def _counts(connection: AsyncConnection, tenant: str, period: Period) -> list[Count]:
    rows = await connection.execute(_COUNTS, _within(tenant, period))
    return [Count(row.hour, row.events) for row in rows]


async def _packed(
    connection: AsyncConnection, tenant: str, period: Period, attributes: Sequence[str]
) -> Packed:
    wanted = {key(number): name for number, name in enumerate(attributes)}
    rows = await connection.execute(
        text(statement(len(attributes))), {**_within(tenant, period), **wanted}
    )
    return {name.removeprefix("c_"): value for name, value in rows.one()._mapping.items()}


def _within(tenant: str, period: Period) -> dict[str, Any]:
    return {"tenant": tenant, "since": period.since, "until": period.until}
