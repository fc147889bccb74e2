"""SQL of endpoints: where notices go, and how they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.delivery_records import Account
from heedful.alerting.endpoint import EVERY_TENANT, Endpoint, Listener
from heedful.alerting.endpoint_kinds import EndpointKind, StormNotices
from heedful.alerting.endpoint_rows import COLUMNS, Sealed, endpoint_of, values_of
from heedful.alerting.store_deliveries import account_of
from heedful.alerting.webhook import EventType

CONFIGURED = "configured"
"""Id of the endpoint from the settings."""

_INSERT = text(
    """
    INSERT INTO alerting.endpoint (
        id, tenant, url, description, events, enabled, created_at, kind, audiences, language,
        failover, fallback, keyword, timezone, template_title, template_text, action_links, robot,
        storms, sealed, sealed_url)
    VALUES (:id, :tenant, :url, :description, :events, :enabled, :created_at, :kind, :audiences,
        :language, :failover, :fallback, :keyword, :timezone, :template_title, :template_text,
        :action_links, :robot, :storms, :sealed, :sealed_url)
    """
)

# Whoever enables it begins anew: old failures do not count against it.
_UPDATE = text(
    """
    UPDATE alerting.endpoint SET
        url = :url, description = :description, events = :events, audiences = :audiences,
        language = :language, failover = :failover, fallback = :fallback, keyword = :keyword,
        timezone = :timezone, template_title = :template_title, template_text = :template_text,
        action_links = :action_links, robot = :robot, storms = :storms,
        sealed = :sealed, sealed_url = :sealed_url,
        first_failure_at = CASE WHEN :enabled AND NOT enabled THEN NULL ELSE first_failure_at END,
        failures = CASE WHEN :enabled AND NOT enabled THEN 0 ELSE failures END,
        disabled_at = CASE WHEN :enabled THEN NULL ELSE disabled_at END,
        disabled_reason = CASE WHEN :enabled THEN NULL ELSE disabled_reason END,
        enabled = :enabled
    WHERE id = :id AND tenant = :tenant
    """
)

_ROTATE = text(
    """
    UPDATE alerting.endpoint SET
        sealed_previous = CASE WHEN CAST(:until AS timestamptz) IS NULL THEN NULL ELSE sealed END,
        previous_until = :until, sealed = :sealed
    WHERE id = :id AND tenant = :tenant
    """
)

_CONFIGURE = text(
    """
    INSERT INTO alerting.endpoint (
        id, tenant, url, description, events, enabled, sealed, created_at)
    VALUES (:id, :tenant, :url, 'from the settings', '{}', true, :sealed, :now)
    ON CONFLICT (id) DO UPDATE SET url = excluded.url, sealed = excluded.sealed, enabled = true,
        first_failure_at = NULL, failures = 0, disabled_at = NULL, disabled_reason = NULL
    RETURNING xmax = 0 AS made
    """
)

_LISTENING = text(
    """
    SELECT id, tenant, events, audiences, kind, storms FROM alerting.endpoint
    WHERE enabled AND tenant = ANY(CAST(:tenants AS text[]))
    """
)

_OPERATORS = text(
    """
    SELECT id FROM alerting.endpoint
    WHERE enabled AND tenant = :tenant AND id <> :id AND (fallback OR :event = ANY(events))
    ORDER BY id
    """
)

_NO_FALLBACK = text(
    "UPDATE alerting.endpoint SET fallback = false WHERE tenant = :tenant AND fallback"
    " AND id <> :id"
)

_DISABLE = text(
    """
    UPDATE alerting.endpoint SET enabled = false, disabled_at = :now, disabled_reason = :reason
    WHERE id = :id
    """
)

_ENABLED = text("SELECT enabled FROM alerting.endpoint WHERE id = :id")

_DISCARD = text(
    """
    UPDATE alerting.delivery SET state = 'discarded', finished_at = :now,
        failover_at = least(failover_at, :now)
    WHERE endpoint_id = :id AND state = 'pending'
    """
)

# What waits spends the budget of the robot that it goes to now.
_MOVE = text(
    "UPDATE alerting.delivery SET robot = :robot WHERE endpoint_id = :id AND state = 'pending'"
)

_OF_ROBOT = text("UPDATE alerting.endpoint SET robot = :robot WHERE id = :id")

_DELETE = text("DELETE FROM alerting.endpoint WHERE id = :id AND tenant = :tenant RETURNING id")

_GET = text(
    f"SELECT {COLUMNS} FROM alerting.endpoint WHERE id = :id AND tenant = :tenant"  # noqa: S608  # a constant
)

_LOCK = text(
    f"""
    SELECT {COLUMNS}, id AS account, sealed, sealed_url, sealed_previous
    FROM alerting.endpoint WHERE id = :id AND tenant = :tenant FOR UPDATE
    """  # noqa: S608  # a constant
)

_LIST = text(
    f"""
    SELECT {COLUMNS} FROM alerting.endpoint
    WHERE tenant = :tenant
      AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, :id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)


