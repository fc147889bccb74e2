"""SQL of endpoints: where webhooks go."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.endpoint import (
    EVERY_TENANT,
    Endpoint,
    EndpointKind,
    Language,
    Listener,
)
from heedful.alerting.recipients import Recipient
from heedful.alerting.webhook import EventType

CONFIGURED = "configured"
"""Id of the endpoint from the settings."""

_COLUMNS = """
    id, tenant, url, description, events, enabled, created_at, kind, audiences, language, failover
"""

_INSERT = text(
    """
    INSERT INTO alerting.endpoint (
        id, tenant, url, description, events, enabled, sealed, created_at,
        kind, audiences, language, failover)
    VALUES (:id, :tenant, :url, :description, :events, :enabled, :sealed, :now,
        :kind, :audiences, :language, :failover)
    """
)

_CONFIGURE = text(
    """
    INSERT INTO alerting.endpoint (
        id, tenant, url, description, events, enabled, sealed, created_at)
    VALUES (:id, :tenant, :url, 'from the settings', '{}', true, :sealed, :now)
    ON CONFLICT (id) DO UPDATE SET url = excluded.url, sealed = excluded.sealed, enabled = true
    """
)

_LISTENING = text(
    """
    SELECT id, tenant, events, audiences FROM alerting.endpoint
    WHERE enabled AND tenant = ANY(CAST(:tenants AS text[]))
    """
)

_DISABLE = text("UPDATE alerting.endpoint SET enabled = false WHERE id = :id")

_ENABLED = text("SELECT enabled FROM alerting.endpoint WHERE id = :id")

_DISCARD = text(
    """
    UPDATE alerting.delivery SET state = 'discarded', finished_at = :now
    WHERE endpoint_id = :id AND state = 'pending'
    """
)

_DELETE = text("DELETE FROM alerting.endpoint WHERE id = :id AND tenant = :tenant RETURNING id")

_GET = text(
    f"SELECT {_COLUMNS} FROM alerting.endpoint WHERE id = :id AND tenant = :tenant"  # noqa: S608  # a constant
)

_LIST = text(
    f"""
    SELECT {_COLUMNS} FROM alerting.endpoint
    WHERE tenant = :tenant
      AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, :id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)


async def insert(connection: AsyncConnection, endpoint: Endpoint, sealed: bytes) -> None:
    await connection.execute(
        _INSERT,
        {
            "id": endpoint.id,
            "tenant": endpoint.tenant,
            "url": endpoint.url,
            "description": endpoint.description,
            "events": [event.value for event in endpoint.events],
            "enabled": endpoint.enabled,
            "sealed": sealed,
            "now": endpoint.created_at,
            "kind": endpoint.kind.value,
            "audiences": [one.value for one in endpoint.audiences],
            "language": endpoint.language.value,
            "failover": endpoint.failover,
        },
    )


async def configure(connection: AsyncConnection, now: datetime, url: str, sealed: bytes) -> None:
    """Store the endpoint of the settings; a start enables it again."""
    values = {"id": CONFIGURED, "tenant": EVERY_TENANT, "url": url, "sealed": sealed, "now": now}
    await connection.execute(_CONFIGURE, values)


async def listeners(connection: AsyncConnection, tenants: Iterable[str]) -> list[Listener]:
    """The enabled endpoints of these tenants."""
    rows = await connection.execute(_LISTENING, {"tenants": [*set(tenants), EVERY_TENANT]})
    return [
        Listener(row.id, row.tenant, frozenset(row.events), frozenset(row.audiences))
        for row in rows
    ]


async def disable(connection: AsyncConnection, now: datetime, endpoint_id: str) -> None:
    """Send nothing more there: what waits is discarded and can be replayed."""
    await connection.execute(_DISABLE, {"id": endpoint_id})
    await connection.execute(_DISCARD, {"id": endpoint_id, "now": now})


async def delete(connection: AsyncConnection, now: datetime, tenant: str, endpoint_id: str) -> bool:
    """False when the tenant has no such endpoint."""
    gone = await connection.execute(_DELETE, {"id": endpoint_id, "tenant": tenant})
    if gone.first() is None:
        return False
    await connection.execute(_DISCARD, {"id": endpoint_id, "now": now})
    return True


async def is_enabled(connection: AsyncConnection, endpoint_id: str) -> bool:
    """False also for one that is gone."""
    return bool((await connection.execute(_ENABLED, {"id": endpoint_id})).scalar_one_or_none())


async def get(connection: AsyncConnection, tenant: str, endpoint_id: str) -> Endpoint | None:
    row = (await connection.execute(_GET, {"id": endpoint_id, "tenant": tenant})).first()
    return None if row is None else _endpoint(row)


async def page(
    connection: AsyncConnection, tenant: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Endpoint]:
    """Newest first, those after the given sort key."""
    at, endpoint_id = after or (None, "")
    rows = await connection.execute(
        _LIST, {"tenant": tenant, "at": at, "id": endpoint_id, "limit": limit}
    )
    return [_endpoint(row) for row in rows]


def _endpoint(row: Row[tuple[object, ...]]) -> Endpoint:
    return Endpoint(
        id=row.id,
        tenant=row.tenant,
        url=row.url,
        description=row.description,
        events=tuple(EventType(event) for event in row.events),
        enabled=row.enabled,
        created_at=row.created_at,
        kind=EndpointKind(row.kind),
        audiences=tuple(Recipient(one) for one in row.audiences),
        language=Language(row.language),
        failover=row.failover,
    )
