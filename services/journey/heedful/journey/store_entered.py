"""SQL of what a team enters: answers of colleagues, and the log of priorities."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey.insights.alignment.answers import Answer
from heedful.journey.insights.priorities.entries import Choice, Entry

Rows = Sequence[Row[Any]]

_ANSWER = text(
    """
    INSERT INTO journey.alignment_answer
        (tenant, quarter, answered_by, role, topics, entered_by, entered_at)
    VALUES (:tenant, :quarter, :answered_by, :role, CAST(:topics AS text[]), :author, :now)
    ON CONFLICT (tenant, quarter, answered_by) DO UPDATE
    SET role = EXCLUDED.role, topics = EXCLUDED.topics, entered_by = EXCLUDED.entered_by,
        entered_at = EXCLUDED.entered_at
    """
)

_ANSWERS = text(
    """
    SELECT quarter, answered_by, role, topics, entered_by, entered_at
    FROM journey.alignment_answer
    WHERE tenant = :tenant AND quarter >= :first AND quarter <= :last
        AND (
            CAST(:quarter AS text) IS NULL
            OR (quarter, answered_by) > (CAST(:quarter AS text), CAST(:answered_by AS text))
        )
    ORDER BY quarter, answered_by LIMIT :limit
    """
)

_ENTER = text(
    """
    INSERT INTO journey.priority
        (tenant, topic, ability, decision, reason, decided_by, decided_at)
    VALUES (:tenant, :topic, :ability, :decision, :reason, :author, :now)
    RETURNING id, topic, ability, decision, reason, decided_by, decided_at
    """
)

_LOG = text(
    """
    SELECT id, topic, ability, decision, reason, decided_by, decided_at FROM journey.priority
    WHERE tenant = :tenant AND (CAST(:topic AS text) IS NULL OR topic = CAST(:topic AS text))
        AND (CAST(:before AS bigint) IS NULL OR id < CAST(:before AS bigint))
    ORDER BY id DESC LIMIT :limit
    """
)

_NEWEST = text(
    """
    SELECT t.topic,
        (SELECT ability FROM journey.priority a
            WHERE a.tenant = t.tenant AND a.topic = t.topic AND a.decided_at < :until
                AND ability IS NOT NULL ORDER BY id DESC LIMIT 1) AS ability,
        d.decision, d.reason, d.decided_by, d.decided_at
    FROM (
        SELECT DISTINCT tenant, topic FROM journey.priority
        WHERE tenant = :tenant AND decided_at < :until
    ) AS t
    LEFT JOIN LATERAL (
        SELECT decision, reason, decided_by, decided_at FROM journey.priority p
        WHERE p.tenant = t.tenant AND p.topic = t.topic AND p.decided_at < :until
            AND decision IS NOT NULL ORDER BY id DESC LIMIT 1
    ) AS d ON true
    ORDER BY t.topic LIMIT :limit
    """
)


async def answer(
    connection: AsyncConnection, tenant: str, one: Answer, author: str, now: datetime
) -> None:
    """Keep a colleague's list of a quarter in place of an earlier one."""
    values = {**one.model_dump(exclude={"topics"}), "topics": list(one.topics)}
    await connection.execute(_ANSWER, {"tenant": tenant, "author": author, "now": now, **values})


async def answers(
    connection: AsyncConnection,
    tenant: str,
    quarters: tuple[str, str],
    after: tuple[str, str] | None,
    limit: int,
) -> Rows:
    """Answers from the first to the last of these quarters, in the order of quarters and people.

    Args:
        after: the quarter and colleague behind whom to go on.
    """
    quarter, answered_by = (None, None) if after is None else after
    values = {"tenant": tenant, "first": quarters[0], "last": quarters[1], "limit": limit}
    rows = await connection.execute(
        _ANSWERS, {**values, "quarter": quarter, "answered_by": answered_by}
    )
    return rows.all()


async def enter(
    connection: AsyncConnection,
    tenant: str,
    topic: str,
    ability: int | None,
    decision: Choice | None,
    reason: str | None,
    author: str,
    now: datetime,
) -> Row[Any]:
    """Add to the log of priorities."""
    values = {"ability": ability, "decision": decision, "reason": reason}
    rows = await connection.execute(
        _ENTER, {"tenant": tenant, "topic": topic, **values, "author": author, "now": now}
    )
    return rows.one()


async def log(
    connection: AsyncConnection, tenant: str, topic: str | None, before: int | None, limit: int
) -> Rows:
    """The log, newest first."""
    rows = await connection.execute(
        _LOG, {"tenant": tenant, "topic": topic, "before": before, "limit": limit}
    )
    return rows.all()


async def entries(
    connection: AsyncConnection, tenant: str, until: datetime, limit: int
) -> list[Entry]:
    """By topic the newest ability and the newest decision before a moment."""
    rows = await connection.execute(_NEWEST, {"tenant": tenant, "until": until, "limit": limit})
    return [Entry.model_validate(dict(row._mapping)) for row in rows]
