"""SQL of the board: counts, clocks at risk, what ran out and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.causes import WHY
from heedful.alerting.figures.facts import CASES, CLOCKS
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import AGES, Landing, Share, Why
from heedful.alerting.figures.store_landing import Cohort, landing
from heedful.alerting.storms.store_reading import count_open
from heedful.common.contracts import ClockMetric

SHOWN: Final = 10
"""Clocks of each list."""


@dataclass(frozen=True, slots=True)
class Board:
    """Figures of one tenant's cases.

    Attributes:
        overdue: clocks that have run out and still wait.
        kept: of clocks whose time is up, of cases received since `since`: those met.
        owners: open cases by owner, the most first; None: they belong to nobody.
        ages: open cases up to each of `AGES`, and older than the last.
        breaches: clocks that ran out since `since`, by metric and why.
        issues: that are open, whatever the filters.
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
    issues: int = 0


async def board(
    connection: AsyncConnection, tenant: str, now: datetime, period: timedelta, filters: Filters
) -> Board:
    """The board; shares and breaches are of what was received or ran out within the period."""
    since = now - period
    values = {**filters.values(tenant, now), **_cuts(now), "since": since, "shown": SHOWN}

    async def rows(statement: TextClause) -> Sequence[Row[Any]]:
        return (await connection.execute(statement, values)).all()

    cases = await rows(_cases(filters, now))
    due = await rows(_due(filters))
    # What still waits comes first; there is an index of it.
    breached = await rows(_breached(filters, "IS NULL"))
    if len(breached) < SHOWN:
        breached = [*breached, *await rows(_breached(filters, "> k.due_at"))][:SHOWN]
    return Board(
        states={row.state: row.n for row in cases if row.by == _BY_STATE},
        colours={row.colour: row.open for row in cases if row.by == _BY_COLOUR and row.open},
        owners=[(row.owner, row.open) for row in cases if row.by == _BY_OWNER and row.open][:SHOWN],
        ages=_ages(cases),
        overdue=dict(_of_metrics(due, "overdue")),
        kept=_kept(due),
        at_risk=await rows(_at_risk(filters)),
        breached=breached,
        breaches={
            (ClockMetric(row.metric), Why(row.why)): row.clocks
            for row in due
            if row.why is not None
        },
        landing=await landing(connection, tenant, filters, Cohort(since, now, now)),
        issues=await count_open(connection, tenant),
    )


# Of a clock's case: what says why it ran out.
_CAUSES = "c.current, c.seen_at, c.owned_at, c.waits"
_RUNNING = "c.open AND k.counts AND k.fulfilled_at IS NULL"


def _clocks(filters: Filters) -> str:
    return f"""
        FROM ({CLOCKS}) AS k JOIN ({CASES}) AS c ON c.id = k.case_id
        WHERE k.tenant = :tenant AND {filters.where("c")}
    """


_BY_STATE, _BY_COLOUR, _BY_OWNER, _BY_AGE = 0b0111, 0b1011, 0b1101, 0b1110


def _cases(filters: Filters, now: datetime) -> TextClause:
    """Cases by state, by light, by owner, and by how many of `AGES` they are older than."""
    older = " + ".join(f"CAST(c.received_at <= :{cut} AS int)" for cut in _cuts(now))
    return text(
        f"""
        SELECT GROUPING(state, colour, owner, older) AS by, state, colour, owner, older,
            count(*) AS n, count(*) FILTER (WHERE open) AS open
        FROM (SELECT c.state, c.colour, c.owner, c.open, {older} AS older
              FROM ({CASES}) AS c WHERE {filters.where("c")}) AS counted
        GROUP BY GROUPING SETS ((state), (colour), (owner), (older))
        ORDER BY open DESC, owner
        """  # noqa: S608  # own names
    )


def _due(filters: Filters) -> TextClause:
    """Clocks whose time is up, by metric and why they ran out; without a why those that did not, or
    did before."""
    # Of `n` only clocks whose time is up: a younger cohort would hold its quick successes and not
    # yet its failures.
    return text(
        f"""
        SELECT metric, CASE WHEN due_at > :since AND fulfilled_at <= due_at IS NOT TRUE
                THEN {WHY} END AS why,
            count(*) AS clocks, count(*) FILTER (WHERE recent) AS n,
            count(*) FILTER (WHERE recent AND fulfilled_at <= due_at) AS met,
            count(*) FILTER (WHERE open AND fulfilled_at IS NULL) AS overdue
        FROM (SELECT k.metric, k.case_id, k.fulfilled_at, k.due_at, c.open, {_CAUSES},
                  k.started_at > :since AS recent
              {_clocks(filters)} AND k.counts AND k.due_at <= :now) AS k
        GROUP BY 1, 2
        """  # noqa: S608  # own names
    )


def _at_risk(filters: Filters) -> TextClause:
    return text(
        f"""
        SELECT k.case_id, k.metric, k.due_at, c.state, c.colour, c.owner, c.team, c.touchpoint
        {_clocks(filters)} AND {_RUNNING} AND k.due_at > :now
        ORDER BY k.due_at, k.case_id, k.metric LIMIT :shown
        """  # own names
    )


def _breached(filters: Filters, fulfilled: str) -> TextClause:
    """Clocks that ran out within the period, the newest first."""
    order = "k.due_at DESC, k.case_id, k.metric LIMIT :shown"
    return text(
        f"""
        SELECT k.*, {WHY} AS why FROM (
            SELECT k.case_id, k.metric, k.due_at, k.fulfilled_at, c.state, c.colour, c.owner,
                c.team, c.touchpoint, {_CAUSES}
            {_clocks(filters)} AND k.counts AND k.due_at > :since AND k.due_at <= :now
                AND k.fulfilled_at {fulfilled}
            ORDER BY {order}
        ) AS k ORDER BY {order}
        """  # noqa: S608  # own names
    )


def _of_metrics(due: Sequence[Row[Any]], column: str) -> Counter[str]:
    """Its sum of each metric, where it is not 0."""
    return +sum((Counter({row.metric: getattr(row, column)}) for row in due), Counter())


def _kept(due: Sequence[Row[Any]]) -> dict[str, Share]:
    met = _of_metrics(due, "met")
    return {metric: Share(met[metric], n) for metric, n in _of_metrics(due, "n").items()}


def _ages(cases: Sequence[Row[Any]]) -> list[int]:
    """Open cases between the cuts, the youngest first."""
    counted = {row.older: row.open for row in cases if row.by == _BY_AGE}
    return [counted.get(number, 0) for number in range(len(AGES) + 1)]


def _cuts(now: datetime) -> dict[str, datetime]:
    return {f"cut{number}": now - age for number, age in enumerate(AGES)}
