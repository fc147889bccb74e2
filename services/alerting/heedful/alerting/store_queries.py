"""SQL of what the API reads: lists, one case, the board."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.states import State
from heedful.common.contracts import Colour

SortKey = tuple[datetime, str]

CASE_COLUMNS = """
    id, state, colour, sequence, cycle, policy, rule, channel, topic, touchpoint, department,
    region, late_source, received_at, opened_at, over_at, reasons, owner, action_owner, action,
    action_due, root_cause, action_taken, resumes_to, paused_at, pause_used, proposed_by,
    dismissal, merged_into, erased_at, due_at,
    (SELECT m.issue_id FROM alerting.issue_case m
     WHERE m.case_id = cases.id AND m.until IS NULL) AS issue_id
"""
"""Of `alerting.cases`, as `cases`."""
_DELIVERY_COLUMNS = """
    id, case_id, endpoint_id, event_type, state, attempts, due_at, created_at, finished_at,
    urgent, digest, failed_over_to, failover_of
"""

_CASE = text(
    f"SELECT {CASE_COLUMNS} FROM alerting.cases WHERE id = :id AND tenant = :tenant"  # noqa: S608  # a constant
)
_FEEDBACK = text(
    """
    SELECT case_id, source, feedback_id, channel, colour FROM alerting.case_feedback
    WHERE case_id = ANY(CAST(:cases AS text[])) ORDER BY received_at, source, feedback_id
    """
)
_EVENTS = text(
    """
    SELECT id, sequence, kind, at, recorded_at, actor_type, actor_id, colour, feedback_source,
           feedback_id, clock, cycle, rung, note, detail
    FROM alerting.case_event WHERE case_id = :id ORDER BY sequence
    """
)
_LAST_EVENT = text(
    """
    SELECT actor_type, actor_id, recorded_at FROM alerting.case_event
    WHERE case_id = :id ORDER BY sequence DESC LIMIT 1
    """
)
_DELIVERY = text(
    f"SELECT {_DELIVERY_COLUMNS} FROM alerting.delivery WHERE id = :id AND tenant = :tenant"  # noqa: S608  # a constant
)
_ATTEMPTS = text(
    """
    SELECT DISTINCT ON (delivery_id) delivery_id, at, status, error, duration_ms, response, digest
    FROM alerting.attempt WHERE delivery_id = ANY(CAST(:ids AS text[]))
    ORDER BY delivery_id, number DESC
    """
)
_LOG = text(
    """
    SELECT at, status, error, duration_ms, response, digest FROM alerting.attempt
    WHERE delivery_id = :id ORDER BY number DESC LIMIT :limit
    """
)

_OPEN = text(
    "SELECT state, colour, count(*) AS n FROM alerting.cases WHERE over_at IS NULL GROUP BY 1, 2"
)


async def deliveries(
    connection: AsyncConnection,
    filters: Mapping[str, str | None],
    tenant: str,
    after: SortKey | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Deliveries, newest first, one more than `limit` if there are more."""
    chosen = {name: value for name, value in filters.items() if value is not None}
    where = ["tenant = :tenant", *(f"{name} = :{name}" for name in chosen)]
    values: dict[str, Any] = {**chosen, "tenant": tenant, "limit": limit + 1}
    if after is not None:
        where.append("(created_at, id) < (:after_at, :after_id)")
        values.update(after_at=after[0], after_id=after[1])
    query = (
        f"SELECT {_DELIVERY_COLUMNS} FROM alerting.delivery"  # noqa: S608  # own names
        f" WHERE {' AND '.join(where)} ORDER BY created_at DESC, id DESC LIMIT :limit"
    )
    return (await connection.execute(text(query), values)).all()


async def feedback_of(
    connection: AsyncConnection, cases: Sequence[str]
) -> dict[str, list[Row[Any]]]:
    """The linked feedback of each case."""
    found: dict[str, list[Row[Any]]] = {case: [] for case in cases}
    for row in await connection.execute(_FEEDBACK, {"cases": list(cases)}):
        found[row.case_id].append(row)
    return found


async def case(connection: AsyncConnection, tenant: str, case_id: str) -> Row[Any] | None:
    return (await connection.execute(_CASE, {"id": case_id, "tenant": tenant})).first()


async def events_of(connection: AsyncConnection, case_id: str) -> Sequence[Row[Any]]:
    return (await connection.execute(_EVENTS, {"id": case_id})).all()


async def last_event(connection: AsyncConnection, case_id: str) -> Row[Any]:
    """Who moved a case last, and when; it has at least the event that opened it."""
    return (await connection.execute(_LAST_EVENT, {"id": case_id})).one()


async def delivery(connection: AsyncConnection, tenant: str, delivery_id: str) -> Row[Any] | None:
    return (await connection.execute(_DELIVERY, {"id": delivery_id, "tenant": tenant})).first()


async def attempts(connection: AsyncConnection, delivery_id: str, limit: int) -> Sequence[Row[Any]]:
    """The tries of a delivery, the latest first."""
    return (await connection.execute(_LOG, {"id": delivery_id, "limit": limit})).all()


async def last_attempts(
    connection: AsyncConnection, deliveries: Sequence[str]
) -> dict[str, Row[Any]]:
    """The last try of each delivery that has one."""
    rows = await connection.execute(_ATTEMPTS, {"ids": list(deliveries)})
    return {row.delivery_id: row for row in rows}


async def count_open(connection: AsyncConnection) -> dict[tuple[State, Colour], int]:
    """Cases that are not closed, of all tenants, by state and light."""
    rows = await connection.execute(_OPEN)
    return {(State(row.state), Colour(row.colour)): row.n for row in rows}
