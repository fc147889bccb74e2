"""Items that come in parts: put together when all are there, or when nobody waits any longer."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from heedful.common.db.passing import MAY_PASS, passing
from heedful.common.http.problems import Problem, unavailable
from heedful.common.trace import new_trace
from heedful.ingest.channels import Assembles, Draft, Failed, Malformed
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.connections import Connection
from heedful.ingest.directory import Directory
from heedful.ingest.intake import Intake
from heedful.ingest.store_parts import Group, PartStore

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


class Assembly:
    """Gives groups of parts to intake as items.

    A group leaves the table in the transaction that is committed after the log has its items; if
    the process dies between the two, the items are made again, under the same ids.
    """

    def __init__(
        self,
        store: PartStore,
        directory: Directory,
        intake: Intake,
        adapters: Mapping[str, AnyAdapter],
    ) -> None:
        self._channels = [name for name, one in adapters.items() if isinstance(one, Assembles)]
        self._store = store
        self._directory = directory
        self._intake = intake

    async def step(self) -> float:
        """Step of a loop: all groups that are ready. Returns seconds until the next."""
        try:
            while self._channels and await self._one():
                pass
        except Problem as error:
            log.warning("parts wait", extra={"error": str(error)})
        except MAY_PASS as error:
            if not passing(error):
                raise
            log.warning("parts wait", extra={"error": type(error).__name__})
        return LOOK_EVERY_S

    async def _one(self) -> bool:
        async with self._store.ready(self._channels) as group:
            if group is None:
                return False
            await self._take(group)
            return True

    async def _take(self, group: Group) -> None:
        connection = await self._directory.known(group.connection_id)
        if connection is None:
            raise unavailable("the connection of these parts is not known here yet")
        await self._intake.take(
            connection,
            _items(connection, group),
            received_at=group.received_at,
            now=datetime.now(UTC),
            traceparent=new_trace(),
        )


def _items(connection: Connection, group: Group) -> Sequence[Draft | Failed]:
    adapter = connection.adapter
    try:
        if isinstance(adapter, Assembles):
            return adapter.assemble(group.parts, group.complete, connection.options)
        detail = "its channel takes no parts any more"
    except Malformed as error:
        detail = str(error)
    except Exception as error:  # a plug-in; nothing of it may be lost
        log.error("an adapter failed", extra={"channel": adapter.name}, exc_info=error)
        detail = f"the adapter failed: {type(error).__name__}"
    return [Failed(part.content, detail) for part in group.parts]
