"""The graph of identifiers as stored: read and locked, a whole batch at a time."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.journey import store_decisions
from heedful.journey.decisions import Decision
from heedful.journey.identifiers import Node
from heedful.journey.resolve import Link
from heedful.journey.sightings import Moment

_STORED = text(
    """
    SELECT id, linking, first_seen, evidence_kind, evidence_source, evidence_id
    FROM journey.identifier WHERE id = ANY(CAST(:ids AS uuid[]))
    """
)

_NODES = text(
    """
    SELECT id, tenant, type, scope, value
    FROM journey.identifier WHERE id = ANY(CAST(:ids AS uuid[]))
    """
)

_STORED_LINKS = text(
    """
    SELECT link.a, link.b
    FROM unnest(CAST(:a AS uuid[]), CAST(:b AS uuid[])) AS wanted (a, b)
    JOIN journey.link USING (a, b)
    """
)

# What people decided to be together is followed as well, also by way of an identifier that no event
# has shown yet.
_REACHABLE = """
    WITH RECURSIVE reach (id, linking) AS (
        SELECT w.id, coalesce(i.linking, false)
        FROM unnest(CAST(:ids AS uuid[])) AS w (id) LEFT JOIN journey.identifier i USING (id)
        UNION
        SELECT far.id, far.linking FROM reach CROSS JOIN LATERAL (
            SELECT i.id, i.linking FROM journey.link
            JOIN journey.identifier i ON i.id = link.b AND i.linking
            WHERE reach.linking AND link.a = reach.id
            UNION ALL
            SELECT other.identifier_id, coalesce(i.linking, false)
            FROM journey.decision_member mine
            JOIN journey.decision d ON d.id = mine.decision_id AND d.kind = 'merge'
            JOIN journey.decision_member other
                ON other.decision_id = d.id AND other.on_right <> mine.on_right
            LEFT JOIN journey.identifier i ON i.id = other.identifier_id
            WHERE mine.identifier_id = reach.id
        ) AS far
    )
"""

_REACH = text(_REACHABLE + "SELECT id FROM reach WHERE linking")  # noqa: S608  # constants

_GRAPH = text(
    _REACHABLE  # noqa: S608  # constants
    + """
    SELECT reach.id, reach.linking, i.tenant, i.type, i.scope, i.value, i.customer_id, i.shared,
        i.first_seen,
        ARRAY(SELECT b FROM journey.link WHERE reach.linking AND a = reach.id) AS beside,
        EXISTS (SELECT FROM journey.decision_member WHERE identifier_id = reach.id) AS decided
    FROM reach LEFT JOIN journey.identifier i ON i.id = reach.id AND reach.linking
    """
)

_LOCK = """
    SELECT id, customer_id FROM journey.identifier
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
"""
_LOCK_FOR_UPDATE = text(f"{_LOCK} FOR UPDATE")
_LOCK_FOR_SHARE = text(f"{_LOCK} FOR SHARE")


@dataclass(frozen=True, slots=True)
class Known:
    """A known identifier.

    Attributes:
        linking: it can make others one person, so what it belongs to can change.
        moment: of its first sighting.
    """

    linking: bool
    moment: Moment


@dataclass(frozen=True, slots=True)
class GraphRow:
    customer_id: uuid.UUID | None
    shared: bool
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Graph:
    """Linking identifiers that hang together.

    Attributes:
        nodes: these identifiers, and the ones beside them that link nothing.
        rows: these identifiers only.
        links: every pair that one event carried together, from each of its ends in `rows`.
        cut: the ones that link nothing.
        decisions: what people decided of them, as far as it is in force.
    """

    nodes: Mapping[uuid.UUID, Node]
    rows: Mapping[uuid.UUID, GraphRow]
    links: Sequence[Link]
    cut: frozenset[uuid.UUID]
    decisions: Sequence[Decision]

    @property
    def owners(self) -> dict[uuid.UUID, uuid.UUID]:
        return {
            key: row.customer_id for key, row in self.rows.items() if row.customer_id is not None
        }


async def stored(
    connection: AsyncConnection, keys: Collection[uuid.UUID]
) -> dict[uuid.UUID, Known]:
    """Those of the identifiers that are known."""
    if not keys:
        return {}
    return {
        id_: Known(linking, (first_seen, kind, source, evidence))
        for id_, linking, first_seen, kind, source, evidence in await connection.execute(
            _STORED, {"ids": list(keys)}
        )
    }


async def stored_links(connection: AsyncConnection, pairs: Collection[Link]) -> frozenset[Link]:
    """Those of the pairs that are known."""
    if not pairs:
        return frozenset()
    rows = await connection.execute(
        _STORED_LINKS, {"a": [pair[0] for pair in pairs], "b": [pair[1] for pair in pairs]}
    )
    return frozenset((row.a, row.b) for row in rows)


async def reach(connection: AsyncConnection, keys: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Every known identifier that a change at these may touch."""
    return {row.id for row in await connection.execute(_REACH, {"ids": list(keys)})}


async def lock(
    connection: AsyncConnection, keys: Collection[uuid.UUID], *, share: bool = False
) -> dict[uuid.UUID, uuid.UUID | None]:
    """Lock identifiers until the end of the transaction; gives their customers.

    Args:
        share: nothing of them will be changed, so that others may hold the same lock.
    """
    if not keys:
        return {}
    statement = _LOCK_FOR_SHARE if share else _LOCK_FOR_UPDATE
    rows = await connection.execute(statement, {"ids": list(keys)})
    return {row.id: row.customer_id for row in rows}


async def read(connection: AsyncConnection, keys: Collection[uuid.UUID]) -> Graph:
    """What hangs together with these identifiers."""
    reached = list(await connection.execute(_GRAPH, {"ids": list(keys)}))
    decided = [row.id for row in reached] if any(row.decided for row in reached) else []
    decisions = await store_decisions.in_force(connection, decided)
    rows = [row for row in reached if row.linking]
    nodes = _nodes(rows)
    links = [(row.id, other) for row in rows for other in row.beside]
    beyond = {b for _, b in links} - nodes.keys()
    ends = _nodes(await connection.execute(_NODES, {"ids": list(beyond)})) if beyond else {}
    return Graph(
        nodes={**nodes, **ends},
        rows={row.id: GraphRow(row.customer_id, row.shared, row.first_seen) for row in rows},
        links=links,
        cut=frozenset(ends),
        decisions=decisions,
    )


def _nodes(rows: Iterable[Row[Any]]) -> dict[uuid.UUID, Node]:
    return {
        row.id: Node(row.id, row.tenant, IdentifierType(row.type), row.scope, row.value)
        for row in rows
    }
