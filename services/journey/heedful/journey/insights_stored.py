"""Where the parameters come from that a team has entered and nobody asks for."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.journey import store_entered
from heedful.journey.insights.alignment.answers import Answer, quarter_of
from heedful.journey.insights.priorities.entries import Entry
from heedful.journey.insights_computing import Stored
from heedful.journey.insights_reading.period import Period

_MOST: Final = 10_000
"""Answers or topics that are read at once: more colleagues than answer in years."""


def stored(engine: AsyncEngine) -> Stored:
    """By the name of the field."""

    async def answers(tenant: str, period: Period) -> tuple[Answer, ...]:
        """Of the quarters of which a part lies in the period."""
        quarters = quarter_of(period.since), quarter_of(period.until)
        async with engine.connect() as connection:
            rows = await store_entered.answers(connection, tenant, quarters, None, _MOST)
        return tuple(
            Answer(quarter=r.quarter, role=r.role, answered_by=r.answered_by, topics=r.topics)
            for r in rows
        )

    async def entries(tenant: str, period: Period) -> tuple[Entry, ...]:
        """As they were at the end of the period."""
        async with engine.connect() as connection:
            return tuple(await store_entered.entries(connection, tenant, period.until, _MOST))

    return {"answers": answers, "entries": entries}
