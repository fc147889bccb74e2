"""Forgets what is too old to be corrected."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.errors import Retryable
from heedful.nlp import store_enrichments
from heedful.nlp.database import begin

log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
STALL_S: Final = 600.0


class Upkeep:
    """One step each minute; one that fails comes again."""

    def __init__(self, engine: AsyncEngine, keep: timedelta, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._keep = keep
        self._clock = clock

    async def step(self) -> float:
        try:
            async with begin(self._engine) as connection:
                await store_enrichments.prune(connection, self._clock() - self._keep)
        except Retryable as error:
            log.warning("upkeep failed, comes again", extra={"error": str(error)})
        return EVERY_S
