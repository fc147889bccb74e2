"""SQL of taking one customer out: what is theirs, and what of theirs stands with others.

Whoever calls these holds up all intake meanwhile, so nothing here is locked.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.common.errors import HeedfulError
from heedful.journey.identifiers import Node
from heedful.journey.spellings import Spelling, stripped

_WHOSE = text(
    """
    SELECT customer_id FROM journey.identifier
    WHERE id = :id AND tenant = :tenant AND type <> 'device'
    """
)

_NODES = text(
    """
    SELECT id, tenant, type, scope, value FROM journey.identifier
    WHERE customer_id = :customer AND tenant = :tenant
    """
)

_TAKE_EVENTS = text(
    """
    DELETE FROM journey.event WHERE customer_id = :customer AND tenant = :tenant
    RETURNING kind, source, id, conversation_id, identifiers,
        coalesce(payload #> '{feedback,identifiers}', payload -> 'identifiers') AS spelled
    """
)

_TAKE_ANONYMOUS = text(
    """
    DELETE FROM journey.event e
    USING unnest(CAST(:conversations AS text[])) AS c (id)
    WHERE e.tenant = :tenant AND e.conversation_id = c.id
        AND NOT e.identified AND e.customer_id IS NULL AND NOT EXISTS (
            SELECT FROM journey.identifier i
            WHERE i.id = ANY(e.identifiers) AND i.type <> 'device')
    RETURNING e.kind, e.source, e.id, e.conversation_id, e.identifiers, NULL AS spelled
    """
)

# Another customer's event may carry an identifier of this one's: what was seen with it says whose.
_MENTIONS = text(
    """
    SELECT e.kind, e.source, e.id, e.identifiers, CAST(e.payload AS text) AS payload
    FROM journey.event e
    WHERE e.identifiers && CAST(:nodes AS uuid[]) AND e.customer_id IN (
        SELECT o.customer_id FROM journey.link l JOIN journey.identifier o ON o.id = l.b
        WHERE l.a = ANY(CAST(:nodes AS uuid[])))
    UNION
    SELECT e.kind, e.source, e.id, e.identifiers, CAST(e.payload AS text) AS payload
    FROM journey.event e
    WHERE NOT e.identified AND e.identifiers <> '{}' AND e.identifiers && CAST(:nodes AS uuid[])
    """
)

_STRIP = text(
    """
    UPDATE journey.event SET identifiers = CAST(:identifiers AS uuid[]),
        payload = CAST(:payload AS jsonb)
    WHERE tenant = :tenant AND kind = :kind AND source = :source AND id = :id
    """
)


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that was deleted, and how it wrote its identifiers."""

    kind: str
    source: str
    id: str
    conversation_id: str | None
    identifiers: tuple[uuid.UUID, ...]
    spelled: tuple[Spelling, ...]


class SharedIdentifier(HeedfulError):
    """The id is of an identifier that belongs to nobody."""


async def customer_of(
    connection: AsyncConnection, tenant: str, given: uuid.UUID
) -> uuid.UUID | None:
    """The customer, or the one that it was merged into; None when the tenant has none.

    Raises:
        SharedIdentifier: several people use what the id stands for.
    """
    row = (await connection.execute(_WHOSE, {"id": given, "tenant": tenant})).one_or_none()
    if row is None:
        return None
    if row.customer_id is None:
        raise SharedIdentifier
    found: uuid.UUID = row.customer_id
    return found


async def nodes_of(
    connection: AsyncConnection, tenant: str, customer: uuid.UUID
) -> tuple[Node, ...]:
    """The identifiers that are the customer's alone."""
    rows = await connection.execute(_NODES, {"customer": customer, "tenant": tenant})
    return tuple(
        Node(row.id, row.tenant, IdentifierType(row.type), row.scope, row.value) for row in rows
    )


async def take_events(connection: AsyncConnection, tenant: str, customer: uuid.UUID) -> list[Taken]:
    """Delete the customer's events, and those that name nobody in conversations that the customer
    shared with others: they may be the customer's, and are nobody else's."""
    rows = await connection.execute(_TAKE_EVENTS, {"customer": customer, "tenant": tenant})
    own = [_taken(row) for row in rows]
    talks = sorted({one.conversation_id for one in own if one.conversation_id is not None})
    if not talks:
        return own
    values = {"tenant": tenant, "conversations": talks}
    anonymous = await connection.execute(_TAKE_ANONYMOUS, values)
    return [*own, *(_taken(row) for row in anonymous)]


async def strip_mentions(
    connection: AsyncConnection, tenant: str, nodes: Collection[uuid.UUID], region: str
) -> int:
    """Take identifiers out of the events of others; of how many events."""
    rows = (await connection.execute(_MENTIONS, {"nodes": list(nodes)})).all()
    gone = frozenset(nodes)
    for row in rows:
        await connection.execute(
            _STRIP,
            {
                "tenant": tenant,
                "kind": row.kind,
                "source": row.source,
                "id": row.id,
                "identifiers": [one for one in row.identifiers if one not in gone],
                "payload": stripped(row.payload, tenant, row.source, gone, region),
            },
        )
    return len(rows)


def _taken(row: Row[Any]) -> Taken:
    spelled: Sequence[dict[str, str]] = row.spelled or ()
    return Taken(
        row.kind,
        row.source,
        row.id,
        row.conversation_id,
        tuple(row.identifiers),
        tuple(Spelling(one["type"], one["value"]) for one in spelled),
    )
