"""Gauges from the database, forgetting what is too old to matter, and mending what an older
release left behind."""

import logging
from datetime import datetime, timedelta
from itertools import product

from heedful.alerting import (
    metrics,
    store_clocks,
    store_facts,
    store_intake,
    store_mending,
    store_queries,
)
from heedful.alerting.database import Database
from heedful.alerting.links import store as links
from heedful.alerting.signals import store as signals
from heedful.alerting.states import WORKING
from heedful.alerting.storms import store_reading as issues_read
from heedful.common.contracts import Colour
from heedful.common.topics import FEEDBACK_RECEIVED

log = logging.getLogger(__name__)

EVERY_S = 10.0
_PRUNE_EVERY = timedelta(minutes=10)
_OVERDUE_AFTER = timedelta(seconds=5)
# So long an expired link's page says that it has expired.
_LINKS = timedelta(days=7)
# No record outlives its topic's retention, so no replay needs a longer memory.
_MEMORY = FEEDBACK_RECEIVED.retention + timedelta(days=1)


class Upkeep:
    """One step measures; now and then it also prunes."""

    def __init__(self, database: Database, keep_contacts: timedelta, keep_facts: timedelta) -> None:
        self._database = database
        self._keep_contacts = keep_contacts
        self._keep_facts = max(keep_facts, _MEMORY)
        self._pruned_at: datetime | None = None

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            cases = await store_queries.count_open(connection)
            overdue = await store_clocks.count_overdue(connection, now - _OVERDUE_AFTER)
            issues = await issues_read.count_open(connection)
        metrics.OPEN_ISSUES.set(issues)
        for state, colour in product(WORKING, Colour):
            metrics.OPEN_CASES.labels(state.value, colour.value).set(cases.get((state, colour), 0))
        metrics.TIMERS_OVERDUE.set(overdue)
        if self._pruned_at is None or now - self._pruned_at >= _PRUNE_EVERY:
            async with self._database.begin() as (connection, now):
                await store_intake.prune(connection, now - self._keep_contacts)
                await store_facts.prune(connection, now - self._keep_facts)
                await links.prune(connection, now - _LINKS)
                await signals.prune(connection, now - self._keep_facts)
            await self._mend()
            self._pruned_at = now
        return EVERY_S

    async def _mend(self) -> None:
        mended = 1
        while mended:
            async with self._database.begin() as (connection, _):
                mended = await store_mending.mend(connection)
            if mended:
                log.info("cases mended", extra={"cases": mended})
