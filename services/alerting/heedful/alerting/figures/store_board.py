"""SQL of the board: counts, clocks at risk, what ran out and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.facts import CASES, CLOCKS
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import AGES, Landing, Share, Why
from heedful.alerting.figures.store_landing import Cohort, landing
from heedful.common.contracts import ClockMetric

SHOWN: Final = 10
"""Clocks of each list."""

# As `Why` says; the moment is that at which the clock ran out.
_WHY = """
    CASE WHEN coalesce(e.seen > k.due_at, true) THEN 'not_seen'
        WHEN coalesce(e.last_wait = 'paused', false) THEN 'waiting'
        WHEN coalesce(e.owned > k.due_at, true) THEN 'no_owner'
        WHEN e.last_wait IS NOT NULL THEN 'paused'
        WHEN k.metric = 'plan' THEN 'late_plan'
        WHEN k.metric = 'land' THEN 'late_landing'
        ELSE 'late_contact' END
"""

_EVENTS = """
    SELECT min(at) FILTER (WHERE kind <> 'opened' AND actor_type = 'human'
            OR kind IN ('acknowledged', 'planned', 'landed')) AS seen,
        min(at) FILTER (WHERE kind IN ('assigned', 'planned')) AS owned,
        (array_agg(kind ORDER BY sequence DESC)
            FILTER (WHERE kind IN ('paused', 'resumed') AND at <= k.due_at))[1] AS last_wait
    FROM alerting.case_event WHERE case_id = k.case_id
"""


@dataclass(frozen=True, slots=True)
class Board:
    """Figures of one tenant's cases.

    Attributes:
        overdue: clocks that have run out and still wait.
        kept: of clocks whose time is up, of cases received since `since`: those met.
        owners: open cases by owner, the most first; None: they belong to nobody.
        ages: open cases up to each of `AGES`, and older than the last.
        breaches: clocks that ran out since `since`, by metric and why.
    """

    states: Mapping[str, int]
    colours: Mapping[str, int]
    owners: Sequence[tuple[str | None, int]]
    ages: Sequence[int]
    overdue: Mapping[str, int]
    kept: Mapping[str, Share]
    at_risk: Sequence[Row[Any]]
    breached: Sequence[Row[Any]]
    breaches: Mapping[tuple[ClockMetric, Why], int]
    landing: Landing


async def board(
    connection: AsyncConnection, tenant: str, now: datetime, period: timedelta, filters: Filters
) -> Board:
    """The board; shares and breaches are of what was received or ran out within the period."""
    since = now - period
    values = {**filters.values(tenant, now), "since": since, "shown": SHOWN}

    async def rows(statement: TextClause) -> Sequence[Row[Any]]:
        return (await connection.execute(statement, values)).all()

    by_state, by_colour, by_owner, overdue = [
        await rows(_grouped(filters, column, condition))
        for column, condition in (
            ("c.state", "true"),
            ("c.colour", "c.open"),
            ("c.owner", "c.open"),
            ("k.metric", f"{_RUNNING} AND k.due_at <= :now"),
        )
    ]
    kept = await rows(_kept(filters))
    ran_out = await rows(_breaches(filters))
    ages = (await connection.execute(_ages(filters), {**values, **_cuts(now)})).one()
    return Board(
        states=dict(map(_pair, by_state)),
        colours=dict(map(_pair, by_colour)),
        owners=[_pair(row) for row in by_owner[:SHOWN]],
        ages=list(ages),
        overdue=dict(map(_pair, overdue)),
        kept={row.metric: Share(row.met, row.n) for row in kept},
        at_risk=await rows(_at_risk(filters)),
        breached=await rows(_breached(filters)),
        breaches={(ClockMetric(row.metric), Why(row.why)): row.n for row in ran_out},
        landing=await landing(connection, tenant, filters, Cohort(since, now, now)),
    )


_RUNNING = "c.open AND k.counts AND k.fulfilled_at IS NULL"


def _clocks(filters: Filters) -> str:
    return f"""
        FROM ({CLOCKS}) AS k JOIN ({CASES}) AS c ON c.id = k.case_id
        WHERE k.tenant = :tenant AND {filters.where("c")}
    """


def _grouped(filters: Filters, column: str, condition: str) -> TextClause:
    """Cases, or clocks, by a column."""
    source = f"FROM ({CASES}) AS c WHERE {filters.where('c')}"
    if column.startswith("k."):
        source = _clocks(filters)
    return text(
        f"SELECT {column} AS name, count(*) AS n {source} AND {condition}"  # own names
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    )


def _kept(filters: Filters) -> TextClause:
    # Only clocks whose time is up: a younger cohort would hold its quick successes and not yet
    # its failures.
    return text(
        f"""
        SELECT k.metric, count(*) AS n,
            count(*) FILTER (WHERE k.fulfilled_at <= k.due_at) AS met
        {_clocks(filters)} AND k.counts AND k.due_at <= :now AND k.started_at > :since
        GROUP BY 1
        """  # own names
    )


def _at_risk(filters: Filters) -> TextClause:
    return text(
        f"""
        SELECT k.case_id, k.metric, k.due_at, c.state, c.colour, c.owner, c.team, c.touchpoint
        {_clocks(filters)} AND {_RUNNING} AND k.due_at > :now
        ORDER BY k.due_at, k.case_id, k.metric LIMIT :shown
        """  # own names
    )


def _out(filters: Filters) -> str:
    return f"""
        SELECT k.case_id, k.metric, k.due_at, k.fulfilled_at, c.state, c.colour, c.owner, c.team,
            c.touchpoint, {_WHY} AS why
        FROM ({CLOCKS}) AS k JOIN ({CASES}) AS c ON c.id = k.case_id
        CROSS JOIN LATERAL ({_EVENTS}) AS e
        WHERE k.tenant = :tenant AND {filters.where("c")} AND k.counts
            AND k.due_at > :since AND k.due_at <= :now
            AND (k.fulfilled_at IS NULL OR k.fulfilled_at > k.due_at)
    """  # noqa: S608  # own names


def _breached(filters: Filters) -> TextClause:
    """Those that still wait come first, the newest of them first."""
    return text(
        f"""
        SELECT * FROM ({_out(filters)}) AS o
        ORDER BY fulfilled_at IS NOT NULL, due_at DESC, case_id, metric LIMIT :shown
        """  # noqa: S608  # own names
    )


def _breaches(filters: Filters) -> TextClause:
    return text(
        f"SELECT metric, why, count(*) AS n FROM ({_out(filters)}) AS o GROUP BY 1, 2"  # noqa: S608  # own names
    )


def _ages(filters: Filters) -> TextClause:
    marks = [f":cut{number}" for number in range(len(AGES))]
    lower = [*marks, None]
    upper = [None, *marks]
    columns = ", ".join(
        f"count(*) FILTER (WHERE {_between(low, high)})"
        for low, high in zip(lower, upper, strict=True)
    )
    return text(
        f"SELECT {columns} FROM ({CASES}) AS c WHERE {filters.where('c')} AND c.open"  # noqa: S608  # own names
    )


def _between(low: str | None, high: str | None) -> str:
    conditions = [f"c.received_at > {low}"] if low else []
    conditions += [f"c.received_at <= {high}"] if high else []
    return " AND ".join(conditions)


def _cuts(now: datetime) -> dict[str, datetime]:
    return {f"cut{number}": now - age for number, age in enumerate(AGES)}


def _pair(row: Row[Any]) -> tuple[Any, int]:
    return row.name, row.n
