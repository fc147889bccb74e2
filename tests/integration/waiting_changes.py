"""What services have noted for the audit, and alerting has not taken yet."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.administration import Entry, take


async def noted(engine: AsyncEngine) -> Sequence[Entry]:
    """The oldest first; they go on waiting."""
    async with engine.connect() as connection:
        found = await take(connection, 1000)
        await connection.rollback()
        return found
