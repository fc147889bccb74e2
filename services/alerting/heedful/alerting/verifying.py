"""Looks at fixes whose days are over: one look for each, by one replica.

Between looks it forgets the daily counts that no look reads any more.
"""

import asyncio
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import metrics, store_topic_days, store_verifications
from heedful.alerting.database import Database
from heedful.alerting.verification.plan import Fix
from heedful.alerting.verification.series import Window
from heedful.alerting.verification.verdict import Verdict, decide

EVERY_S = 60.0
KEPT = timedelta(days=400)
"""Of daily counts."""


class VerificationLoop:
    """One step looks at one fix, if any is due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def step(self) -> float:
        """Seconds until the next: none while there may be more."""
        async with self._database.begin() as (connection, now):
            fix = await store_verifications.lock_due(connection, now)
            if fix is None:
                await store_topic_days.prune(connection, (now - KEPT).date())
                return EVERY_S
            verdict = await look(connection, fix)
            await store_verifications.decide(connection, now, fix, verdict)
        metrics.VERIFICATIONS.labels(verdict.outcome.value).inc()
        return 0.0


async def look(connection: AsyncConnection, fix: Fix) -> Verdict:
    """The verdict, by arithmetic that takes some 20 ms in a thread beside the event loop."""
    windows, plan = fix.windows, fix.plan
    whole = Window(windows.before.start, windows.after.end)
    days = await store_topic_days.days(connection, fix.tenant, plan.topic, plan.touchpoint, whole)
    return await asyncio.to_thread(decide, days, windows, plan.measure)
