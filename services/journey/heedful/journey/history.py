"""The enrichments that journey remembers, the newest of each feedback, for tools that look back."""

from collections.abc import AsyncGenerator
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Enrichment
from heedful.common.errors import ConfigurationError

_FEEDBACK = text(
    """
    SELECT CAST(payload AS text) AS payload FROM journey.event
    WHERE kind = 'feedback' AND received_at >= :since AND received_at < :until
    """
)
_AT_ONCE = 500


async def enrichments(
    engine: AsyncEngine, since: datetime, until: datetime
) -> AsyncGenerator[Enrichment, None]:
    """Of feedback that was received from `since` until before `until`, in no order; a page at a
    time, so that the memory does not grow with them.

    Raises:
        ConfigurationError: journey has no tables in this database.
    """
    try:
        async with engine.connect() as connection:
            given = {"since": since, "until": until}
            options = connection.execution_options(yield_per=_AT_ONCE)
            rows = await (await options).stream(_FEEDBACK, given)
            async for row in rows:
                yield Enrichment.parse(row.payload)
    except ProgrammingError as error:
        raise ConfigurationError(
            "journey has no tables in this database; name the one that it uses in "
            "HEEDFUL_DATABASE_URL, or read the log"
        ) from error
