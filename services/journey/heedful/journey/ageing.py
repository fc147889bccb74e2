"""Events that are older than their tenant keeps them, and customers who have no newer ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.erasure import Tombstones
from heedful.common.retention import WHOSE, Rule
from heedful.journey.forgetting import Gone, forget
from heedful.journey.publishing import SERVICE

_TAKE = text(
    f"""
    DELETE FROM journey.event WHERE (tenant, kind, source, id) IN (
        SELECT tenant, kind, source, id FROM journey.event
        WHERE received_at < :before AND {WHOSE} LIMIT :limit)
    RETURNING tenant, conversation_id, customer_id, identifiers
    """  # noqa: S608  # a constant
)

_LEFT_ALONE = text(
    """
    SELECT i.id FROM journey.identifier i
    WHERE i.customer_id = ANY(CAST(:customers AS uuid[])) AND NOT EXISTS (
        SELECT FROM journey.event e WHERE e.customer_id = i.customer_id)
    """
)


@dataclass(frozen=True, slots=True)
class _Aged:
    """What stands in place of an event that showed something."""

    tenant: str
    kind: str = "retention"
    source: str = SERVICE
    id: str = ""


class Ageing:
    """Deletes old events; a customer whose last one goes is forgotten with it."""

    def __init__(self, tombstones: Tombstones, clock: Callable[[], datetime]) -> None:
        self._tombstones = tombstones
        self._clock = clock

    async def __call__(self, connection: AsyncConnection, rule: Rule, limit: int) -> int:
        """How many events went."""
        await self._tombstones.exclude(connection)
        rows = (await connection.execute(_TAKE, {**rule.values, "limit": limit})).all()
        if not rows:
            return 0
        for tenant in sorted({row.tenant for row in rows}):
            await self._forget(connection, tenant, [row for row in rows if row.tenant == tenant])
        return len(rows)

    async def _forget(
        self, connection: AsyncConnection, tenant: str, rows: Sequence[Row[Any]]
    ) -> None:
        customers = {row.customer_id for row in rows if row.customer_id is not None}
        alone = await connection.execute(_LEFT_ALONE, {"customers": list(customers)})
        nodes = frozenset(row.id for row in alone)
        gone = Gone(
            nodes=nodes,
            carried=frozenset(one for row in rows for one in row.identifiers) - nodes,
            items=(),
            conversations={
                (tenant, row.conversation_id) for row in rows if row.conversation_id is not None
            },
            others_keep_theirs=True,
        )
        await forget(connection, gone, _Aged(tenant), self._clock())
