"""SQL of the export: cases with what became of their clocks, page by page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.facts import CASES, CLOCKS
from heedful.alerting.figures.filters import Filters

AT_ONCE: Final = 1000

COLUMNS: Final = (
    "case_id",
    "state",
    "light",
    "channel",
    "topic",
    "touchpoint",
    "team",
    "owner",
    "received_at",
    "opened_at",
    "age_hours",
    "respond_due",
    "responded_at",
    "plan_due",
    "planned_at",
    "land_due",
    "landed_at",
    "hours_to_land",
    "above_72h",
    "excluded",
    "reasons",
)
"""In this order. `age_hours` is of open cases; `above_72h` is empty while it cannot be told."""

_CLOCK_COLUMNS = ", ".join(
    f"min(k.due_at) FILTER (WHERE k.metric = '{metric}') AS {metric}_due,"
    f" min(k.fulfilled_at) FILTER (WHERE k.metric = '{metric}') AS {done}_at"
    for metric, done in (("respond", "responded"), ("plan", "planned"), ("land", "done"))
)


async def count(connection: AsyncConnection, tenant: str, now: datetime, filters: Filters) -> int:
    """How many cases there are."""
    query = f"SELECT count(*) FROM ({CASES}) AS c WHERE {filters.where('c')}"  # noqa: S608  # own names
    found: int = (await connection.execute(text(query), filters.values(tenant, now))).scalar_one()
    return found


async def page(
    connection: AsyncConnection,
    tenant: str,
    now: datetime,
    filters: Filters,
    after: tuple[datetime, str] | None,
) -> Sequence[Row[Any]]:
    """`AT_ONCE` cases, in the order of receipt, after the one with this receipt and id."""
    values = {**filters.values(tenant, now), "limit": AT_ONCE}
    following = ""
    if after is not None:
        following = "AND (c.received_at, c.id) > (:after_at, :after_id)"
        values |= {"after_at": after[0], "after_id": after[1]}
    query = f"""
        SELECT c.id AS case_id, c.state, c.colour AS light, c.channel, c.topic, c.touchpoint,
            c.team, c.owner, c.received_at, c.opened_at,
            CASE WHEN c.open THEN {_hours(":now")} END AS age_hours,
            t.respond_due, t.responded_at, t.plan_due, t.planned_at, t.land_due, c.landed_at,
            {_hours("c.landed_at")} AS hours_to_land,
            CASE WHEN c.excluded IS NOT NULL THEN NULL
                WHEN coalesce(c.landed_at, :now) - c.received_at > interval '72 hours' THEN true
                WHEN c.landed_at IS NOT NULL THEN false END AS above_72h,
            c.excluded,
            (SELECT string_agg(r ->> 'code', ' ') FROM jsonb_array_elements(c.reasons) AS r)
                AS reasons
        FROM ({CASES}) AS c
        CROSS JOIN LATERAL (
            SELECT {_CLOCK_COLUMNS} FROM ({CLOCKS}) AS k
            WHERE k.case_id = c.id AND k.cycle = 1) AS t
        WHERE {filters.where("c")} {following}
        ORDER BY c.received_at, c.id LIMIT :limit
    """  # noqa: S608  # own names
    return (await connection.execute(text(query), values)).all()


def _hours(until: str) -> str:
    hours = f"extract(epoch FROM CAST({until} AS timestamptz) - c.received_at) / 3600"
    return f"CAST(round({hours}, 2) AS double precision)"
