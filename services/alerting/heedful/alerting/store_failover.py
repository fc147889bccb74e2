"""SQL of failover: which deliveries are overdue, and who stands in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.delivery_records import Frozen
from heedful.alerting.webhook import EventType
from heedful.common.events import deterministic_id

# An endpoint's own stand-in goes before the tenant's, unless it is deleted or disabled.
_OVERDUE = text(
    """
    SELECT d.id, d.tenant, d.case_id, d.endpoint_id, d.event_type, d.body, d.mentions,
           (SELECT s.id FROM alerting.endpoint s
            WHERE s.tenant = d.tenant AND s.enabled AND s.id <> d.endpoint_id
              AND (s.id = e.failover OR s.fallback)
            ORDER BY (s.id = e.failover) DESC NULLS LAST LIMIT 1) AS substitute
    FROM alerting.delivery d LEFT JOIN alerting.endpoint e ON e.id = d.endpoint_id
    WHERE d.failover_at <= :now
    ORDER BY d.failover_at, d.id LIMIT :limit FOR UPDATE OF d SKIP LOCKED
    """
)

_MARK = text(
    """
    UPDATE alerting.delivery d SET failover_at = NULL, failed_over_to = w.copy
    FROM unnest(CAST(:ids AS text[]), CAST(:copies AS text[])) AS w (id, copy)
    WHERE d.id = w.id
    """
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A delivery that another endpoint has to get. `copy` is None when there is none."""

    id: str
    endpoint_id: str
    copy: Frozen | None


async def overdue(connection: AsyncConnection, now: datetime, limit: int) -> list[Overdue]:
    """Locked, the oldest first."""
    found = []
    for row in await connection.execute(_OVERDUE, {"now": now, "limit": limit}):
        copy = None
        if row.substitute is not None:
            copy = Frozen(
                id=deterministic_id("webhook-failover", row.id, row.substitute),
                tenant=row.tenant,
                case_id=row.case_id,
                endpoint_id=row.substitute,
                type=EventType(row.event_type),
                body=bytes(row.body),
                mentions=orjson.dumps(row.mentions).decode(),
                urgent=True,
                failover_of=row.id,
            )
        found.append(Overdue(row.id, row.endpoint_id, copy))
    return found


async def mark(connection: AsyncConnection, passed_on: Sequence[Overdue]) -> None:
    """They do not fail over again, and say where their copy went."""
    values = {
        "ids": [one.id for one in passed_on],
        "copies": [None if one.copy is None else one.copy.id for one in passed_on],
    }
    await connection.execute(_MARK, values)
