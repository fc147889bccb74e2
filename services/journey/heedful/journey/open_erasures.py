"""Watches erasures that not every service has obeyed: counted, and told again."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.errors import ConfigurationError, Retryable
from heedful.common.service import Periodic
from heedful.journey import database, metrics, store_erasures
from heedful.journey.publishing import Publisher

log = logging.getLogger(__name__)

OVERDUE_AFTER: Final = timedelta(hours=1)
AGAIN_AFTER: Final = timedelta(days=1)
"""A part that is not obeyed is published again: the log may have lost it to its retention, or a
service may have put it aside as a dead letter."""
EVERY_S: Final = 30.0
_STALL_S = 300.0
_AT_ONCE = 20


class OpenErasures:
    """One step each half a minute; one that fails comes again."""

    def __init__(
        self,
        engine: AsyncEngine,
        publisher: Publisher,
        clock: Callable[[], datetime],
        woken: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._clock = clock
        self._woken = woken

    def loop(self) -> Periodic:
        return Periodic("journey.erasures", self.step, _STALL_S)

    async def step(self) -> float:
        try:
            await self._measure()
            while await self._publish_again():
                self._woken()
        except (Retryable, ConfigurationError) as error:
            log.warning("open erasures are looked at again", extra={"error": str(error)})
        return EVERY_S

    async def _measure(self) -> None:
        async with database.begin(self._engine) as connection:
            late = self._clock() - OVERDUE_AFTER
            pending, overdue = await store_erasures.count_open(connection, late)
        metrics.OPEN_ERASURES.labels("pending").set(pending)
        metrics.OPEN_ERASURES.labels("overdue").set(overdue)

    async def _publish_again(self) -> bool:
        async with database.begin(self._engine) as connection:
            now = self._clock()
            found = await store_erasures.unanswered(connection, now - AGAIN_AFTER, now, _AT_ONCE)
            await self._publisher.publish_again(connection, found)
        return bool(found)
