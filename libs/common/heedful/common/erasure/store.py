"""SQL of the receipts that a service has given: an erasure that comes again gets the same one."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import ErasureReceipt

_FIND = text(
    """
    SELECT payload FROM common.erasure_receipt
    WHERE service = :service AND erasure_id = :erasure_id AND part = :part
    """
)
_KEEP = text(
    """
    INSERT INTO common.erasure_receipt (service, erasure_id, part, payload, made_at)
    VALUES (:service, :erasure_id, :part, :payload, :made_at)
    """
)
_PURGE = text(
    """
    DELETE FROM common.erasure_receipt WHERE (service, erasure_id, part) IN (
        SELECT service, erasure_id, part FROM common.erasure_receipt
        WHERE service = :service AND made_at < :before
        ORDER BY made_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    """
)


async def find(
    connection: AsyncConnection, service: str, erasure_id: str, part: int
) -> ErasureReceipt | None:
    """The receipt that was given; None when that part was not obeyed yet."""
    values = {"service": service, "erasure_id": erasure_id, "part": part}
    row = (await connection.execute(_FIND, values)).one_or_none()
    return None if row is None else ErasureReceipt.parse(bytes(row.payload))


async def keep(connection: AsyncConnection, receipt: ErasureReceipt) -> None:
    await connection.execute(
        _KEEP,
        {
            "service": receipt.service,
            "erasure_id": receipt.erasure_id,
            "part": receipt.part,
            "payload": receipt.encode(),
            "made_at": receipt.completed_at,
        },
    )


async def purge(connection: AsyncConnection, service: str, before: datetime, limit: int) -> int:
    """Forget at most so many that were given before; how many it was."""
    values = {"service": service, "before": before, "limit": limit}
    return (await connection.execute(_PURGE, values)).rowcount
