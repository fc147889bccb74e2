"""A red notice that nobody has taken in time goes to another endpoint, once.

The copy is a delivery of its own under an id of its own; the first one goes on trying, and says
what stands in for it.
"""

import logging
from collections.abc import Callable

from heedful.alerting import metrics, store_deliveries, store_failover
from heedful.alerting.database import Database
from heedful.alerting.timers import TICK_S

log = logging.getLogger(__name__)

_AT_ONCE = 100


class FailoverLoop:
    """One step passes on what is overdue.

    Args:
        woken: called after a commit that others may act on.
    """

    def __init__(self, database: Database, woken: Callable[[], None]) -> None:
        self._database = database
        self._woken = woken

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            overdue = await store_failover.overdue(connection, now, _AT_ONCE)
            copies = [one.copy for one in overdue if one.copy is not None]
            if copies:
                await store_deliveries.insert_frozen(connection, now, copies)
            if overdue:
                await store_failover.mark(connection, overdue)
        for one in overdue:
            metrics.FAILOVERS.labels("forwarded" if one.copy else "nowhere").inc()
            if one.copy is None:
                log.error(
                    "a red notice is undelivered, and there is no other endpoint",
                    extra={"delivery": one.id, "endpoint": one.endpoint_id},
                )
        if copies:
            self._woken()
        return 0.0 if len(overdue) == _AT_ONCE else TICK_S
