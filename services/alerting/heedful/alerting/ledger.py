"""Writes what happens to cases: event, fold, clocks, timers, announcement, notices, all in the
caller's transaction. Whatever is stored of a case is stored here, from the fold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import (
    ladder,
    outbound,
    store_cases,
    store_clocks,
    store_events,
    store_withdrawals,
)
from heedful.alerting.announcing import SERVICE, announcement
from heedful.alerting.case import Case, Step
from heedful.alerting.clocks import Clock, Result
from heedful.alerting.folding import apply
from heedful.alerting.records import Recorded, StoredCase, Tally
from heedful.alerting.rulebook import Active, Book, Rulebook
from heedful.alerting.store_clocks import Timer, TimerKey, TimerKind
from heedful.alerting.stored_clocks import clock_out
from heedful.alerting.storms.gathering import gather
from heedful.common import outbox
from heedful.common.errors import Retryable

_COUNTED = (Result.MET, Result.BREACHED)

Steps = Sequence[tuple[StoredCase, Step]]


class Ledger:
    """Appends steps to cases.

    Args:
        public_url: start of the links in webhooks; None gives links without a host.
    """

    def __init__(self, rulebook: Rulebook, public_url: str | None) -> None:
        self.rulebook = rulebook
        self._base = (public_url or "").rstrip("/")
        self._key_secret: bytes | None = None

    def use_key_secret(self, secret: bytes) -> None:
        """The secret of record keys; must be set before the first step of a case."""
        self._key_secret = secret

    async def open(
        self,
        connection: AsyncConnection,
        now: datetime,
        openings: Steps,
        book: Book,
        tally: Tally,
        untold: list[Recorded] | None = None,
    ) -> set[str]:
        """Open those of the cases that there are not yet; gives their ids.

        Args:
            openings: cases with the step `opened`, after which they are as given.
            untold: takes what the caller passes to `tell`; None: it is told at once.
        """
        fresh = await store_cases.insert_cases(connection, now, [one for one, _ in openings])
        recorded = [Recorded(one, step) for one, step in openings if one.id in fresh]
        await self._write(connection, now, recorded, {}, book, tally, opened=True)
        await self._told(connection, now, recorded, book, tally, untold)
        return fresh

    async def append(
        self,
        connection: AsyncConnection,
        now: datetime,
        steps: Steps,
        tally: Tally,
        book: Book | None = None,
        untold: list[Recorded] | None = None,
    ) -> dict[str, StoredCase]:
        """Append steps to locked cases, in order; gives the cases as they are then.

        Args:
            untold: as of `open`.

        Raises:
            WrongTransition: a state does not allow its step; nothing was written.
        """
        if not steps:
            return {}
        before = {given.id: given.case for given, _ in steps}
        if book is None:
            book = await self.rulebook.book(connection, [given for given, _ in steps])
        current: dict[str, StoredCase] = {}
        recorded = []
        for given, step in steps:
            stored = current.get(given.id, given)
            after = apply(stored.case, step, book.calendars[stored.tenant])
            current[given.id] = replace(stored, case=after)
            recorded.append(Recorded(current[given.id], step))
        heads = await self._write(connection, now, recorded, before, book, tally)
        for id_, stored in current.items():
            current[id_] = replace(stored, head=heads.get(id_))
        await store_cases.update_cases(connection, current.values())
        await self._told(connection, now, recorded, book, tally, untold)
        return current

    async def tell(
        self,
        connection: AsyncConnection,
        now: datetime,
        recorded: Sequence[Recorded],
        active: Mapping[str, Active],
        tally: Tally,
    ) -> None:
        """Find the parents of cases that open, and tell of steps. It comes after the last lock of
        a case, for it locks issues, and who holds a case may wait for its issue."""
        joined = await gather(connection, now, recorded, active)
        tally.silenced += await outbound.tell(connection, now, recorded, self._base, joined)

    async def rearm(
        self, connection: AsyncConnection, book: Book, found: Iterable[tuple[StoredCase, Clock]]
    ) -> None:
        """Set the timers of clocks of locked cases to what they are due for now."""
        await store_clocks.set_timers(
            connection, [_timer(stored, clock, book) for stored, clock in found]
        )

    async def _write(
        self,
        connection: AsyncConnection,
        now: datetime,
        recorded: Sequence[Recorded],
        before: Mapping[str, Case],
        book: Book,
        tally: Tally,
        *,
        opened: bool = False,
    ) -> dict[str, bytes]:
        """The new heads of the cases."""
        if self._key_secret is None:
            raise Retryable("alerting has not started yet")
        if not recorded:
            return {}
        heads = await store_events.insert(connection, now, recorded, opened=opened)
        # Under the row locks of the cases, which keep their order in the outbox as well.
        announced = [announcement(one, now, self._key_secret) for one in recorded]
        await outbox.put(connection, SERVICE, announced)
        tally.events.update(one.step.kind.value for one in recorded)
        cases = {one.stored.id: one.stored for one in recorded}
        await self._write_clocks(connection, now, cases.values(), before, book, tally)
        return heads

    async def _told(
        self,
        connection: AsyncConnection,
        now: datetime,
        recorded: Sequence[Recorded],
        book: Book,
        tally: Tally,
        untold: list[Recorded] | None,
    ) -> None:
        if untold is None:
            await self.tell(connection, now, recorded, book.active, tally)
        else:
            untold += recorded

    async def _write_clocks(
        self,
        connection: AsyncConnection,
        now: datetime,
        cases: Iterable[StoredCase],
        before: Mapping[str, Case],
        book: Book,
        tally: Tally,
    ) -> None:
        rows, timers, stopped = [], [], []
        for stored in cases:
            was = before.get(stored.id)
            # Another rule may have another ladder: what is next of each clock is another step.
            repaced = was is not None and _measure(was) != _measure(stored.case)
            for number, clock in enumerate(stored.case.clocks):
                old = was.clocks[number] if was and number < len(was.clocks) else None
                # Most are the very same; equal ones of another fold are rare.
                if clock is old or clock == old:
                    timers += [_timer(stored, clock, book)] if repaced else []
                    continue
                rows.append(clock_out(stored.id, stored.tenant, number, clock))
                timers.append(_timer(stored, clock, book))
                if old is not None and old.running and not clock.running:
                    stopped.append((stored.tenant, stored.id, clock.metric.value))
                if clock.result in _COUNTED and (old is None or old.result not in _COUNTED):
                    tally.results[clock.metric.value, clock.result.value] += 1
            if stored.case.paused_at != (was.paused_at if was else None):
                timers.append(_pause_timer(stored, book))
        if rows:
            await store_clocks.put_clocks(connection, rows)
        if timers:
            await store_clocks.set_timers(connection, timers)
        if stopped:
            await store_withdrawals.withdraw(connection, now, stopped)


def _measure(case: Case) -> tuple[str | None, str | None]:
    return case.policy, case.rule


def _timer(stored: StoredCase, clock: Clock, book: Book) -> Timer:
    key = TimerKey(TimerKind.CLOCK, stored.id, clock.metric.value, clock.cycle)
    return Timer(key, ladder.next_at(clock, book.pace(stored), book.calendars[stored.tenant]))


def _pause_timer(stored: StoredCase, book: Book) -> Timer:
    key = TimerKey(TimerKind.PAUSE, stored.id)
    if stored.case.paused_at is None:
        return Timer(key, None)
    left = book.policy(stored).pause_budget - stored.case.pause_used
    return Timer(key, stored.case.paused_at + left)
