"""SQL of packs: which may be read, their columns, which days are due, and what was packed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey.insights_reading.encoding import FORM
from heedful.journey.insights_reading.period import Period
from heedful.journey.insights_reading.planning import DayPack

TAKEN_AT_ONCE: Final = 10_000
"""Statements of others whose days are taken up with one of ours."""

_VALID = text(
    """
    SELECT p.day, p.events FROM journey.day_pack p
    WHERE p.tenant = :tenant AND p.day >= :first AND p.day <= :last AND p.form = :form
        AND p.day NOT IN (
            SELECT unnest(t.days) FROM journey.day_touched t WHERE t.tenant = :tenant)
    """
)

_COLUMNS = text(
    """
    SELECT day, name, packed FROM journey.day_column
    WHERE tenant = :tenant AND day = ANY(CAST(:days AS date[]))
        AND name = ANY(CAST(:names AS text[]))
    """
)

# Whoever packs one of these days has its row, and is waited for.
_TAKE_UP = text(
    """
    WITH taken AS (
        DELETE FROM journey.day_touched WHERE id IN (
            SELECT id FROM journey.day_touched ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING tenant, days, at
    )
    INSERT INTO journey.day_due AS known (tenant, day, touched_at)
    SELECT t.tenant, d.day, max(t.at) FROM taken t CROSS JOIN LATERAL unnest(t.days) AS d (day)
    GROUP BY t.tenant, d.day ORDER BY d.day, t.tenant
    ON CONFLICT (day, tenant) DO UPDATE
    SET touched_at = greatest(known.touched_at, excluded.touched_at)
    RETURNING tenant, day
    """
)

# A statement of its own: it sees the packs of those who were waited for.
_DROP = text(
    """
    DELETE FROM journey.day_pack WHERE (tenant, day) IN (
        SELECT p.tenant, p.day FROM journey.day_pack p
        JOIN unnest(CAST(:tenants AS text[]), CAST(:days AS date[])) AS d (tenant, day)
            USING (tenant, day)
        ORDER BY p.tenant, p.day FOR UPDATE OF p)
    """
)

_NEXT = text(
    """
    SELECT tenant, day FROM journey.day_due
    WHERE day < :today AND touched_at < :quiet_since
    ORDER BY day DESC, tenant LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)

_DONE = text("DELETE FROM journey.day_due WHERE tenant = :tenant AND day = :day")

_PUT = text(
    """
    INSERT INTO journey.day_pack (tenant, day, form, events)
    VALUES (:tenant, :day, :form, :events)
    """
)

_PUT_COLUMNS = text(
    """
    INSERT INTO journey.day_column (tenant, day, name, packed)
    SELECT :tenant, :day, c.name, c.packed
    FROM unnest(CAST(:names AS text[]), CAST(:packed AS bytea[])) AS c (name, packed)
    """
)

_TOUCH_ALL = text(
    """
    INSERT INTO journey.day_touched (tenant, days)
    SELECT tenant, array_agg(DISTINCT day) FROM (
        SELECT tenant, journey.utc_day(occurred_at) AS day FROM journey.event
        UNION SELECT tenant, day FROM journey.day_pack
    ) AS every
    WHERE CAST(:tenant AS text) IS NULL OR tenant = :tenant
    GROUP BY tenant
    """
)


@dataclass(frozen=True, slots=True)
class Due:
    """A day to be packed."""

    tenant: str
    day: date


@dataclass(frozen=True, slots=True)
class Whole:
    """A day as it is packed: its columns by name."""

    events: int
    columns: Mapping[str, bytes]


async def valid(connection: AsyncConnection, tenant: str, period: Period) -> list[DayPack]:
    """The packs of days that lie in a period or touch it, as this snapshot may read them."""
    rows = await connection.execute(
        _VALID,
        {
            "tenant": tenant,
            "first": period.since.date(),
            "last": period.until.date(),
            "form": FORM,
        },
    )
    return [DayPack(row.day, row.events) for row in rows]


async def columns(
    connection: AsyncConnection, tenant: str, days: Sequence[date], names: Sequence[str]
) -> list[dict[str, bytes]]:
    """Of these packs, in this order, the columns of these names that there are."""
    found: dict[date, dict[str, bytes]] = {day: {} for day in days}
    values = {"tenant": tenant, "days": list(days), "names": list(names)}
    for row in await connection.execute(_COLUMNS, values):
        found[row.day][row.name] = row.packed
    return list(found.values())


async def take_up(connection: AsyncConnection) -> None:
    """Days that were touched are due, and their packs go.

    Who packs a day has its row in `day_due` from before the look at its events to the commit of its
    pack. What touches it after that look stands in `day_touched` so long, where readers see it.
    """
    rows = (await connection.execute(_TAKE_UP, {"limit": TAKEN_AT_ONCE})).all()
    values = {"tenants": [row.tenant for row in rows], "days": [row.day for row in rows]}
    await connection.execute(_DROP, values)


async def next_due(connection: AsyncConnection, today: date, quiet_since: datetime) -> Due | None:
    """The newest day before today that nothing has touched since; its row is locked."""
    values = {"today": today, "quiet_since": quiet_since}
    row = (await connection.execute(_NEXT, values)).one_or_none()
    return None if row is None else Due(row.tenant, row.day)


async def done(connection: AsyncConnection, due: Due, pack: Whole | None) -> None:
    """A day is not due any more; None: nor packed. In the transaction that has its row."""
    values = {"tenant": due.tenant, "day": due.day}
    await connection.execute(_DONE, values)
    if pack is not None:
        await connection.execute(_PUT, {**values, "form": FORM, "events": pack.events})
        both = {"names": list(pack.columns), "packed": list(pack.columns.values())}
        await connection.execute(_PUT_COLUMNS, {**values, **both})


async def touch_all(connection: AsyncConnection, tenant: str | None) -> None:
    """No pack is read any more, of one tenant or of all: each is made anew."""
    await connection.execute(_TOUCH_ALL, {"tenant": tenant})
