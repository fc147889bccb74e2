"""SQL of the API of journeys: reads only, always within one tenant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_PAGE = """
    SELECT * FROM journey.journey
    WHERE tenant = :tenant {conditions}
        AND (CAST(:at AS timestamptz) IS NULL OR (last_at, customer_id) < (:at, :customer))
    ORDER BY last_at DESC, customer_id DESC LIMIT :limit
"""
_STAGE = "AND stage = :stage"
_STUCK = "AND stuck_at <= :now"
_MOVING = "AND (stuck_at IS NULL OR stuck_at > :now)"


async def page(
    connection: AsyncConnection,
    tenant: str,
    *,
    stage: str | None,
    stuck: bool | None,
    now: datetime,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Journeys, those with the newest events first."""
    conditions = "" if stage is None else _STAGE
    if stuck is not None:
        conditions += f" {_STUCK if stuck else _MOVING}"
    at, customer = after or (None, None)
    values = {"tenant": tenant, "stage": stage, "now": now, "limit": limit}
    given = {"at": at, "customer": customer}
    rows = await connection.execute(text(_PAGE.format(conditions=conditions)), {**values, **given})
    return rows.all()
