"""Nothing stuck: feedback without labels in time opens a case that says so."""

from collections.abc import Callable

from heedful.alerting import store_intake
from heedful.alerting.database import Database
from heedful.alerting.openings import Openings
from heedful.alerting.records import UNCLASSIFIED, Classified, Tally
from heedful.alerting.responses import Responses
from heedful.alerting.timers import wait_until

BATCH = 500


class WatchLoop:
    """Takes rows and opens cases in one transaction: a killed process leaves both undone."""

    def __init__(
        self,
        database: Database,
        openings: Openings,
        responses: Responses,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._openings = openings
        self._responses = responses
        self._woken = woken

    async def step(self) -> float:
        tally = Tally()
        async with self._database.intake() as (connection, now):
            late, looked_at = await store_intake.take_due_watches(connection, now, BATCH)
            unclassified = [Classified(one, None, UNCLASSIFIED) for one in late]
            cases = await self._openings.take(connection, now, unclassified, tally)
            await self._responses.match(connection, now, sorted(cases), (), tally)
            wait = wait_until(now, await store_intake.next_watch(connection))
        tally.committed(self._woken)
        return 0.0 if looked_at == BATCH else wait
