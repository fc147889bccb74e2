"""SQL of what people do to issues. Whoever changes one has locked it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.states import WORKING, State
from heedful.alerting.storms.model import Group, Issue
from heedful.alerting.storms.store_issues import COLUMNS, issue_of
from heedful.alerting.storms.tasks import PLANNABLE, Answer, Plan, TaskKind

_GROUPS = text(
    """
    SELECT id, topic, touchpoint, region FROM alerting.cases
    WHERE tenant = :tenant AND id = ANY(CAST(:ids AS text[]))
    """
)
_LOCK = text(
    f"SELECT {COLUMNS} FROM alerting.issue i WHERE i.id = :id AND i.tenant = :tenant FOR UPDATE"  # noqa: S608  # a constant
)
_REMOVE = text(
    """
    UPDATE alerting.issue_case SET until = :now
    WHERE issue_id = :issue AND case_id = :case AND until IS NULL RETURNING case_id
    """
)
_CLOSE = text("UPDATE alerting.issue SET closed_at = :now, look_at = :now WHERE id = :issue")
_LEAVE = text(
    "UPDATE alerting.issue_case SET until = :now WHERE issue_id = :issue AND until IS NULL"
)
_PLAN = text("UPDATE alerting.issue SET plan = CAST(:plan AS jsonb) WHERE id = :issue")
_ANSWER = text(
    """
    INSERT INTO alerting.issue_answer (id, issue_id, answer, at, actor_type, actor_id)
    VALUES (:id, :issue, :answer, :at, :actor_type, :actor_id)
    """
)
_TASKS = text(
    """
    INSERT INTO alerting.issue_task (issue_id, case_id, kind, answer_id, wanted_at, due_at)
    SELECT m.issue_id, m.case_id, :kind, :answer, CAST(:now AS timestamptz),
        CAST(:now AS timestamptz)
    FROM alerting.issue_case m JOIN alerting.cases c ON c.id = m.case_id
    WHERE m.issue_id = :issue AND m.until IS NULL AND c.state = ANY(CAST(:states AS text[]))
    ORDER BY m.case_id RETURNING case_id
    """
)


async def groups_of(
    connection: AsyncConnection, tenant: str, cases: Sequence[str]
) -> dict[str, Group | None]:
    """Cases of the tenant, of those asked for, with what they have in common with others."""
    rows = await connection.execute(_GROUPS, {"tenant": tenant, "ids": list(cases)})
    return {
        row.id: None if row.topic is None else Group(tenant, row.topic, row.touchpoint, row.region)
        for row in rows
    }


async def lock(connection: AsyncConnection, tenant: str, issue_id: str) -> Issue | None:
    """Nobody else changes it meanwhile. None: the tenant has no such issue."""
    row = (await connection.execute(_LOCK, {"id": issue_id, "tenant": tenant})).first()
    return None if row is None else issue_of(row)


async def remove(connection: AsyncConnection, now: datetime, issue_id: str, case_id: str) -> bool:
    """Take a case out; false when it is none of the issue's."""
    values = {"issue": issue_id, "case": case_id, "now": now}
    return (await connection.execute(_REMOVE, values)).first() is not None


async def close(connection: AsyncConnection, now: datetime, issue_id: str) -> None:
    """From now on cases tell of themselves; the issue tells of its end."""
    values = {"issue": issue_id, "now": now}
    await connection.execute(_CLOSE, values)
    await connection.execute(_LEAVE, values)


async def set_plan(connection: AsyncConnection, issue_id: str, plan: Plan) -> int:
    """A plan for all cases without one, also for those that join later; how many there are."""
    written = orjson.dumps(plan.model_dump(mode="json")).decode()
    await connection.execute(_PLAN, {"issue": issue_id, "plan": written})
    return await _ask(connection, issue_id, TaskKind.PLAN, "", plan.at, PLANNABLE)


async def add_answer(connection: AsyncConnection, issue_id: str, answer: Answer) -> int:
    """An answer for the customers of all cases that are not over; how many there are."""
    await connection.execute(
        _ANSWER,
        {
            "id": answer.id,
            "issue": issue_id,
            "answer": answer.text,
            "at": answer.at,
            "actor_type": answer.actor.type.value,
            "actor_id": answer.actor.id,
        },
    )
    return await _ask(connection, issue_id, TaskKind.REPLY, answer.id, answer.at, WORKING)


async def _ask(
    connection: AsyncConnection,
    issue_id: str,
    kind: TaskKind,
    answer_id: str,
    at: datetime,
    states: Collection[State],
) -> int:
    values = {
        "issue": issue_id,
        "kind": kind.value,
        "answer": answer_id,
        "now": at,
        "states": sorted(states),
    }
    return len((await connection.execute(_TASKS, values)).all())
