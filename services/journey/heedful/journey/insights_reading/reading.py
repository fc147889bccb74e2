"""SQL of insights: the events of a tenant and a period as columns.

What is packed is read as it was packed. Of the rest PostgreSQL packs each column of some thousand
rows into one value: a million rows one by one are as many objects in Python, made on the event loop
that every other request needs.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.journey.insights.facts import Facts
from heedful.journey.insights_reading import store_packs
from heedful.journey.insights_reading.assembly import assembled
from heedful.journey.insights_reading.columns import key, statement
from heedful.journey.insights_reading.encoding import decoded, wanted
from heedful.journey.insights_reading.part import Part
from heedful.journey.insights_reading.period import Count, Period, check
from heedful.journey.insights_reading.planning import (
    Packs,
    Rows,
    counted,
    inside,
    rest,
    stretches,
)
from heedful.journey.insights_reading.rows import Packed, part_of

AT_ONCE: Final = 50_000
"""Events that PostgreSQL packs at once: some 10 MB of its memory."""

# Laterally: as a join it may be planned as one over all events.
_COUNTS = text(
    """
    SELECT c.hour, c.events
    FROM unnest(CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[])) AS p (since, until)
    CROSS JOIN LATERAL (
        SELECT date_bin('1 hour', occurred_at, '1970-01-01Z') AS hour, count(*) AS events
        FROM journey.event
        WHERE tenant = :tenant AND occurred_at >= p.since AND occurred_at < p.until
        GROUP BY hour
    ) AS c
    ORDER BY c.hour
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
        # One snapshot: what is counted is what is read, and what is packed is what stands there.
        connection = await plain.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        whole = period.begun_earlier(lookback)
        packs = inside(whole, await store_packs.valid(connection, tenant, whole))
        counts = await count(connection, tenant, rest(whole, packs))
        check(period, counted(packs, counts), limit, lookback)
        parts: list[Part] = []
        for stretch in stretches(whole, packs, counts, AT_ONCE):
            match stretch:
                case Packs():
                    parts += await _unpacked(connection, tenant, stretch, attributes)
                case Rows():
                    rows = await packed(connection, tenant, stretch.period, attributes)
                    parts.append(await asyncio.to_thread(part_of, [rows], attributes))
    return await asyncio.to_thread(assembled, parts, period, attributes)


async def count(connection: AsyncConnection, tenant: str, periods: Sequence[Period]) -> list[Count]:
    """Of periods that do not overlap."""
    values = {
        "tenant": tenant,
        "sinces": [one.since for one in periods],
        "untils": [one.until for one in periods],
    }
    return [Count(row.hour, row.events) for row in await connection.execute(_COUNTS, values)]


async def packed(
    connection: AsyncConnection, tenant: str, period: Period, attributes: Sequence[str] | None
) -> Packed:
    """The rows of a period as one value a column.

    Args:
        attributes: keys; None: all there are.
    """
    told = {} if attributes is None else {key(n): name for n, name in enumerate(attributes)}
    values: dict[str, Any] = {"tenant": tenant, "since": period.since, "until": period.until}
    statement_ = text(statement(None if attributes is None else len(attributes)))
    rows = await connection.execute(statement_, {**values, **told})
    return {name.removeprefix("c_"): value for name, value in rows.one()._mapping.items()}


async def _unpacked(
    connection: AsyncConnection, tenant: str, stretch: Packs, attributes: Sequence[str]
) -> list[Part]:
    days = [pack.day for pack in stretch.packs]
    found = await store_packs.columns(connection, tenant, days, wanted(attributes))
    events = [pack.events for pack in stretch.packs]
    return await asyncio.to_thread(lambda: list(map(decoded, found, events)))
