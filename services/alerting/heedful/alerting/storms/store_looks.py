"""SQL of looking at issues: which are due, how their cases stand, and what came of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.storms.model import SETTLED, Issue, Standing
from heedful.alerting.storms.store_issues import COLUMNS, issue_of
from heedful.common.contracts import Colour
from heedful.common.retention import WHOSE, Rule

_DUE = text(
    f"""
    SELECT {COLUMNS} FROM alerting.issue i WHERE i.look_at <= :now
    ORDER BY i.look_at, i.id LIMIT :limit FOR UPDATE SKIP LOCKED
    """  # noqa: S608  # a constant
)
_NEXT = text("SELECT min(look_at) FROM alerting.issue WHERE look_at > :now")

_STANDING = text(
    """
    SELECT m.issue_id, c.state, count(*) AS n, count(*) FILTER (WHERE c.colour = :red) AS red
    FROM alerting.issue_case m JOIN alerting.issue i ON i.id = m.issue_id
    JOIN alerting.cases c ON c.id = m.case_id
    WHERE m.issue_id = ANY(CAST(:issues AS text[]))
        AND (m.until IS NULL OR m.until = i.closed_at)
    GROUP BY 1, 2
    """
)

_LOOKED = text(
    """
    UPDATE alerting.issue i SET look_at = w.look_at, told_at = w.told_at, flushes = w.flushes,
        told_to = w.told_to, closed_at = w.closed_at
    FROM json_populate_recordset(NULL::alerting.issue, CAST(:rows AS json)) AS w
    WHERE i.id = w.id
    """
)
_LEAVE = text(
    """
    UPDATE alerting.issue_case m SET until = i.closed_at FROM alerting.issue i
    WHERE i.id = m.issue_id AND i.id = ANY(CAST(:issues AS text[])) AND m.until IS NULL
    """
)

_OLD = text(
    f"""
    WITH old AS MATERIALIZED (
        SELECT id FROM alerting.issue WHERE closed_at < :before AND look_at IS NULL AND {WHOSE}
        ORDER BY closed_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), cases AS (
        DELETE FROM alerting.issue_case c USING old WHERE c.issue_id = old.id
    ), notices AS (
        DELETE FROM alerting.issue_notice n USING old WHERE n.issue_id = old.id
    ), answers AS (
        DELETE FROM alerting.issue_answer a USING old WHERE a.issue_id = old.id
    ), tasks AS (
        DELETE FROM alerting.issue_task t USING old WHERE t.issue_id = old.id
    ), events AS (
        DELETE FROM alerting.issue_event e USING old WHERE e.issue_id = old.id
    )
    DELETE FROM alerting.issue i USING old WHERE i.id = old.id
    """  # noqa: S608  # a constant
)


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[Issue]:
    """Issues to be looked at, locked; another replica has the others."""
    rows = await connection.execute(_DUE, {"now": now, "limit": limit})
    return [issue_of(row) for row in rows]


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    found: datetime | None = (await connection.execute(_NEXT, {"now": now})).scalar_one()
    return found


async def standing(connection: AsyncConnection, issues: Collection[str]) -> dict[str, Standing]:
    """How the cases of these issues stand, without those that were taken out."""
    states: dict[str, dict[str, int]] = {one: {} for one in issues}
    red = dict.fromkeys(issues, 0)
    values = {"issues": sorted(issues), "red": Colour.RED.value}
    for row in await connection.execute(_STANDING, values):
        states[row.issue_id][row.state] = row.n
        red[row.issue_id] += row.red if row.state not in SETTLED else 0
    return {
        one: Standing(
            cases=sum(by.values()),
            unsettled=sum(n for state, n in by.items() if state not in SETTLED),
            red=red[one],
            states=by,
        )
        for one, by in states.items()
    }


async def looked(
    connection: AsyncConnection, looks: Sequence[tuple[Issue, datetime | None]]
) -> None:
    """Store locked issues as they are after a look, and when the next one is; those that are
    closed let their cases go."""
    rows = [
        {
            "id": issue.id,
            "look_at": look_at,
            "told_at": issue.told_at,
            "flushes": issue.flushes,
            "told_to": dict(issue.told_to),
            "closed_at": issue.closed_at,
        }
        for issue, look_at in looks
    ]
    await connection.execute(_LOOKED, {"rows": orjson.dumps(rows).decode()})
    closed = [issue.id for issue, _ in looks if issue.closed_at is not None]
    if closed:
        await connection.execute(_LEAVE, {"issues": closed})


async def delete_old(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """Forget issues that were closed so long ago; how many it was."""
    return (await connection.execute(_OLD, {**rule.values, "limit": limit})).rowcount
