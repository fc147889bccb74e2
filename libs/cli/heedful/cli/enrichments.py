"""Enrichments of a period, from the log or from journey's memory."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.bus.base import Bus
from heedful.common.bus.reading import everything
from heedful.common.contracts import Enrichment
from heedful.common.errors import InvalidMessage
from heedful.common.events import from_record
from heedful.common.topics import FEEDBACK_ENRICHED
from heedful.journey import history

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Source(StrEnum):
    LOG = "log"
    JOURNEY = "journey"


def enrichments(
    source: Source, bus: Bus, engine: AsyncEngine, since: datetime, until: datetime
) -> AsyncGenerator[Enrichment, None]:
    """Enrichments of feedback that was received from `since` until before `until`.

    The log has every version as long as it is kept; journey has the newest of each for ever.
    """
    if source is Source.JOURNEY:
        return history.enrichments(engine, since, until)
    return _from_log(bus, since, until)


async def _from_log(bus: Bus, since: datetime, until: datetime) -> AsyncGenerator[Enrichment, None]:
    earliest = (since - _EPOCH) // _MILLISECOND
    async with aclosing(everything(bus, [FEEDBACK_ENRICHED.name])) as records:
        async for record in records:
            # Nothing is enriched before it was received.
            if record.timestamp < earliest:
                continue
            try:
                found = from_record(record, FEEDBACK_ENRICHED).payload
            except InvalidMessage:
                continue  # consumers bury it; it has no light to compare
            if isinstance(found, Enrichment) and since <= found.feedback.received_at < until:
                yield found
