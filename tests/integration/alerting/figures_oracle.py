"""Why clocks ran out and when cases landed, looked up in events and clocks alone: slow, and with
no use of what is kept on the cases."""

from collections import Counter
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# The board asked so before there was a progress of cases.
_WHY = """
    CASE WHEN coalesce(e.seen > k.due_at, true) THEN 'not_seen'
        WHEN coalesce(w.kind = 'paused', false) THEN 'waiting'
        WHEN coalesce(e.owned > k.due_at, true) THEN 'no_owner'
        WHEN w.kind IS NOT NULL THEN 'paused'
        WHEN k.metric = 'plan' THEN 'late_plan'
        WHEN k.metric = 'land' THEN 'late_landing'
        ELSE 'late_contact' END
"""
_BREACHES = text(
    f"""
    SELECT k.case_id, k.metric, k.due_at, k.fulfilled_at, {_WHY} AS why
    FROM alerting.clock k
    JOIN alerting.cases c ON c.id = k.case_id
    LEFT JOIN LATERAL (
        SELECT min(at) FILTER (WHERE actor_type = 'human'
                OR kind IN ('acknowledged', 'planned', 'landed')) AS seen,
            min(at) FILTER (WHERE kind IN ('assigned', 'planned')) AS owned
        FROM alerting.case_event
        WHERE case_id = k.case_id
            AND kind NOT IN ('opened', 'warned', 'escalated', 'breached')
    ) AS e ON true
    LEFT JOIN LATERAL (
        SELECT kind FROM alerting.case_event
        WHERE case_id = k.case_id AND kind IN ('paused', 'resumed') AND at <= k.due_at
        ORDER BY sequence DESC LIMIT 1
    ) AS w ON true
    WHERE k.tenant = :tenant AND k.enforced AND k.ended IS NULL
        AND k.due_at > :since AND k.due_at <= :now
        AND (k.fulfilled_at IS NULL OR k.fulfilled_at > k.due_at)
        AND (CAST(:state AS text) IS NULL OR c.state = :state)
    ORDER BY k.fulfilled_at IS NOT NULL, k.due_at DESC, k.case_id, k.metric
    """  # noqa: S608  # a constant
)
_KEPT = text(
    """
    SELECT k.metric, count(*) FILTER (WHERE k.started_at > :since) AS n,
        count(*) FILTER (WHERE k.started_at > :since AND k.fulfilled_at <= k.due_at) AS met,
        count(*) FILTER (WHERE c.over_at IS NULL AND k.fulfilled_at IS NULL) AS overdue
    FROM alerting.clock k JOIN alerting.cases c ON c.id = k.case_id
    WHERE k.tenant = :tenant AND k.enforced AND k.ended IS NULL AND k.due_at <= :now
        AND (CAST(:state AS text) IS NULL OR c.state = :state)
    GROUP BY 1
    """
)
_LANDINGS = text(
    """
    SELECT c.id, min(k.fulfilled_at) AS landed_at, bool_or(NOT k.enforced) AS shown_only
    FROM alerting.cases c
    LEFT JOIN alerting.clock k ON k.case_id = c.id AND k.metric = 'land'
    WHERE c.tenant = :tenant GROUP BY 1
    """
)


async def breaches(
    connection: AsyncConnection,
    tenant: str,
    since: datetime,
    now: datetime,
    state: str | None = None,
) -> dict[tuple[str, str, datetime], str]:
    """Why, by case, metric and deadline: what still waits first, the newest of it first."""
    values = {"tenant": tenant, "since": since, "now": now, "state": state}
    rows = await connection.execute(_BREACHES, values)
    return {(row.case_id, row.metric, row.due_at): row.why for row in rows}


def counted(found: dict[tuple[str, str, datetime], str]) -> Counter[tuple[str, str]]:
    return Counter((metric, why) for (_, metric, _), why in found.items())


async def kept(
    connection: AsyncConnection,
    tenant: str,
    since: datetime,
    now: datetime,
    state: str | None = None,
) -> dict[str, tuple[int, int, int]]:
    """By metric: clocks whose time is up, those that were met, those that still wait."""
    values = {"tenant": tenant, "since": since, "now": now, "state": state}
    rows = await connection.execute(_KEPT, values)
    return {row.metric: (row.n, row.met, row.overdue) for row in rows}


async def landings(
    connection: AsyncConnection, tenant: str
) -> dict[str, tuple[datetime | None, bool | None]]:
    """When each case first landed, and whether a clock of that was only shown."""
    rows = await connection.execute(_LANDINGS, {"tenant": tenant})
    return {row.id: (row.landed_at, row.shown_only) for row in rows}
