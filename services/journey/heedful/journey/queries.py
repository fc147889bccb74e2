"""SQL of the API: reads only, always within one tenant."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.journey import store_decisions
from heedful.journey.timeline import SNIPPET_CHARS, Position

Rows = Sequence[Row[Any]]

_SURVIVOR = text(
    """
    SELECT coalesce(customer_id, id) AS id FROM journey.identifier
    WHERE id = :id AND tenant = :tenant AND type <> 'device'
    """
)
"""Of a phone that is shared by now nobody is the survivor: what is left of that customer is it."""

_MERGED = text(
    """
    SELECT id FROM journey.identifier i
    WHERE customer_id = :id AND id <> :id
        AND EXISTS (SELECT FROM journey.move WHERE from_id = i.id AND kind = 'merge')
    ORDER BY first_seen, id
    """
)

_PAGE = """
    SELECT c.id, e.first_seen, e.last_seen, e.events
    FROM ({candidates}) AS c
    CROSS JOIN LATERAL (
        SELECT min(occurred_at) AS first_seen, max(occurred_at) AS last_seen, count(*) AS events
        FROM journey.event WHERE customer_id = c.id
    ) AS e
    ORDER BY c.id
"""

_LIST = text(
    _PAGE.format(
        candidates="""
        SELECT id FROM journey.identifier i
        WHERE tenant = :tenant AND customer_id = id
            AND (CAST(:after AS uuid) IS NULL OR id > CAST(:after AS uuid))
            AND EXISTS (SELECT FROM journey.event WHERE customer_id = i.id)
        ORDER BY id LIMIT :limit
        """
    )
)

_FIND = text(
    _PAGE.format(
        candidates="""
        SELECT DISTINCT coalesce(i.customer_id, near.customer_id) AS id
        FROM journey.identifier i
        LEFT JOIN journey.link ON i.customer_id IS NULL AND link.a = i.id
        LEFT JOIN journey.identifier near ON near.id = link.b
        WHERE i.tenant = :tenant AND i.type = :type
            AND i.value = ANY(CAST(:values AS text[]))
            AND coalesce(i.customer_id, near.customer_id) IS NOT NULL
            AND (
                CAST(:after AS uuid) IS NULL
                OR coalesce(i.customer_id, near.customer_id) > CAST(:after AS uuid)
            )
        ORDER BY id LIMIT :limit
        """
    )
)
"""An identifier of several people finds all of them."""

_IDENTIFIERS = text(
    """
    WITH own AS (
        SELECT coalesce(customer_id, id) AS owner, * FROM journey.identifier
        WHERE customer_id = ANY(CAST(:ids AS uuid[]))
            OR (id = ANY(CAST(:ids AS uuid[])) AND customer_id IS NULL)
    )
    SELECT owner, type, scope, value, shared, first_seen,
        evidence_kind, evidence_source, evidence_id
    FROM own
    UNION
    SELECT own.owner, near.type, near.scope, near.value, near.shared, near.first_seen,
        near.evidence_kind, near.evidence_source, near.evidence_id
    FROM own
    JOIN journey.link ON link.a = own.id
    JOIN journey.identifier near ON near.id = link.b AND near.customer_id IS NULL
    ORDER BY first_seen, type, value
    """
)
"""Their own identifiers, and the shared ones and devices that were seen with them."""

_COUNTS = text(
    """
    SELECT channel, colour, count(*) AS events,
        min(occurred_at) AS first_seen, max(occurred_at) AS last_seen
    FROM journey.event WHERE customer_id = :id GROUP BY channel, colour
    """
)

_MOVES = text(
    """
    SELECT kind, from_id, into_id, at, reason, evidence_kind, evidence_source, evidence_id
    FROM journey.move
    WHERE from_id = ANY(CAST(:ids AS uuid[])) OR into_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY id
    """
)

_TIMELINE = text(
    """
    SELECT kind, source, id, occurred_at, received_at, channel, touchpoint, department,
        interaction_kind, colour, polarity, topics, conversation_id, identified,
        left(payload #>> '{feedback,text}', CAST(:chars AS int)) AS text,
        payload ->> 'summary' AS summary
    FROM journey.event
    WHERE customer_id = :customer
        AND (CAST(:since AS timestamptz) IS NULL OR occurred_at >= CAST(:since AS timestamptz))
        AND (CAST(:until AS timestamptz) IS NULL OR occurred_at < CAST(:until AS timestamptz))
        AND (
            CAST(:id AS text) IS NULL
            OR (occurred_at, received_at, id, kind, source) > (
                CAST(:occurred_at AS timestamptz), CAST(:received_at AS timestamptz),
                CAST(:id AS text), CAST(:kind AS text), CAST(:source AS text)
            )
        )
    ORDER BY occurred_at, received_at, id, kind, source
    LIMIT :limit
    """
)

_RECORD = text(
    """
    SELECT customer_id, identified, CAST(payload AS text) AS payload FROM journey.event
    WHERE tenant = :tenant AND kind = 'feedback' AND source = :source AND id = :id
    """
)

_LIGHTS = """
        count(*) AS events, count(*) FILTER (WHERE kind = 'feedback') AS feedback,
        count(*) FILTER (WHERE colour = 'red') AS red,
        count(*) FILTER (WHERE colour = 'amber') AS amber,
        count(*) FILTER (WHERE colour = 'green') AS green,
        count(*) FILTER (WHERE colour = 'grey') AS grey
"""

_TOUCHPOINTS = text(
    f"""
    SELECT touchpoint, {_LIGHTS}
    FROM journey.event
    WHERE tenant = :tenant AND touchpoint IS NOT NULL AND channel IS DISTINCT FROM 'employee'
        AND (CAST(:since AS timestamptz) IS NULL OR occurred_at >= CAST(:since AS timestamptz))
        AND (CAST(:until AS timestamptz) IS NULL OR occurred_at < CAST(:until AS timestamptz))
        AND (CAST(:after AS text) IS NULL OR touchpoint > CAST(:after AS text))
    GROUP BY touchpoint ORDER BY touchpoint LIMIT :limit
    """  # noqa: S608  # constant
)
"""Aggregated when asked, over an index that holds all it needs (event_touchpoint): always true,
also after late events; a rollup by day can take over when a tenant outgrows it."""

_SUMMARY = text(
    f"""
    SELECT {_LIGHTS}, (
        SELECT count(*) FROM journey.identifier i
        WHERE i.tenant = :tenant AND i.customer_id = i.id
            AND EXISTS (SELECT FROM journey.event e WHERE e.customer_id = i.id)
    ) AS customers
    FROM journey.event WHERE tenant = :tenant
    """  # noqa: S608  # constant
)


class Queries:
    """What the API asks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def survivor(self, tenant: str, customer: uuid.UUID) -> uuid.UUID | None:
        """The customer itself, or the one it was merged into; None when the tenant has none."""
        rows = await self._rows(_SURVIVOR, id=customer, tenant=tenant)
        return rows[0].id if rows else None

    async def merged_from(self, customer: uuid.UUID) -> list[uuid.UUID]:
        return [row.id for row in await self._rows(_MERGED, id=customer)]

    async def customers(self, tenant: str, after: uuid.UUID | None, limit: int) -> Rows:
        """Customers with events, by id."""
        return await self._rows(_LIST, tenant=tenant, after=after, limit=limit)

    async def customers_of(
        self,
        tenant: str,
        kind: str,
        values: Sequence[str],
        after: uuid.UUID | None,
        limit: int,
    ) -> Rows:
        """The customers that an identifier, in any of these forms, leads to."""
        return await self._rows(
            _FIND, tenant=tenant, type=kind, values=list(values), after=after, limit=limit
        )

    async def identifiers(self, customers: Sequence[uuid.UUID]) -> Rows:
        return await self._rows(_IDENTIFIERS, ids=list(customers))

    async def counts(self, customer: uuid.UUID) -> Rows:
        return await self._rows(_COUNTS, id=customer)

    async def moves(self, customers: Sequence[uuid.UUID]) -> Rows:
        """Merges and splits of these customers, oldest first."""
        return await self._rows(_MOVES, ids=list(customers))

    async def decisions(self, customer: uuid.UUID) -> Rows:
        """What people decided of the customer's identifiers, the first first."""
        async with self._engine.connect() as connection:
            return await store_decisions.of_customer(connection, customer)

    async def decision(self, tenant: str, decision: uuid.UUID) -> Row[Any] | None:
        async with self._engine.connect() as connection:
            return await store_decisions.one(connection, tenant, decision)

    async def decision_members(self, decisions: Sequence[uuid.UUID]) -> Rows:
        if not decisions:
            return ()
        async with self._engine.connect() as connection:
            return await store_decisions.shown_members(connection, decisions)

    async def timeline(
        self,
        customer: uuid.UUID,
        since: datetime | None,
        until: datetime | None,
        after: Position | None,
        limit: int,
    ) -> Rows:
        return await self._rows(
            _TIMELINE,
            customer=customer,
            since=since,
            until=until,
            occurred_at=None if after is None else after.occurred_at,
            received_at=None if after is None else after.received_at,
            id=None if after is None else after.id,
            kind=None if after is None else after.kind,
            source=None if after is None else after.source,
            chars=SNIPPET_CHARS + 1,
            limit=limit,
        )

    async def record(self, tenant: str, source: str, id_: str) -> Row[Any] | None:
        """One feedback, by what its sender calls it."""
        rows = await self._rows(_RECORD, tenant=tenant, source=source, id=id_)
        return rows[0] if rows else None

    async def touchpoints(
        self,
        tenant: str,
        since: datetime | None,
        until: datetime | None,
        after: str | None,
        limit: int,
    ) -> Rows:
        return await self._rows(
            _TOUCHPOINTS, tenant=tenant, since=since, until=until, after=after, limit=limit
        )

    async def summary(self, tenant: str) -> Row[Any]:
        return (await self._rows(_SUMMARY, tenant=tenant))[0]

    async def _rows(self, statement: Any, **values: object) -> Rows:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, values)).all()
