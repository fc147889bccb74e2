"""SQL of tenants whose timers are to be set anew, and how far that has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_ASK = text(
    """
    INSERT INTO alerting.rearming (tenant, asked_at, after_case) VALUES (:tenant, :now, '')
    ON CONFLICT (tenant) DO UPDATE SET after_case = ''
    """
)
_NEXT = text(
    """
    SELECT tenant, after_case FROM alerting.rearming
    ORDER BY asked_at, tenant LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_CASES = text(
    """
    SELECT id FROM alerting.cases
    WHERE tenant = :tenant AND over_at IS NULL AND id > :after ORDER BY id LIMIT :limit
    """
)
_REACHED = text("UPDATE alerting.rearming SET after_case = :after WHERE tenant = :tenant")
_DONE = text("DELETE FROM alerting.rearming WHERE tenant = :tenant")


@dataclass(frozen=True, slots=True)
class Asked:
    """`after`: the last case that was done."""

    tenant: str
    after: str


async def ask(connection: AsyncConnection, now: datetime, tenant: str) -> None:
    """Set the timers of all open cases of a tenant anew; one that is under way begins again."""
    await connection.execute(_ASK, {"tenant": tenant, "now": now})


async def lock_next(connection: AsyncConnection) -> Asked | None:
    """What was asked first, locked until the commit; None: nothing, or others are at it."""
    row = (await connection.execute(_NEXT)).first()
    return None if row is None else Asked(row.tenant, row.after_case)


async def open_cases(connection: AsyncConnection, asked: Asked, limit: int) -> Sequence[str]:
    """The next open cases, in the order of their ids."""
    values = {"tenant": asked.tenant, "after": asked.after, "limit": limit}
    return [row.id for row in await connection.execute(_CASES, values)]


async def reached(connection: AsyncConnection, tenant: str, after: str | None) -> None:
    """Note how far it has come; None: it is done."""
    if after is None:
        await connection.execute(_DONE, {"tenant": tenant})
    else:
        await connection.execute(_REACHED, {"tenant": tenant, "after": after})
