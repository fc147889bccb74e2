"""Links administrative changes of other services into the chains of their tenants."""

from typing import Final

from heedful.alerting.audit.store_entries import record
from heedful.alerting.database import Database
from heedful.common import administration

EVERY_S: Final = 5.0
AT_ONCE: Final = 500


class Recording:
    """One step takes what waits. Any number of replicas run this; each entry is linked once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            entries = await administration.take(connection, AT_ONCE)
            await record(connection, now, *entries)
        return 0.0 if len(entries) == AT_ONCE else EVERY_S
