"""What is left of the graph of identifiers when events and customers are gone.

Whoever forgets holds up all intake meanwhile, so nothing here is locked. Afterwards the graph is
what it would be had the events never come, but for two things that stay: an identifier that was
found to be of several people once stays so, and the first sighting of what links nothing keeps
its time.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey import store_decisions
from heedful.journey.identity import resettle
from heedful.journey.reasons import Evidence, Reason
from heedful.journey.store import follow

_BESIDE = text("SELECT DISTINCT b AS id FROM journey.link WHERE a = ANY(CAST(:nodes AS uuid[]))")

_UNOWNED = text(
    """
    SELECT id FROM journey.identifier
    WHERE id = ANY(CAST(:ids AS uuid[])) AND customer_id IS NULL
    """
)

_CUT_LINKS = (
    text("DELETE FROM journey.link WHERE a = ANY(CAST(:nodes AS uuid[]))"),
    text(
        "DELETE FROM journey.link"
        " WHERE a = ANY(CAST(:beside AS uuid[])) AND b = ANY(CAST(:nodes AS uuid[]))"
    ),
)

_DELETE_NODES = text("DELETE FROM journey.identifier WHERE id = ANY(CAST(:nodes AS uuid[]))")

_DELETE_MOVES = text(
    """
    DELETE FROM journey.move
    WHERE from_id = ANY(CAST(:nodes AS uuid[])) OR into_id = ANY(CAST(:nodes AS uuid[]))
    """
)

# An event belongs to the customer of one of the identifiers that it carries, so it is found by the
# owners of what was seen with this one; those without a customer have an index by identifier.
_CARRIERS = """
    SELECT e.occurred_at, e.kind, e.source, e.id FROM journey.event e
    WHERE NOT e.identified AND e.identifiers <> '{{}}' AND e.identifiers @> {these}
    UNION ALL
    SELECT e.occurred_at, e.kind, e.source, e.id
    FROM (
        SELECT {one} AS id UNION ALL SELECT l.b FROM journey.link l WHERE l.a = {one}
    ) AS near
    JOIN journey.identifier o ON o.id = near.id
    JOIN journey.event e ON e.customer_id = o.customer_id AND e.identifiers @> {these}
"""

_UNCARRIED = text(
    f"""
    SELECT k.id FROM unnest(CAST(:ids AS uuid[])) AS k (id)
    WHERE NOT EXISTS ({_CARRIERS.format(one="k.id", these="ARRAY[k.id]")})
    """  # noqa: S608  # constants
)

_STALE_LINKS = text(
    f"""
    DELETE FROM journey.link s
    WHERE s.a = ANY(CAST(:ids AS uuid[])) AND s.b = ANY(CAST(:ids AS uuid[]))
        AND NOT EXISTS ({_CARRIERS.format(one="s.a", these="ARRAY[s.a, s.b]")})
    """  # noqa: S608  # constants
)

_SHOWN_BY_GONE = """
    (i.tenant, i.evidence_kind, i.evidence_source, i.evidence_id) IN (
        SELECT * FROM unnest(
            CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
            CAST(:event_ids AS text[])))
