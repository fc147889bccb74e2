"""The deadlines that lists are ordered by, where a release that does not know them left them."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_MOST: Final = 1000
_EARLIEST: Final = """
    SELECT min(k.due_at) FROM alerting.clock k
    WHERE k.case_id = c.id AND k.fulfilled_at IS NULL AND k.ended IS NULL AND k.enforced
"""
# Whoever works on a case holds its row, and writes its deadline with the clocks.
_LOCK_WRONG: Final = text(
    f"""
    SELECT c.id FROM alerting.cases c
    WHERE c.over_at IS NULL AND c.due_at IS DISTINCT FROM ({_EARLIEST})
    LIMIT :most FOR UPDATE SKIP LOCKED
    """  # noqa: S608  # constants
)
_MEND: Final = text(
    f"""
    UPDATE alerting.cases c SET due_at = ({_EARLIEST})
    WHERE c.id = ANY(CAST(:ids AS text[]))
    """  # noqa: S608  # constants
)


async def mend(connection: AsyncConnection) -> int:
    """Set right what does not follow from the clocks of an open case; how many there were, at most
    1,000 in one transaction. During a roll-out an older replica opens cases without a deadline."""
    wrong = (await connection.execute(_LOCK_WRONG, {"most": _MOST})).scalars().all()
    if wrong:
        # Another statement, which sees what was committed until the rows were locked.
        await connection.execute(_MEND, {"ids": list(wrong)})
    return len(wrong)
