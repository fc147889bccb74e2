"""SQL of what is remembered of feedback with labels: that it has some, and what policies go by.

No words and no identifiers are in it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.policies.matching import Item
from heedful.alerting.records import FeedbackKey, Heard

# Another light, set by hand, makes another item of it; a replay makes the same.
_REMEMBER = text(
    """
    INSERT INTO alerting.enriched AS e (tenant, source, feedback_id, seen_at, received_at, item)
    SELECT w.tenant, w.source, w.id, CAST(:now AS timestamptz), w.received_at,
        CAST(w.item AS jsonb)
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),
        CAST(:received AS timestamptz[]), CAST(:items AS text[])
    ) AS w (tenant, source, id, received_at, item)
    ORDER BY w.tenant, w.source, w.id
    ON CONFLICT (tenant, source, feedback_id) DO UPDATE SET item = excluded.item
        WHERE e.item IS DISTINCT FROM excluded.item
    RETURNING tenant, source, feedback_id, xmax = 0 AS fresh
    """
)
_ITEMS = text(
    """
    SELECT e.tenant, e.source, e.feedback_id, e.item FROM alerting.enriched e
    JOIN unnest(CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]))
        AS w (tenant, source, id)
        ON e.tenant = w.tenant AND e.source = w.source AND e.feedback_id = w.id
    WHERE e.item IS NOT NULL
    """
)
_PRUNE = text("DELETE FROM alerting.enriched WHERE seen_at < :before")


async def remember(
    connection: AsyncConnection, now: datetime, found: Sequence[Heard]
) -> set[FeedbackKey]:
    """These have labels: never watch them again; gives those of which that is news."""
    values = {
        **FeedbackKey.columns([one.key for one in found]),
        "now": now,
        "received": [one.received_at for one in found],
        "items": [orjson.dumps(one.item).decode() for one in found],
    }
    rows = await connection.execute(_REMEMBER, values)
    return {FeedbackKey(row.tenant, row.source, row.feedback_id) for row in rows if row.fresh}


async def items(
    connection: AsyncConnection, keys: Collection[FeedbackKey]
) -> dict[FeedbackKey, Item]:
    """What is known of those that are remembered."""
    if not keys:
        return {}
    return {
        FeedbackKey(row.tenant, row.source, row.feedback_id): item_in(row.item)
        for row in await connection.execute(_ITEMS, FeedbackKey.columns(list(keys)))
    }


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Forget what was seen before."""
    await connection.execute(_PRUNE, {"before": before})


def item_in(kept: dict[str, Any]) -> Item:
    """The item that a column holds."""
    return Item(**{name: _tupled(value) for name, value in kept.items()})


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
