"""SQL that finds what may be suggested: where customers meet, and what is known of them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.journey.decisions import Side, opposite, sides
from heedful.journey.spelled_names import NAME_KEYS, spelled
from heedful.journey.store_decisions import in_force
from heedful.journey.suggesting import MAX_BESIDE, Profile

Place = tuple[datetime, uuid.UUID]
"""Of an identifier of nobody: when it was first seen, and its id."""

_EVENTS: Final = 20
"""The newest of a customer, in which names are looked for."""

# Two indexes, each read from its end; what is shared is one or the other.
_WINDOW = text(
    """
    (SELECT first_seen, id FROM journey.identifier
     WHERE shared AND tenant = :tenant
        AND (CAST(:at AS timestamptz) IS NULL OR (first_seen, id) < (
            CAST(:at AS timestamptz), CAST(:id AS uuid)))
     ORDER BY first_seen DESC, id DESC LIMIT :limit)
    UNION
    (SELECT first_seen, id FROM journey.identifier
     WHERE type = 'device' AND tenant = :tenant
        AND (CAST(:at AS timestamptz) IS NULL OR (first_seen, id) < (
            CAST(:at AS timestamptz), CAST(:id AS uuid)))
     ORDER BY first_seen DESC, id DESC LIMIT :limit)
    ORDER BY first_seen DESC, id DESC LIMIT :limit
    """
)

_BESIDE = text(
    """
    SELECT p.id, p.type, p.first_seen, array_agg(DISTINCT near.customer_id) AS customers
    FROM journey.identifier p
    JOIN journey.link ON link.a = p.id
    JOIN journey.identifier near ON near.id = link.b AND near.customer_id IS NOT NULL
    WHERE p.id = ANY(CAST(:ids AS uuid[])) AND p.customer_id IS NULL
    GROUP BY p.id
    HAVING count(DISTINCT near.customer_id) BETWEEN 2 AND :most
    """
)

_POINTS = text(
    """
    SELECT DISTINCT p.id
    FROM journey.identifier own
    JOIN journey.link ON link.a = own.id
    JOIN journey.identifier p ON p.id = link.b AND p.customer_id IS NULL
    WHERE own.customer_id = ANY(CAST(:customers AS uuid[]))
    """
)

_OWN = text(
    """
    SELECT id, customer_id, type, value FROM journey.identifier
    WHERE customer_id = ANY(CAST(:customers AS uuid[]))
    """
)

_NAMES = text(
    """
    SELECT c.id, e.name
    FROM unnest(CAST(:customers AS uuid[])) AS c (id)
    CROSS JOIN LATERAL (
        SELECT coalesce(payload #> '{feedback,attributes}', payload -> 'attributes') AS attributes
        FROM journey.event WHERE customer_id = c.id
        ORDER BY occurred_at DESC, received_at DESC, id DESC, kind DESC, source DESC LIMIT :events
    ) AS a
    CROSS JOIN LATERAL (
        SELECT a.attributes ->> k.key AS name FROM unnest(CAST(:keys AS text[])) AS k (key)
    ) AS e
    WHERE e.name IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class Point:
    """An identifier of nobody, and the customers whom it was seen with."""

    place: Place
    type: IdentifierType
    customers: frozenset[uuid.UUID]


async def window(
    connection: AsyncConnection, tenant: str, before: Place | None, limit: int
) -> Sequence[Place]:
    """The newest identifiers of nobody that are older than `before`, the newest first."""
    at, id_ = (None, None) if before is None else before
    values = {"tenant": tenant, "at": at, "id": id_, "limit": limit}
    return [(row.first_seen, row.id) for row in await connection.execute(_WINDOW, values)]


async def points(connection: AsyncConnection, ids: Collection[uuid.UUID]) -> list[Point]:
    """Those of the identifiers in which a few customers meet."""
    rows = await connection.execute(_BESIDE, {"ids": list(ids), "most": MAX_BESIDE})
    return [
        Point((row.first_seen, row.id), IdentifierType(row.type), frozenset(row.customers))
        for row in rows
    ]


async def points_of(connection: AsyncConnection, customers: Collection[uuid.UUID]) -> list[Point]:
    """Wherever these customers meet anybody."""
    rows = await connection.execute(_POINTS, {"customers": list(customers)})
    return await points(connection, [row.id for row in rows])


async def profiles(
    connection: AsyncConnection, customers: Collection[uuid.UUID]
) -> tuple[Mapping[uuid.UUID, Profile], Mapping[uuid.UUID, frozenset[Side]]]:
    """What is known of customers, and where people keep them apart."""
    own = (await connection.execute(_OWN, {"customers": list(customers)})).all()
    kept = sides(await in_force(connection, [row.id for row in own]))
    emails: dict[uuid.UUID, list[str]] = defaultdict(list)
    held: dict[uuid.UUID, frozenset[Side]] = defaultdict(frozenset)
    for row in own:
        held[row.customer_id] |= kept.get(row.id, frozenset())
        if row.type == IdentifierType.EMAIL:
            emails[row.customer_id].append(row.value)
    numbered = {row.customer_id for row in own if row.type == IdentifierType.CUSTOMER_ID}
    names: dict[uuid.UUID, set[str]] = defaultdict(set)
    values = {"customers": list(customers), "keys": list(NAME_KEYS), "events": _EVENTS}
    for row in await connection.execute(_NAMES, values):
        names[row.id] |= spelled(row.name)
    found = {
        key: Profile(key, frozenset(names[key]), tuple(sorted(emails[key])), key in numbered)
        for key in customers
    }
    return found, held


def kept_apart(one: frozenset[Side], other: frozenset[Side]) -> bool:
    return not opposite(one).isdisjoint(other)
