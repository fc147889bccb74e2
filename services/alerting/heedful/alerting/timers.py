"""Durable timers: warnings and breaches, on time, once, also after a downtime.

Claim and firing are two transactions: the claim leases timers, the firing locks the cases and
then only those timers that are still ours by their fence. So any number of replicas run this,
a killed one's timers are due again when its lease ends, and a fulfilment that comes first wins.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import clocks, metrics, store_cases, store_clocks
from heedful.alerting.case import SERVICE, Step
from heedful.alerting.clocks import TimerKind
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import StoredCase, Tally
from heedful.alerting.responses import Responses
from heedful.alerting.store_clocks import Claimed
from heedful.common.contracts import CaseEventKind

log = logging.getLogger(__name__)

TICK_S = 1.0
LEASE = timedelta(seconds=15)
BATCH = 200
_SOONEST_S = 0.02


def wait_until(now: datetime, due: datetime | None) -> float:
    """Seconds until then, at most one tick."""
    if due is None:
        return TICK_S
    return min(TICK_S, max(_SOONEST_S, (due - now).total_seconds()))


class TimerLoop:
    """One step claims what is due and fires it.

    Args:
        worker: name of this process in leases.
        woken: called after a commit that others may act on.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        responses: Responses,
        worker: str,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._responses = responses
        self._worker = worker
        self._woken = woken

    async def step(self) -> float:
        claimed, wait = await self.claim()
        if claimed:
            await self.fire(claimed)
        return wait

    async def claim(self) -> tuple[list[Claimed], float]:
        """Lease due timers; also how long to wait for the next one."""
        async with self._database.begin() as (connection, now):
            claimed = await store_clocks.claim(connection, now, self._worker, now + LEASE, BATCH)
            if len(claimed) == BATCH:
                return claimed, 0.0
            return claimed, wait_until(now, await store_clocks.next_due(connection, now))

    async def fire(self, claimed: Sequence[Claimed]) -> None:
        """Take the steps of timers that are still ours and still mean something."""
        cases = sorted({one.spec.case_id for one in claimed})
        tally = Tally()
        async with self._database.intake() as (connection, now):
            await store_cases.lock_cases(connection, cases)
            # A contact that was handled while the case was being opened counts here at last.
            await self._responses.match(connection, now, cases, (), tally)
            locked = await store_cases.lock_cases(connection, cases)
            held, due = await store_clocks.still_to_take(connection, self._worker, claimed)
            steps = [one for one in claimed if one.id in due]
            await self._take(connection, now, steps, locked, tally)
            await store_clocks.finish(connection, now, held)
        for one in steps:
            late = (now - one.spec.due_at).total_seconds()
            metrics.TIMER_LATENESS.observe(max(0.0, late))
        if len(held) < len(claimed):
            log.info("timers were not ours any more", extra={"count": len(claimed) - len(held)})
        tally.publish()
        if tally.events:
            self._woken()

    async def _take(
        self,
        connection: AsyncConnection,
        now: datetime,
        due: Sequence[Claimed],
        locked: dict[str, StoredCase],
        tally: Tally,
    ) -> None:
        if not due:
            return
        breaches = [one.spec for one in due if one.spec.kind is TimerKind.BREACH]
        if breaches:
            await store_clocks.mark_breached(connection, breaches)
            tally.results.update(
                (spec.metric.value, clocks.Result.BREACHED.value) for spec in breaches
            )
        steps = [(locked[one.spec.case_id], _step(one, now)) for one in due]
        await self._ledger.append(connection, now, steps, tally)


def _step(one: Claimed, now: datetime) -> Step:
    """A breach happened when it was due; a warning happens when it is given."""
    if one.spec.kind is TimerKind.BREACH:
        kind, at = CaseEventKind.BREACHED, one.spec.due_at
    else:
        kind, at = CaseEventKind.WARNED, now
    return Step(kind=kind, at=at, actor=SERVICE, clock=one.spec.metric)