"""

_SEEN_FIRST_ANEW = text(
    f"""
    UPDATE journey.identifier i
    SET first_seen = f.occurred_at, evidence_kind = f.kind, evidence_source = f.source,
        evidence_id = f.event_id
    FROM (
        SELECT DISTINCT ON (k.id) k.id, e.occurred_at, e.kind, e.source, e.id AS event_id
        FROM unnest(CAST(:ids AS uuid[])) AS k (id)
        JOIN journey.identifier n ON n.id = k.id AND n.linking
        CROSS JOIN LATERAL ({_CARRIERS.format(one="k.id", these="ARRAY[k.id]")}) AS e
        ORDER BY k.id, e.occurred_at, e.kind, e.source, e.id
    ) AS f
    WHERE i.id = f.id AND {_SHOWN_BY_GONE}
    """  # noqa: S608  # constants
)

_SHOWN_BY_NOTHING = text(
    f"""
    UPDATE journey.identifier i
    SET evidence_kind = :why_kind, evidence_source = :why_source, evidence_id = :why_id
    WHERE i.id = ANY(CAST(:ids AS uuid[])) AND {_SHOWN_BY_GONE}
    """  # noqa: S608  # constants
)

_MOVES_SHOWN_BY_NOTHING = text(
    f"""
    UPDATE journey.move i
    SET evidence_kind = :why_kind, evidence_source = :why_source, evidence_id = :why_id
    WHERE {_SHOWN_BY_GONE}
    """  # noqa: S608  # constants
)

_CONVERSATIONS = text(
    """
    DELETE FROM journey.conversation c
    USING unnest(CAST(:tenants AS text[]), CAST(:ids AS text[])) AS w (tenant, id)
    WHERE c.tenant = w.tenant AND c.id = w.id AND NOT EXISTS (
        SELECT FROM journey.event e WHERE e.tenant = c.tenant AND e.conversation_id = c.id)
    """
)

Item = tuple[str, str, str, str]
"""Tenant, kind, source and id of an event."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Events that were deleted, and whose they were.

    Attributes:
        nodes: identifiers to be forgotten; no event carries them any more.
        carried: identifiers that the events carried.
        items: the events, where nothing may name them any more.
        conversations: pairs of tenant and id.
        others_keep_theirs: who still has events keeps every identifier, so that ids of customers
            stay; else what no event shows any more is forgotten.
    """

    nodes: frozenset[uuid.UUID]
    carried: frozenset[uuid.UUID]
    items: Collection[Item]
    conversations: Collection[tuple[str, str]]
    others_keep_theirs: bool = False


async def forget(
    connection: AsyncConnection, gone: Gone, why: Evidence, now: datetime
) -> Mapping[str, int]:
    """Take out of the graph what stood there because of what is gone; how much of each kind."""
    beside = await _beside(connection, gone)
    counts = await _delete(connection, gone.nodes, beside)
    uncarried = await _uncarried(connection, beside)
    counts += await _delete(connection, uncarried, beside)
    rest = list(beside - uncarried)
    if rest:
        await connection.execute(_STALE_LINKS, {"ids": rest})
    shown = {
        "ids": rest,
        "tenants": [item[0] for item in gone.items],
        "kinds": [item[1] for item in gone.items],
        "sources": [item[2] for item in gone.items],
        "event_ids": [item[3] for item in gone.items],
    }
    named = {"why_kind": why.kind, "why_source": why.source, "why_id": why.id}
    if gone.items:
        if rest:
            await connection.execute(_SEEN_FIRST_ANEW, shown)
            await connection.execute(_SHOWN_BY_NOTHING, {**shown, **named})
        await connection.execute(_MOVES_SHOWN_BY_NOTHING, {**shown, **named})
    if rest:
        await follow(connection, await resettle(connection, rest, Reason("forgotten", why), now))
    counts["conversations"] += await _end(connection, gone.conversations)
    return counts


async def _beside(connection: AsyncConnection, gone: Gone) -> frozenset[uuid.UUID]:
    """What was seen with what is gone, and may be something else now."""
    seen = await connection.execute(_BESIDE, {"nodes": list(gone.nodes)})
    found = (gone.carried | {row.id for row in seen}) - gone.nodes
    if not gone.others_keep_theirs:
        return found
    unowned = await connection.execute(_UNOWNED, {"ids": list(found)})
    return frozenset(row.id for row in unowned)


async def _delete(
    connection: AsyncConnection, nodes: frozenset[uuid.UUID], beside: frozenset[uuid.UUID]
) -> Counter[str]:
    values = {"nodes": list(nodes), "beside": list(beside)}
    if not nodes:
        return Counter()
    links = [(await connection.execute(one, values)).rowcount for one in _CUT_LINKS]
    identifiers = await connection.execute(_DELETE_NODES, values)
    moves = await connection.execute(_DELETE_MOVES, values)
    decisions = await store_decisions.forget(connection, nodes)
    return Counter(
        identifiers=identifiers.rowcount,
        links=sum(links),
        moves=moves.rowcount,
        decisions=decisions,
    )


async def _uncarried(
    connection: AsyncConnection, nodes: frozenset[uuid.UUID]
) -> frozenset[uuid.UUID]:
    if not nodes:
        return frozenset()
    rows = await connection.execute(_UNCARRIED, {"ids": list(nodes)})
    return frozenset(row.id for row in rows)


async def _end(connection: AsyncConnection, conversations: Collection[tuple[str, str]]) -> int:
    if not conversations:
        return 0
    values = {
        "tenants": [one[0] for one in conversations],
        "ids": [one[1] for one in conversations],
    }
    return (await connection.execute(_CONVERSATIONS, values)).rowcount