async def insert(connection: AsyncConnection, endpoint: Endpoint, sealed: Sealed) -> None:
    """Store a new one; a fallback takes the place of the one before."""
    values = values_of(endpoint, sealed)
    if endpoint.fallback:
        await connection.execute(_NO_FALLBACK, values)
    await connection.execute(_INSERT, values)


async def update(connection: AsyncConnection, endpoint: Endpoint, sealed: Sealed) -> None:
    """Store a locked one as it is now."""
    values = values_of(endpoint, sealed)
    if endpoint.fallback:
        await connection.execute(_NO_FALLBACK, values)
    await connection.execute(_UPDATE, values)
    await connection.execute(_MOVE, values)


async def rotate(
    connection: AsyncConnection, endpoint: Endpoint, sealed: bytes, until: datetime | None
) -> None:
    """Another secret; the one before is good until then, None: no longer."""
    values = {"id": endpoint.id, "tenant": endpoint.tenant, "sealed": sealed, "until": until}
    await connection.execute(_ROTATE, values)


async def move(connection: AsyncConnection, endpoint: Endpoint) -> None:
    """It and what waits for it are of another robot now."""
    values = {"id": endpoint.id, "robot": endpoint.robot}
    await connection.execute(_OF_ROBOT, values)
    await connection.execute(_MOVE, values)


async def configure(connection: AsyncConnection, now: datetime, url: str, sealed: bytes) -> bool:
    """Store the endpoint of the settings; a start enables it again. Whether there was none."""
    values = {"id": CONFIGURED, "tenant": EVERY_TENANT, "url": url, "sealed": sealed, "now": now}
    made: bool = (await connection.execute(_CONFIGURE, values)).scalar_one()
    return made


async def listeners(connection: AsyncConnection, tenants: Iterable[str]) -> list[Listener]:
    """The enabled endpoints of these tenants."""
    rows = await connection.execute(_LISTENING, {"tenants": [*set(tenants), EVERY_TENANT]})
    return [
        Listener(
            row.id,
            row.tenant,
            frozenset(row.events),
            frozenset(row.audiences),
            EndpointKind(row.kind),
            None if row.storms is None else StormNotices(row.storms),
        )
        for row in rows
    ]


async def operators(
    connection: AsyncConnection, tenant: str, endpoint_id: str, event: EventType
) -> list[str]:
    """Who is told about an endpoint: those that ask for it, and the tenant's fallback."""
    values = {"tenant": tenant, "id": endpoint_id, "event": event.value}
    return [row.id for row in await connection.execute(_OPERATORS, values)]


async def disable(
    connection: AsyncConnection, now: datetime, endpoint_id: str, reason: str
) -> None:
    """Send nothing more there: what waits is discarded, fails over, and can be replayed."""
    await connection.execute(_DISABLE, {"id": endpoint_id, "now": now, "reason": reason})
    await discard(connection, now, endpoint_id)


async def discard(connection: AsyncConnection, now: datetime, endpoint_id: str) -> None:
    """Give up what waits for an endpoint that takes nothing any more."""
    await connection.execute(_DISCARD, {"id": endpoint_id, "now": now})


async def delete(connection: AsyncConnection, now: datetime, tenant: str, endpoint_id: str) -> bool:
    """False when the tenant has no such endpoint."""
    gone = await connection.execute(_DELETE, {"id": endpoint_id, "tenant": tenant})
    if gone.first() is None:
        return False
    await discard(connection, now, endpoint_id)
    return True


async def is_enabled(connection: AsyncConnection, endpoint_id: str) -> bool:
    """False also for one that is gone."""
    return bool((await connection.execute(_ENABLED, {"id": endpoint_id})).scalar_one_or_none())


async def get(connection: AsyncConnection, tenant: str, endpoint_id: str) -> Endpoint | None:
    row = (await connection.execute(_GET, {"id": endpoint_id, "tenant": tenant})).first()
    return None if row is None else endpoint_of(row)


async def lock(
    connection: AsyncConnection, tenant: str, endpoint_id: str
) -> tuple[Endpoint, Account] | None:
    """An endpoint with its sealed secrets; nobody else changes it meanwhile."""
    row = (await connection.execute(_LOCK, {"id": endpoint_id, "tenant": tenant})).first()
    return None if row is None else (endpoint_of(row), account_of(row))


async def page(
    connection: AsyncConnection, tenant: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Endpoint]:
    """Newest first, those after the given sort key."""
    at, endpoint_id = after or (None, "")
    rows = await connection.execute(
        _LIST, {"tenant": tenant, "at": at, "id": endpoint_id, "limit": limit}
    )
    return [endpoint_of(row) for row in rows]
