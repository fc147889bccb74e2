"""SQL of notices that have become pointless before they were sent (reference/sla.md §4.8)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# What is under way is told; whoever sends it finds that it is not its own any more.
_WITHDRAW = text(
    """
    WITH w AS (
        SELECT * FROM unnest(
            CAST(:tenants AS text[]), CAST(:cases AS text[]), CAST(:clocks AS text[])
        ) AS w (tenant, case_id, clock)
    ), left_to_issues AS (
        DELETE FROM alerting.issue_notice n USING w
        WHERE n.case_id = w.case_id AND n.clock = w.clock AND n.flush IS NULL
          AND n.event_type IN ('case.warning', 'case.escalated')
    )
    UPDATE alerting.delivery d SET state = 'discarded', finished_at = :now FROM w
    WHERE d.tenant = w.tenant AND d.case_id = w.case_id AND d.state = 'pending'
      AND d.event_type IN ('case.warning', 'case.escalated')
      AND CAST(convert_from(d.body, 'UTF8') AS jsonb) #>> '{data,clock}' = w.clock
    """
)


async def withdraw(
    connection: AsyncConnection, now: datetime, clocks: Sequence[tuple[str, str, str]]
) -> int:
    """Discard what waits to be told of clocks that do not run any more; how many it was.

    A breach is told all the same: it did happen.

    Args:
        clocks: tenant, case and metric.
    """
    values = {
        "now": now,
        "tenants": [tenant for tenant, _, _ in clocks],
        "cases": [case_id for _, case_id, _ in clocks],
        "clocks": [metric for _, _, metric in clocks],
    }
    return (await connection.execute(_WITHDRAW, values)).rowcount
