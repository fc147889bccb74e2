"""SQL of links: `alerting.link`, and those that deliveries carry."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.delivery_records import Task
from heedful.alerting.links.link import Link, LinkAction, Wanted

# A member who is gone gets none; the message goes out without it.
_INSERT = text(
    """
    INSERT INTO alerting.link (
        digest, tenant, case_id, member_id, action, created_at, expires_at)
    SELECT w.digest, w.tenant, w.case_id, w.member_id, w.action, :now, :expires_at
    FROM unnest(
        CAST(:digests AS bytea[]), CAST(:tenants AS text[]), CAST(:cases AS text[]),
        CAST(:members AS text[]), CAST(:actions AS text[])
    ) AS w (digest, tenant, case_id, member_id, action)
    JOIN alerting.member m ON m.tenant = w.tenant AND m.id = w.member_id
    RETURNING digest
    """
)

_FIND = """
    SELECT l.tenant, l.case_id, l.member_id, l.action, l.expires_at, l.used_at, m.name
    FROM alerting.link l
    JOIN alerting.member m ON m.tenant = l.tenant AND m.id = l.member_id
    WHERE l.digest = :digest
"""

_BURN = text("UPDATE alerting.link SET used_at = :now WHERE digest = :digest")

_CARRY = text(
    "UPDATE alerting.delivery SET links = :links WHERE id = :id AND fence = :fence RETURNING id"
)

_PRUNE = text("DELETE FROM alerting.link WHERE expires_at < :before")


async def insert(
    connection: AsyncConnection,
    now: datetime,
    expires_at: datetime,
    wanted: Mapping[bytes, Wanted],
) -> set[bytes]:
    """Store links by the digests of their tokens; gives those that were stored."""
    links: Sequence[Wanted] = list(wanted.values())
    values = {
        "digests": list(wanted),
        "tenants": [one.tenant for one in links],
        "cases": [one.case_id for one in links],
        "members": [one.member_id for one in links],
        "actions": [one.action.value for one in links],
        "now": now,
        "expires_at": expires_at,
    }
    return {bytes(row.digest) for row in await connection.execute(_INSERT, values)}


async def find(connection: AsyncConnection, digest: bytes, *, lock: bool = False) -> Link | None:
    """The link of a token.

    Args:
        lock: nobody else may use it until this transaction ends.
    """
    asked = text(f"{_FIND} FOR UPDATE OF l" if lock else _FIND)
    row = (await connection.execute(asked, {"digest": digest})).first()
    return None if row is None else _link(row)


async def burn(connection: AsyncConnection, now: datetime, digest: bytes) -> None:
    await connection.execute(_BURN, {"digest": digest, "now": now})


async def carry(connection: AsyncConnection, task: Task, sealed: bytes) -> bool:
    """Later tries of a delivery carry these links; False when it is not ours any more."""
    values = {"id": task.id, "fence": task.fence, "links": sealed}
    return (await connection.execute(_CARRY, values)).first() is not None


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Forget links that expired before then; their pages say from then on that they are unknown."""
    await connection.execute(_PRUNE, {"before": before})


def _link(row: "Row[tuple[object, ...]]") -> Link:
    wanted = Wanted(row.tenant, row.case_id, row.member_id, LinkAction(row.action))
    return Link(wanted, row.name, row.expires_at, row.used_at)
