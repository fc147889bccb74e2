"""SQL of what signals have told: each matter once, by the events that it is about."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import SignalKind
from heedful.journey.lifecycle.events import Key
from heedful.journey.signals.signs import Told

_TOLD = text(
    """
    SELECT e.customer_id, t.kind, t.source, t.id, t.signal, t.about
    FROM journey.event e JOIN journey.told t
        ON (t.tenant, t.kind, t.source, t.id) = (e.tenant, e.kind, e.source, e.id)
    WHERE e.customer_id = ANY(CAST(:ids AS uuid[]))
    """
)

_TELL = text(
    """
    INSERT INTO journey.told (tenant, kind, source, id, signal, about)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
        CAST(:ids AS text[]), CAST(:signals AS text[]), CAST(:abouts AS text[]))
    ON CONFLICT DO NOTHING
    """
)


async def told(
    connection: AsyncConnection, customers: Collection[uuid.UUID]
) -> dict[uuid.UUID, set[Told]]:
    """What signals have told of each customer."""
    found: dict[uuid.UUID, set[Told]] = defaultdict(set)
    for row in await connection.execute(_TOLD, {"ids": list(customers)}):
        key: Key = (row.kind, row.source, row.id)
        found[row.customer_id].add((SignalKind(row.signal), row.about, key))
    return found


async def tell(connection: AsyncConnection, matters: Sequence[tuple[str, Told]]) -> None:
    """Remember, by tenant, what is told now."""
    if matters:
        values = {
            "tenants": [tenant for tenant, _ in matters],
            "kinds": [key[0] for _, (_, _, key) in matters],
            "sources": [key[1] for _, (_, _, key) in matters],
            "ids": [key[2] for _, (_, _, key) in matters],
            "signals": [kind.value for _, (kind, _, _) in matters],
            "abouts": [about for _, (_, about, _) in matters],
        }
        await connection.execute(_TELL, values)
