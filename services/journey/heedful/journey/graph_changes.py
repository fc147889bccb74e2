"""What a batch changes in the graph of identifiers, written at once."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.journey.customers import Move, Owners
from heedful.journey.reasons import Reason
from heedful.journey.resolve import Link, Resolution
from heedful.journey.sightings import Sighting

_INSERT = text(
    """
    INSERT INTO journey.identifier (
        id, tenant, type, scope, value, linking, first_seen,
        evidence_kind, evidence_source, evidence_id
    )
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:types AS text[]),
        CAST(:scopes AS text[]), CAST(:values AS text[]), CAST(:linking AS boolean[]),
        CAST(:first_seen AS timestamptz[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
        CAST(:event_ids AS text[])
    ) AS new (id)
    ORDER BY new.id
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)

_ANTEDATE = text(
    """
    UPDATE journey.identifier i
    SET first_seen = s.first_seen, evidence_kind = s.kind, evidence_source = s.source,
        evidence_id = s.event_id
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:first_seen AS timestamptz[]), CAST(:kinds AS text[]),
        CAST(:sources AS text[]), CAST(:event_ids AS text[])
    ) AS s (id, first_seen, kind, source, event_id)
    WHERE i.id = s.id
        AND (s.first_seen, s.kind, s.source, s.event_id)
            < (i.first_seen, i.evidence_kind, i.evidence_source, i.evidence_id)
    """
)

_INSERT_LINKS = text(
    """
    INSERT INTO journey.link (a, b)
    SELECT * FROM unnest(CAST(:a AS uuid[]), CAST(:b AS uuid[])) AS new (a, b)
    ORDER BY new.a, new.b
    ON CONFLICT DO NOTHING
    """
)

_OWN = text(
    """
    UPDATE journey.identifier i
    SET customer_id = o.customer_id, shared = o.shared, linking = o.linking
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:customers AS uuid[]),
        CAST(:shared AS boolean[]), CAST(:linking AS boolean[])
    ) AS o (id, customer_id, shared, linking)
    WHERE i.id = o.id
        AND (i.customer_id, i.shared, i.linking)
            IS DISTINCT FROM (o.customer_id, o.shared, o.linking)
    """
)

# Customer ids that are one person by decision let what was seen with them say something again.
# Whether they are is resolved; one that another customer id was seen with cannot be meant.
_REVIVE = text(
    """
    WITH given AS (
        SELECT id FROM journey.identifier
        WHERE id = ANY(CAST(:ids AS uuid[])) AND type = 'customer_id'
    ), candidate AS (
        SELECT link.b AS id FROM given JOIN journey.link ON link.a = given.id
        GROUP BY link.b HAVING count(*) > 1
    )
    UPDATE journey.identifier i SET linking = true
    FROM candidate
    WHERE i.id = candidate.id AND NOT i.linking AND i.type <> 'device' AND NOT EXISTS (
        SELECT FROM journey.link JOIN journey.identifier other ON other.id = link.b
        WHERE link.a = i.id AND other.type = 'customer_id' AND other.id NOT IN (TABLE given))
    """
)

_INSERT_MOVES = text(
    """
    INSERT INTO journey.move (
        tenant, kind, from_id, into_id, at, reason,
        evidence_kind, evidence_source, evidence_id
    )
    SELECT tenant, kind, from_id, into_id, CAST(:at AS timestamptz), reason,
        evidence_kind, evidence_source, evidence_id
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:from_ids AS uuid[]),
        CAST(:into_ids AS uuid[]), CAST(:reasons AS text[]), CAST(:evidence_kinds AS text[]),
        CAST(:evidence_sources AS text[]), CAST(:evidence_ids AS text[])
    ) AS m (
        tenant, kind, from_id, into_id, reason, evidence_kind, evidence_source, evidence_id
    )
    """
)


async def insert(connection: AsyncConnection, new: Sequence[Sighting]) -> set[uuid.UUID]:
    """Insert identifiers; gives the ones that nobody else has inserted meanwhile."""
    if not new:
        return set()
    rows = await connection.execute(
        _INSERT,
        {
            **_sightings(new),
            "tenants": [seen.node.tenant for seen in new],
            "types": [seen.node.type.value for seen in new],
            "scopes": [seen.node.scope for seen in new],
            "values": [seen.node.value for seen in new],
            "linking": [seen.node.type is not IdentifierType.DEVICE for seen in new],
        },
    )
    return {row.id for row in rows}


async def insert_links(connection: AsyncConnection, pairs: Collection[Link]) -> None:
    """Insert links, each from both of its ends."""
    if pairs:
        ends = [end for a, b in pairs for end in ((a, b), (b, a))]
        await connection.execute(
            _INSERT_LINKS, {"a": [end[0] for end in ends], "b": [end[1] for end in ends]}
        )


async def antedate(connection: AsyncConnection, earlier: Sequence[Sighting]) -> None:
    """Set the first sighting of identifiers where it happened before the stored one."""
    if earlier:
        await connection.execute(_ANTEDATE, _sightings(earlier))


async def revive(connection: AsyncConnection, keys: Collection[uuid.UUID]) -> None:
    """Let identifiers link again that say nothing because several of these customer ids were seen
    with them; to be resolved in the same transaction. Nobody else may write identifiers meanwhile.
    """
    await connection.execute(_REVIVE, {"ids": list(keys)})


async def own(
    connection: AsyncConnection,
    keys: Collection[uuid.UUID],
    owners: Owners,
    resolution: Resolution,
) -> None:
    """Write who identifiers belong to, where that is not what is written."""
    await connection.execute(
        _OWN,
        {
            "ids": list(keys),
            "customers": [owners.get(key) for key in keys],
            "shared": [key in resolution.shared for key in keys],
            "linking": [key not in resolution.cut for key in keys],
        },
    )


async def insert_moves(
    connection: AsyncConnection,
    moves: Sequence[Move],
    reasons: Sequence[Reason],
    now: datetime,
) -> None:
    """Remember moves, each with its reason."""
    await connection.execute(
        _INSERT_MOVES,
        {
            "at": now,
            "tenants": [one.event.tenant for one in reasons],
            "kinds": [move.kind for move in moves],
            "from_ids": [move.from_id for move in moves],
            "into_ids": [move.into_id for move in moves],
            "reasons": [one.text for one in reasons],
            "evidence_kinds": [one.event.kind for one in reasons],
            "evidence_sources": [one.event.source for one in reasons],
            "evidence_ids": [one.event.id for one in reasons],
        },
    )


def _sightings(seen: Sequence[Sighting]) -> dict[str, list[object]]:
    return {
        "ids": [one.node.id for one in seen],
        "first_seen": [one.event.occurred_at for one in seen],
        "kinds": [one.event.kind for one in seen],
        "sources": [one.event.source for one in seen],
        "event_ids": [one.event.id for one in seen],
    }
