"""Sets timers anew after a calendar has another version.

Whoever is told within working hours is told within those of today. A timer that waits for the hours
of before would find new ones only when it fires: too late, where work begins sooner, and where a
step that is pulled before a closure has to be pulled further.
"""

from typing import Final

from heedful.alerting import store_cases, store_rearming
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger

EVERY_S: Final = 1.0
BATCH: Final = 200


class Rearming:
    """One step does some cases of one tenant, in one transaction under their locks."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    async def step(self) -> float:
        """Seconds until the next."""
        async with self._database.begin() as (connection, _):
            asked = await store_rearming.lock_next(connection)
            if asked is None:
                return EVERY_S
            ids = await store_rearming.open_cases(connection, asked, BATCH)
            cases = (await store_cases.lock_cases(connection, ids)).values() if ids else ()
            book = await self._ledger.rulebook.book(connection, cases)
            clocks = [(one, clock) for one in cases for clock in one.case.clocks if clock.open]
            await self._ledger.rearm(connection, book, clocks)
            last = ids[-1] if len(ids) == BATCH else None
            await store_rearming.reached(connection, asked.tenant, last)
        return 0.0
