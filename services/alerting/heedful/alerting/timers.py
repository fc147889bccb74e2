"""Durable timers: steps of the ladder, on time, once, also after a downtime.

Claim and firing are two transactions: the claim leases timers, the firing locks the cases and
then only those timers that are still ours by their fence. So any number of replicas run this,
a killed one's timers are due again when its lease ends, and a fulfilment that comes first wins.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from heedful.alerting import ladder, metrics, store_cases, store_clocks
from heedful.alerting.case import SERVICE, Step
from heedful.alerting.clocks import Clock
from heedful.alerting.database import Database
from heedful.alerting.ladder import Reached
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import StoredCase, Tally
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Book
from heedful.alerting.store_clocks import Claimed, TimerKey, TimerKind
from heedful.common.contracts import CaseEventKind, ClockMetric

log = logging.getLogger(__name__)

TICK_S = 1.0
LEASE = timedelta(seconds=15)
BATCH = 500
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
        """Of a backlog two batches at one time: while one is written the other is thought of."""
        claimed, wait = await self.claim()
        batches = [claimed]
        if len(claimed) == BATCH:
            claimed, wait = await self.claim()
            batches.append(claimed)
        fired = await asyncio.gather(
            *(self.fire(one) for one in batches if one), return_exceptions=True
        )
        for error in fired:
            if error is not None:
                raise error
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
        tally = Tally()
        async with self._database.intake() as (connection, now):
            cases = await store_cases.lock_cases(connection, {one.key.case_id for one in claimed})
            # A contact that was handled while the case was being opened counts here at last.
            cases |= await self._responses.match(connection, now, sorted(cases), (), tally)
            held = await store_clocks.held(connection, self._worker, claimed)
            book = await self._ledger.rulebook.book(connection, cases.values())
            due = _Due(book, now)
            for one in held:
                due.look_at(one.key, cases[one.key.case_id])
            await self._ledger.append(connection, now, due.steps, tally, book)
            # What leads to no step is due at another time, or not any more.
            await self._ledger.rearm(connection, book, due.idle)
        for one in held:
            metrics.TIMER_LATENESS.observe(max(0.0, (now - one.due_at).total_seconds()))
        if len(held) < len(claimed):
            log.info("timers were not ours any more", extra={"count": len(claimed) - len(held)})
        tally.committed(self._woken)


@dataclass(slots=True)
class _Due:
    """What timers that are due lead to, now."""

    book: Book
    now: datetime
    steps: list[tuple[StoredCase, Step]] = field(default_factory=list)
    idle: list[tuple[StoredCase, Clock]] = field(default_factory=list)

    def look_at(self, key: TimerKey, stored: StoredCase) -> None:
        if key.kind is TimerKind.PAUSE:
            if stored.case.paused_at is not None:
                self.steps.append((stored, _resumption(self.now)))
            return
        clock = stored.case.run(ClockMetric(key.metric), key.cycle)
        if clock is None:
            return
        pace, calendars = self.book.pace(stored), self.book.calendars[stored.tenant]
        found = ladder.reached(clock, pace, calendars, self.now)
        self.steps += [(stored, _step(one, clock, self.now)) for one in found]
        if not found:
            self.idle.append((stored, clock))


def _step(one: Reached, clock: Clock, now: datetime) -> Step:
    """A breach happened when it was due; what is told happens when it is told."""
    return Step(
        kind=one.kind,
        at=one.at if one.kind is CaseEventKind.BREACHED else now,
        actor=SERVICE,
        clock=clock.metric,
        cycle=clock.cycle,
        rung=one.name,
        notify=one.notify,
        tell_at=one.tell_at,
    )


def _resumption(now: datetime) -> Step:
    return Step(
        kind=CaseEventKind.RESUMED, at=now, actor=SERVICE, detail={"reason": "pause_budget"}
    )
