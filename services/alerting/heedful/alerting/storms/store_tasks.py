"""SQL of what issues want of their cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.storms.tasks import Answer, Plan
from heedful.common.contracts import Actor, ActorType

# A task goes with its step. It goes without one when the case was taken out of the issue
# meanwhile, or its customer was erased.
_TAKE = text(
    """
    WITH due AS MATERIALIZED (
        SELECT id FROM alerting.issue_task WHERE due_at <= :now
        ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM alerting.issue_task t USING due WHERE t.id = due.id RETURNING t.*
    )
    SELECT t.issue_id, t.case_id, t.kind, t.wanted_at, i.plan, a.id AS answer_id, a.answer, a.at,
        a.actor_type, a.actor_id
    FROM taken t JOIN alerting.issue i ON i.id = t.issue_id
    LEFT JOIN alerting.issue_answer a ON a.id = t.answer_id
    JOIN alerting.cases c ON c.id = t.case_id AND c.erased_at IS NULL
    JOIN alerting.issue_case m ON m.issue_id = t.issue_id AND m.case_id = t.case_id
        AND (m.until IS NULL OR m.until = i.closed_at)
    ORDER BY t.case_id, t.id
    """
)
_PUT_BACK = text(
    """
    INSERT INTO alerting.issue_task (issue_id, case_id, kind, wanted_at, due_at)
    SELECT w.issue_id, w.case_id, 'plan', CAST(:at AS timestamptz), CAST(:at AS timestamptz)
    FROM unnest(CAST(:issues AS text[]), CAST(:cases AS text[])) AS w (issue_id, case_id)
    """
)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that an issue wants of a case: its answer, else its plan.

    Attributes:
        wanted_at: since when.
    """

    issue_id: str
    case_id: str
    wanted_at: datetime
    plan: Plan | None
    answer: Answer | None


async def take_due(connection: AsyncConnection, now: datetime, limit: int) -> list[Task]:
    """Tasks that are due; this transaction is the end of them."""
    rows = await connection.execute(_TAKE, {"now": now, "limit": limit})
    tasks = []
    for row in rows:
        answer = None
        if row.answer_id is not None:
            actor = Actor(type=ActorType(row.actor_type), id=row.actor_id)
            answer = Answer(row.answer_id, row.answer, row.at, actor)
        plan = None if row.plan is None else Plan.model_validate(row.plan)
        tasks.append(Task(row.issue_id, row.case_id, row.wanted_at, plan, answer))
    return tasks


async def put_back(connection: AsyncConnection, at: datetime, tasks: Sequence[Task]) -> None:
    """Look again then: these cases cannot be planned yet."""
    values = {
        "issues": [one.issue_id for one in tasks],
        "cases": [one.case_id for one in tasks],
        "at": at,
    }
    await connection.execute(_PUT_BACK, values)
