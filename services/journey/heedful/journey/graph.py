"""The graph of identifiers as stored: read and locked, a whole batch at a time."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.journey.identifiers import Node
from heedful.journey.resolve import Link
from heedful.journey.sightings import Moment

_STORED = text(
    """
    SELECT id, tenant, type, scope, value, linking,
        first_seen, evidence_kind, evidence_source, evidence_id
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

_REACHABLE = """
    WITH RECURSIVE reach (id) AS (
        SELECT id FROM journey.identifier WHERE id = ANY(CAST(:ids AS uuid[])) AND linking
        UNION
        SELECT far.id FROM reach
        JOIN journey.link ON link.a = reach.id
        JOIN journey.identifier far ON far.id = link.b AND far.linking
    )
"""

_REACH = text(_REACHABLE + "SELECT id FROM reach")  # noqa: S608  # constants

_GRAPH = text(
    _REACHABLE  # noqa: S608  # constants
    + """
    SELECT i.id, i.tenant, i.type, i.scope, i.value, i.customer_id, i.shared, i.first_seen,
        ARRAY(SELECT b FROM journey.link WHERE a = i.id) AS beside
    FROM reach JOIN journey.identifier i USING (id)
    """
)

_LOCK = text(
    """
    SELECT id, customer_id FROM journey.identifier
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
    """
)


@dataclass(frozen=True, slots=True)
class Known:
    """A known identifier.

    Attributes:
        linking: it can make others one person, so what it belongs to can change.
        moment: of its first sighting.
    """

    node: Node
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
    """

    nodes: Mapping[uuid.UUID, Node]
    rows: Mapping[uuid.UUID, GraphRow]
    links: Sequence[Link]
    cut: frozenset[uuid.UUID]

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
        row.id: Known(
            Node(row.id, row.tenant, IdentifierType(row.type), row.scope, row.value),
            row.linking,
            (row.first_seen, row.evidence_kind, row.evidence_source, row.evidence_id),
        )
        for row in await connection.execute(_STORED, {"ids": list(keys)})
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
    connection: AsyncConnection, keys: Collection[uuid.UUID]
) -> dict[uuid.UUID, uuid.UUID | None]:
    """Lock identifiers until the end of the transaction; gives their customers."""
    if not keys:
        return {}
    rows = await connection.execute(_LOCK, {"ids": list(keys)})
    return {row.id: row.customer_id for row in rows}


async def read(connection: AsyncConnection, keys: Collection[uuid.UUID]) -> Graph:
    """What hangs together with these identifiers."""
    rows = list(await connection.execute(_GRAPH, {"ids": list(keys)}))
    nodes = {
        row.id: Node(row.id, row.tenant, IdentifierType(row.type), row.scope, row.value)
        for row in rows
    }
    links = [(row.id, other) for row in rows for other in row.beside]
    ends = await stored(connection, {b for _, b in links} - nodes.keys())
    return Graph(
        nodes={**nodes, **{key: end.node for key, end in ends.items()}},
        rows={row.id: GraphRow(row.customer_id, row.shared, row.first_seen) for row in rows},
        links=links,
        cut=frozenset(ends),
    )
