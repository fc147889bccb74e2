"""SQL of fixes that are looked at: one row for each landing with a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.verification.plan import Fix, Plan
from heedful.alerting.verification.series import Measure
from heedful.alerting.verification.verdict import Verdict

_PLAN = text(
    """
    INSERT INTO alerting.verification (
        case_id, sequence, tenant, topic, touchpoint, measure, after_days, received_on, landed_on,
        due_at)
    VALUES (:case_id, :sequence, :tenant, :topic, :touchpoint, :measure, :after_days,
        :received_on, :landed_on, :due_at)
    ON CONFLICT DO NOTHING
    """
)

_COLUMNS = """
    case_id, sequence, tenant, topic, touchpoint, measure, after_days, received_on, landed_on
"""

_DUE = text(
    f"""
    SELECT {_COLUMNS} FROM alerting.verification
    WHERE decided_at IS NULL AND due_at <= :now
    ORDER BY due_at, case_id LIMIT 1 FOR UPDATE SKIP LOCKED
    """  # noqa: S608  # a constant
)

_NEXT = text("SELECT min(due_at) FROM alerting.verification WHERE decided_at IS NULL")

_LAST_LANDING = text(
    "SELECT max(sequence) FROM alerting.case_event WHERE case_id = :case_id AND kind = 'landed'"
)

_DECIDE = text(
    """
    UPDATE alerting.verification
    SET decided_at = :now, outcome = :outcome, verdict = CAST(:verdict AS jsonb)
    WHERE case_id = :case_id AND sequence = :sequence
    """
)

_OF_CASE = text(
    f"""
    SELECT {_COLUMNS}, due_at, decided_at, outcome, verdict FROM alerting.verification
    WHERE tenant = :tenant AND case_id = :case_id ORDER BY sequence
    """  # noqa: S608  # a constant
)


@dataclass(frozen=True, slots=True)
class Looked:
    """A fix with what is known of it; `verdict` as `Verdict` has it, once there is one."""

    fix: Fix
    due_at: datetime
    decided_at: datetime | None
    outcome: str | None
    verdict: dict[str, object] | None


async def plan(connection: AsyncConnection, fix: Fix, zone: tzinfo) -> None:
    """Look at a fix when its days are over; once for each landing."""
    await connection.execute(
        _PLAN,
        {
            "case_id": fix.case_id,
            "sequence": fix.sequence,
            "tenant": fix.tenant,
            "topic": fix.plan.topic,
            "touchpoint": fix.plan.touchpoint,
            "measure": fix.plan.measure.value,
            "after_days": fix.plan.after_days,
            "received_on": fix.received_on,
            "landed_on": fix.landed_on,
            "due_at": fix.due_at(zone),
        },
    )


async def lock_due(connection: AsyncConnection, now: datetime) -> Fix | None:
    """A fix whose days are over, locked; those that another replica looks at are left out."""
    row = (await connection.execute(_DUE, {"now": now})).first()
    return None if row is None else _fix(row)


async def next_due(connection: AsyncConnection) -> datetime | None:
    found: datetime | None = (await connection.execute(_NEXT)).scalar_one()
    return found


async def decide(connection: AsyncConnection, now: datetime, fix: Fix, verdict: Verdict) -> None:
    """Keep the verdict on a locked fix."""
    await connection.execute(
        _DECIDE,
        {
            "now": now,
            "case_id": fix.case_id,
            "sequence": fix.sequence,
            "outcome": verdict.outcome.value,
            "verdict": orjson.dumps(verdict).decode(),
        },
    )


async def latest(connection: AsyncConnection, fix: Fix) -> bool:
    """Whether the case has not landed again since."""
    row = await connection.execute(_LAST_LANDING, {"case_id": fix.case_id})
    found: int | None = row.scalar_one()
    return found == fix.sequence


async def of_case(connection: AsyncConnection, tenant: str, case_id: str) -> Sequence[Looked]:
    """The fixes of a case, in their order."""
    rows = await connection.execute(_OF_CASE, {"tenant": tenant, "case_id": case_id})
    return [Looked(_fix(row), row.due_at, row.decided_at, row.outcome, row.verdict) for row in rows]


def _fix(row: Row[tuple[object, ...]]) -> Fix:
    plan_ = Plan(row.topic, Measure(row.measure), row.touchpoint, row.after_days)
    return Fix(row.tenant, row.case_id, row.sequence, plan_, row.received_on, row.landed_on)
