"""Packs days that are over, so that an insight over a year does not pack each of them anew."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import Retryable
from heedful.common.service import Periodic
from heedful.journey import database
from heedful.journey.insights_reading import store_packs
from heedful.journey.insights_reading.encoding import encoded
from heedful.journey.insights_reading.period import slices
from heedful.journey.insights_reading.planning import day_of
from heedful.journey.insights_reading.reading import AT_ONCE, count, packed
from heedful.journey.insights_reading.rows import Packed, part_of
from heedful.journey.insights_reading.store_packs import Due, Whole

log = logging.getLogger(__name__)

LEAST: Final = 200
"""Events of a day: fewer are as soon read from their rows."""
QUIET: Final = timedelta(minutes=1)
"""Since the last change of a day: an import would have it packed again and again."""
EVERY_S: Final = 5.0
_STALL_S: Final = 300.0


class DayPacking:
    """Each step is two transactions; replicas pack different days.

    Args:
        clock: today has no pack.
    """

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def loop(self) -> Periodic:
        return Periodic("journey.days", self.step, _STALL_S)

    async def step(self) -> float:
        """Returns seconds until the next: while days are due as long as this one took, so that
        others have time."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            await self._take_up()
            packed_one = await self._pack()
        except Retryable as error:
            log.warning("days are packed again", extra={"error": str(error)})
            return EVERY_S
        return loop.time() - begun if packed_one else EVERY_S

    async def _take_up(self) -> None:
        async with database.begin(self._engine) as connection:
            await store_packs.take_up(connection)

    async def _pack(self) -> bool:
        """Whether a day was due."""
        now = self._clock()
        async with database.begin(self._engine) as connection:
            today = now.astimezone(UTC).date()
            due = await store_packs.next_due(connection, today, now - QUIET)
            if due is not None:
                await _pack(connection, due)
        return due is not None


async def _pack(connection: AsyncConnection, due: Due) -> None:
    day = day_of(due.day)
    counts = await count(connection, due.tenant, [day])
    if sum(one.events for one in counts) < LEAST:
        await store_packs.done(connection, due, None)
        return
    # What is committed meanwhile may be in some of it: such a pack is not read, and goes.
    rows = [
        await packed(connection, due.tenant, part, None) for part in slices(day, counts, AT_ONCE)
    ]
    await store_packs.done(connection, due, await asyncio.to_thread(_whole, rows))


def _whole(rows: list[Packed]) -> Whole:
    part = part_of(rows, None)
    return Whole(len(part), encoded(part))
