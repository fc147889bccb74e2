"""A lock on what a tenant has of one kind, where there may be no row to lock yet."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = text(
    "SELECT pg_advisory_xact_lock("
    "hashtextextended(CAST(:what AS text) || ':' || CAST(:tenant AS text), 0))"
)


async def lock_tenant(connection: AsyncConnection, what: str, tenant: str) -> None:
    """Wait until no other transaction holds it; ours holds it until it ends.

    Args:
        what: schema and thing, as in `alerting.policy`.
    """
    await connection.execute(_LOCK, {"what": what, "tenant": tenant})
