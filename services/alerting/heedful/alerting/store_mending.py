"""What cases' rows say for lists and figures, where a release that does not know it left it."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases

_MOST: Final = 1000
_LOCK_LEFT: Final = text(
    """
    SELECT id FROM alerting.cases WHERE progress_sequence IS DISTINCT FROM sequence
    LIMIT :most FOR UPDATE SKIP LOCKED
    """
)


async def mend(connection: AsyncConnection) -> int:
    """Write what follows from the events of cases that an older release opened or went on with;
    how many there were, at most 1,000 in one transaction. So it is after an upgrade, and during a
    roll-out, when older replicas still work."""
    left = (await connection.execute(_LOCK_LEFT, {"most": _MOST})).scalars().all()
    if left:
        cases = await store_cases.lock_cases(connection, left)
        await store_cases.update_cases(connection, cases.values())
    return len(left)
