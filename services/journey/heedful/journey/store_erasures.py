"""SQL of erasures that were asked for, and of their parts until every service has obeyed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = "id, tenant, requested_at, requested_by, reason, parts, asked_at, completed_at"

_INSERT = text(
    f"""
    INSERT INTO journey.erasure ({_COLUMNS})
    VALUES (:id, :tenant, :requested_at, :requested_by, :reason, :parts, :requested_at, NULL)
    """  # noqa: S608  # a constant
)

_LOCK = text(f"SELECT {_COLUMNS} FROM journey.erasure WHERE id = :id FOR UPDATE")  # noqa: S608

_EXTEND = text(
    """
    UPDATE journey.erasure SET parts = :parts, asked_at = :now, completed_at = NULL
    WHERE id = :id
    """
)

_COMPLETE = text("UPDATE journey.erasure SET completed_at = :now WHERE id = :id")

_RECEIPTS = text(
    """
    SELECT count(*) FROM journey.erasure_record
    WHERE erasure_id = :id AND kind = 'receipt' AND service = ANY(CAST(:services AS text[]))
        AND part <= :parts
    """
)

_INSERT_PART = text(
    """
    INSERT INTO journey.erasure_part (erasure_id, number, sealed, published_at)
    VALUES (:id, :number, :sealed, :now)
    """
)

_DELETE_PARTS = text("DELETE FROM journey.erasure_part WHERE erasure_id = :id")

_UNANSWERED = text(
    """
    UPDATE journey.erasure_part p SET published_at = :now
    FROM (
        SELECT erasure_id, number FROM journey.erasure_part WHERE published_at < :before
        ORDER BY published_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) AS old
    WHERE p.erasure_id = old.erasure_id AND p.number = old.number
    RETURNING p.erasure_id, p.number, p.sealed
    """
)

_OPEN = text(
    """
    SELECT count(*) AS pending, count(*) FILTER (WHERE asked_at < :late) AS overdue
    FROM journey.erasure WHERE completed_at IS NULL
    """
)

_ONE = text(f"SELECT {_COLUMNS} FROM journey.erasure WHERE id = :id AND tenant = :tenant")  # noqa: S608

_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM journey.erasure
    WHERE tenant = :tenant
        AND (CAST(:complete AS boolean) IS NULL OR (completed_at IS NOT NULL) = :complete)
        AND (CAST(:late AS timestamptz) IS NULL OR asked_at < :late)
        AND (CAST(:after_at AS timestamptz) IS NULL OR (requested_at, id) < (:after_at, :after_id))
    ORDER BY requested_at DESC, id DESC LIMIT CAST(:limit AS bigint)
    """  # noqa: S608  # a constant
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An erasure. `asked_at` is the time of its newest part."""

    id: str
    tenant: str
    requested_at: datetime
    requested_by: str
    reason: str
    parts: int
    asked_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SealedPart:
    erasure_id: str
    number: int
    sealed: bytes


async def insert(connection: AsyncConnection, made: Stored) -> None:
    await connection.execute(
        _INSERT,
        {
            "id": made.id,
            "tenant": made.tenant,
            "requested_at": made.requested_at,
            "requested_by": made.requested_by,
            "reason": made.reason,
            "parts": made.parts,
        },
    )


async def lock(connection: AsyncConnection, erasure_id: str) -> Stored | None:
    """The erasure, which nobody else extends or completes until the commit."""
    return _stored((await connection.execute(_LOCK, {"id": erasure_id})).one_or_none())


async def extend(connection: AsyncConnection, erasure_id: str, parts: int, now: datetime) -> None:
    """It has more parts now, so it is not complete."""
    await connection.execute(_EXTEND, {"id": erasure_id, "parts": parts, "now": now})


async def complete(
    connection: AsyncConnection, locked: Stored, services: Sequence[str], now: datetime
) -> bool:
    """Whether every service has given a receipt for every part; then it is marked so, and its
    parts go."""
    values = {"id": locked.id, "services": list(services), "parts": locked.parts}
    receipts: int = (await connection.execute(_RECEIPTS, values)).scalar_one()
    if receipts < locked.parts * len(services):
        return False
    await connection.execute(_COMPLETE, {"id": locked.id, "now": now})
    await connection.execute(_DELETE_PARTS, {"id": locked.id})
    return True


async def keep_parts(
    connection: AsyncConnection, parts: Sequence[SealedPart], now: datetime
) -> None:
    await connection.execute(
        _INSERT_PART,
        [
            {"id": one.erasure_id, "number": one.number, "sealed": one.sealed, "now": now}
            for one in parts
        ],
    )


async def unanswered(
    connection: AsyncConnection, before: datetime, now: datetime, limit: int
) -> list[SealedPart]:
    """Parts of erasures that are not complete, last published before; taken as published now."""
    values = {"before": before, "now": now, "limit": limit}
    return [
        SealedPart(row.erasure_id, row.number, bytes(row.sealed))
        for row in await connection.execute(_UNANSWERED, values)
    ]


async def count_open(connection: AsyncConnection, late: datetime) -> tuple[int, int]:
    """How many are not complete, and how many of them were asked for before `late`."""
    row = (await connection.execute(_OPEN, {"late": late})).one()
    return row.pending, row.overdue


async def one(connection: AsyncConnection, tenant: str, erasure_id: str) -> Stored | None:
    values = {"id": erasure_id, "tenant": tenant}
    return _stored((await connection.execute(_ONE, values)).one_or_none())


async def page(
    connection: AsyncConnection,
    tenant: str,
    *,
    complete: bool | None,
    late: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int | None,
) -> list[Stored]:
    """Erasures of a tenant, the newest first, behind the one of that time and id; all of them
    without a limit."""
    at, last = after or (None, None)
    rows = await connection.execute(
        _PAGE,
        {
            "tenant": tenant,
            "complete": complete,
            "late": late,
            "after_at": at,
            "after_id": last,
            "limit": limit,
        },
    )
    return [found for row in rows if (found := _stored(row)) is not None]


def _stored(row: Row[Any] | None) -> Stored | None:
    return None if row is None else Stored(**row._mapping)
