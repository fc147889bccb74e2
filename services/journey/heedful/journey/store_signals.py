"""SQL of signals: how the events that show something wrote whose they are."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Identifier
from heedful.journey.lifecycle.events import Key

_IDENTIFIERS = text(
    """
    SELECT e.tenant, e.kind, e.source, e.id,
        coalesce(e.payload #> '{feedback,identifiers}', e.payload -> 'identifiers') AS spelled
    FROM journey.event e
    JOIN unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
        CAST(:ids AS text[])
    ) AS w (tenant, kind, source, id) USING (tenant, kind, source, id)
    """
)


async def identifiers(
    connection: AsyncConnection, events: Sequence[tuple[str, Key]]
) -> dict[tuple[str, Key], list[Identifier]]:
    """The identifiers that each of these events of a tenant carries."""
    values = {
        "tenants": [tenant for tenant, _ in events],
        "kinds": [key[0] for _, key in events],
        "sources": [key[1] for _, key in events],
        "ids": [key[2] for _, key in events],
    }
    found: dict[tuple[str, Key], list[Identifier]] = defaultdict(list)
    for row in await connection.execute(_IDENTIFIERS, values):
        key: Key = (row.kind, row.source, row.id)
        found[row.tenant, key] = [
            Identifier(type=one["type"], value=one["value"]) for one in row.spelled or ()
        ]
    return found
