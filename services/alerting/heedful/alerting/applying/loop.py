"""Does what was ordered: batch after batch, each a transaction under the locks of its cases.

The row of an application is locked by the replica that works on it. A killed one leaves its batch
undone and the row free, so that another goes on where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases
from heedful.alerting.applying import entries, store
from heedful.alerting.applying.changing import Changed, changes, version_of
from heedful.alerting.applying.steps import Order
from heedful.alerting.applying.store import Application, EndedBy
from heedful.alerting.audit import record
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import Tally
from heedful.alerting.responses import Responses
from heedful.alerting.states import WORKING
from heedful.common.contracts import CaseEventKind

EVERY_S = 1.0
BATCH = 200


class ApplicationLoop:
    """One step does one batch.

    Args:
        woken: called after a commit that others may act on.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        responses: Responses,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._responses = responses
        self._woken = woken

    async def step(self) -> float:
        """Seconds until the next."""
        tally = Tally()
        async with self._database.intake() as (connection, now):
            held = await store.lock_next(connection)
            if held is not None:
                await _Working(self._ledger, self._responses, connection, now, tally).on(held)
        tally.committed(self._woken)
        return EVERY_S if held is None else 0.0


@dataclass(frozen=True, slots=True)
class _Working:
    """One transaction."""

    ledger: Ledger
    responses: Responses
    connection: AsyncConnection
    now: datetime
    tally: Tally

    async def on(self, held: Application) -> None:
        ids = await store.take(self.connection, held, BATCH)
        if ids:
            await self._batch(held, ids)
        elif held.last:
            await self._end(held, EndedBy.DONE)
        else:
            await store.sweep(self.connection, held)

    async def _batch(self, held: Application, ids: list[str]) -> None:
        connection, tenant = self.connection, held.tenant
        locked = await store_cases.lock_cases(connection, ids)
        cases = [one for one in locked.values() if one.case.state in WORKING]
        if not cases:
            return
        version = await version_of(connection, tenant, held.subject, held.calendars)
        book = version.within(await self.ledger.rulebook.book(connection, cases), tenant)
        if not version.active_in(book, tenant, held.subject):
            await self._end(held, EndedBy.SUPERSEDED)
            return
        order = Order(held.actor, held.id)
        found = await changes(connection, self.now, book, cases, version, order)
        steps = [(stored, step) for stored, change in found for step in change.steps]
        after = await self.ledger.append(connection, self.now, steps, self.tally, book)
        for stored, change in found:
            # A second look at what stays as it is counts it no more.
            if change.steps or held.sweeps == 1:
                case = after.get(stored.id, stored).case
                held.summary.add(stored.id, stored.case, case, change, self.now)
        await store.count(connection, held)
        # A contact that came when nothing waited for it fulfils a clock that begins in the past.
        begun = _begun(found)
        await self.responses.match(connection, self.now, begun, (), self.tally)

    async def _end(self, held: Application, ended: EndedBy) -> None:
        await store.finish(self.connection, self.now, held, ended)
        await record(self.connection, self.now, entries.ended(held, ended))


def _begun(found: Changed) -> list[str]:
    """Cases on which a clock was started."""
    kind = CaseEventKind.CLOCK_STARTED
    return [stored.id for stored, change in found if any(one.kind is kind for one in change.steps)]
