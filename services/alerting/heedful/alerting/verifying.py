"""Looks at fixes whose days are over: one look for each, by one replica.

What was found moves the case: verified, or reopened when it is worse than before. Between looks it
forgets the daily counts that no look reads any more.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import (
    metrics,
    store_cases,
    store_topic_days,
    store_verifications,
    work,
)
from heedful.alerting.case import SERVICE, Step
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import StoredCase, Tally
from heedful.alerting.rulebook import Book
from heedful.alerting.states import ALLOWED, State
from heedful.alerting.verification.plan import Fix
from heedful.alerting.verification.series import Window
from heedful.alerting.verification.verdict import Outcome, Verdict, decide
from heedful.alerting.work import Verification
from heedful.common.contracts import CaseEventKind

EVERY_S = 60.0
KEPT = timedelta(days=400)
"""Of daily counts."""


class VerificationLoop:
    """One step looks at one fix, if any is due."""

    def __init__(self, database: Database, ledger: Ledger, woken: Callable[[], None]) -> None:
        self._database = database
        self._ledger = ledger
        self._woken = woken

    async def step(self) -> float:
        """Seconds until the next: none while there may be more."""
        async with self._database.begin() as (connection, now):
            fix = await store_verifications.lock_due(connection, now)
            if fix is None:
                await store_topic_days.prune(connection, (now - KEPT).date())
                return EVERY_S
            verdict = await look(connection, fix)
            await store_verifications.decide(connection, now, fix, verdict)
            tally = Tally()
            await self._move(connection, now, fix, verdict.outcome, tally)
        tally.publish()
        self._woken()
        metrics.VERIFICATIONS.labels(verdict.outcome.value).inc()
        return 0.0

    async def _move(
        self,
        connection: AsyncConnection,
        now: datetime,
        fix: Fix,
        outcome: Outcome,
        tally: Tally,
    ) -> None:
        """Take the step that the outcome asks for, if the case still is where the fix left it."""
        stored = (await store_cases.lock_cases(connection, [fix.case_id])).get(fix.case_id)
        if stored is None or not await store_verifications.latest(connection, fix):
            return
        book = await self._ledger.rulebook.book(connection, [stored])
        steps = [(stored, one) for one in _steps(stored, book, outcome, now)]
        await self._ledger.append(connection, now, steps, tally, book)


def _steps(stored: StoredCase, book: Book, outcome: Outcome, now: datetime) -> Sequence[Step]:
    state = stored.case.state
    if outcome is Outcome.VERIFIED and state is State.LANDED:
        return work.verified(now, SERVICE, Verification.MEASURED, None)
    if outcome is Outcome.WORSE and state in ALLOWED[CaseEventKind.REOPENED]:
        active, rule = book.active[stored.tenant], book.rule_now(stored)
        return work.reopened(now, SERVICE, active, rule, "worse")
    return ()


async def look(connection: AsyncConnection, fix: Fix) -> Verdict:
    """The verdict, by arithmetic that takes some 20 ms in a thread beside the event loop."""
    windows, plan = fix.windows, fix.plan
    whole = Window(windows.before.start, windows.after.end)
    days = await store_topic_days.days(connection, fix.tenant, plan.topic, plan.touchpoint, whole)
    return await asyncio.to_thread(decide, days, windows, plan.measure)
