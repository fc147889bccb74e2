"""Forgets what is too old, and measures how right nlp was."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.db.transaction import begin
from heedful.common.errors import Retryable
from heedful.nlp import metrics, store_enrichments, store_quality, store_sample
from heedful.nlp.quality import Rates, rates
from heedful.nlp.sampling import KEEP, week_of

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
        now = self._clock()
        try:
            async with begin(self._engine) as connection:
                await store_enrichments.prune(connection, now - self._keep)
                await store_sample.prune(connection, week_of(now - KEEP))
                judged = await store_quality.judged(connection, now - KEEP)
                verdicts = await store_quality.verdicts(connection, now - KEEP)
                corrected = await store_quality.corrected_reds(connection)
        except Retryable as error:
            log.warning("upkeep failed, comes again", extra={"error": str(error)})
            return EVERY_S
        metrics.AUDITED.set(judged)
        _publish({"sample": rates(verdicts), "corrections": rates(corrected)})
        return EVERY_S


def _publish(found: dict[str, Rates]) -> None:
    # What has left the window has no rate any more.
    metrics.PRECISION.clear()
    metrics.RECALL.clear()
    for basis, one in found.items():
        for gauge, shares in ((metrics.PRECISION, one.precision), (metrics.RECALL, one.recall)):
            for (label, value), share in shares.items():
                gauge.labels(basis, label, value, "point").set(share.point)
                gauge.labels(basis, label, value, "low").set(share.low)
                gauge.labels(basis, label, value, "high").set(share.high)
