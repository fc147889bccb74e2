"""SQL of what the API reads of issues."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.storms.store_issues import COLUMNS

_PAGE = text(
    f"""
    SELECT {COLUMNS}, i.plan FROM alerting.issue i
    WHERE i.tenant = :tenant
      AND (CAST(:open AS boolean) IS NULL OR (i.closed_at IS NULL) = :open)
      AND (CAST(:topic AS text) IS NULL OR i.topic = :topic)
      AND (CAST(:at AS timestamptz) IS NULL OR (i.opened_at, i.id) < (:at, :id))
    ORDER BY i.opened_at DESC, i.id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)
_GET = text(
    f"SELECT {COLUMNS}, i.plan FROM alerting.issue i WHERE i.id = :id AND i.tenant = :tenant"  # noqa: S608  # a constant
)
_CHILDREN = text(
    """
    SELECT c.id, c.state, c.colour, c.owner, c.received_at, m.joined_at
    FROM alerting.issue_case m JOIN alerting.issue i ON i.id = m.issue_id
    JOIN alerting.cases c ON c.id = m.case_id
    WHERE m.issue_id = :issue AND (m.until IS NULL OR m.until = i.closed_at)
    ORDER BY m.joined_at DESC, c.id LIMIT :limit
    """
)
_OPEN = text("SELECT count(*) FROM alerting.issue WHERE closed_at IS NULL")
_OPEN_OF = text("SELECT count(*) FROM alerting.issue WHERE closed_at IS NULL AND tenant = :tenant")


async def page(
    connection: AsyncConnection,
    tenant: str,
    *,
    open_only: bool | None,
    topic: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Issues, the newest first, those after the given sort key."""
    at, issue_id = after or (None, "")
    values = {
        "tenant": tenant,
        "open": open_only,
        "topic": topic,
        "at": at,
        "id": issue_id,
        "limit": limit,
    }
    return (await connection.execute(_PAGE, values)).all()


async def get(connection: AsyncConnection, tenant: str, issue_id: str) -> Row[Any] | None:
    return (await connection.execute(_GET, {"id": issue_id, "tenant": tenant})).first()


async def children(connection: AsyncConnection, issue_id: str, limit: int) -> Sequence[Row[Any]]:
    """Its cases without those that were taken out, the last to join first."""
    return (await connection.execute(_CHILDREN, {"issue": issue_id, "limit": limit})).all()


async def count_open(connection: AsyncConnection, tenant: str | None = None) -> int:
    """Issues that are not closed, of one tenant or of all."""
    if tenant is None:
        found: int = (await connection.execute(_OPEN)).scalar_one()
    else:
        found = (await connection.execute(_OPEN_OF, {"tenant": tenant})).scalar_one()
    return found
